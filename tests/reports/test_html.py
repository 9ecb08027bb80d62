"""The HTML format as text: one file, nothing asked for, nothing let in. How it behaves is tested in tests/browser."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.model.access import Access, Decision
from doctor.model.cause import Cause
from doctor.model.codec import NotAReport
from doctor.model.document import from_document
from doctor.model.finding import Finding, failed, passed, unknown
from doctor.model.format import Style
from doctor.model.report import Report, RootCause
from doctor.model.status import Status
from reports import story
from reports.html import embedded, render, report
from reports.html.picture import picture, short
from tests.reports import samples

VOID = {"meta", "input", "br", "link"}


class Page(HTMLParser):
    """The page as a browser's tokenizer sees it: elements, their attributes, texts of raw elements."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self) -> str:
        return " ".join(" ".join(data for tag, data in self.texts if tag not in {"script", "style"}).split())


def _page(sample: Report) -> Page:
    return Page(render(sample, Style()))


@pytest.mark.parametrize("sample", samples.ALL.values(), ids=samples.ALL)
def test_every_page_is_well_formed_has_one_title_and_unique_ids(sample: Report) -> None:
    page = _page(sample)
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [a["href"] for a in page.named("a") if str(a["href"]).startswith("#")]
    assert {str(target)[1:] for target in targets} <= set(ids), "every link inside the page leads somewhere"
    headings = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(headings))


@pytest.mark.parametrize("sample", samples.ALL.values(), ids=samples.ALL)
def test_the_report_inside_is_the_report(sample: Report) -> None:
    assert from_document(embedded(render(sample, Style()))) == sample


def test_the_policy_allows_only_the_style_and_script_of_the_page() -> None:
    text = render(samples.BROKEN, Style())
    policy = next(m["content"] for m in Page(text).named("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    for element in ("style", "script"):
        inline = re.search(f"<{element}>(.*?)</{element}>", text, re.DOTALL)
        assert inline is not None
        digest = base64.b64encode(hashlib.sha256(inline[1].encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_nothing_is_fetched_and_nothing_is_styled_or_scripted_inline() -> None:
    for sample in (*samples.ALL.values(), *(samples.hostile(text) for text in samples.HOSTILE)):
        page = _page(sample)
        for tag, attributes in page.elements:
            assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form", "use", "image", "video"}
            assert not {"src", "srcset", "style", "action", "background", "xlink:href"} & set(attributes)
            assert not any(name.startswith("on") for name in attributes)
            assert tag == "a" or "href" not in attributes
        for link in page.named("a"):
            assert re.match(r"#|https?://", str(link["href"]))
        assert len(page.named("script")) == 2


def test_the_first_screen_holds_verdict_root_cause_command_and_who_must_run_it() -> None:
    text = _page(samples.BROKEN).text()
    parts = ["FAIL", "2 of 7 results failed.", "The one thing to change", samples.ROOT.summary]
    parts += [samples.GRANT_FIX.command, "Who may run it", samples.GRANT_FIX.needs, "Who is who", "Results"]
    places = []
    for part in parts:
        places.append(text.index(part, places[-1] if places else text.index("This run")))
    assert places == sorted(places)


def test_failures_are_open_passes_folded_and_unknowns_never_folded() -> None:
    page = _page(samples.make(*samples.BROKEN.results, samples.CRASHED))
    shown = {
        attributes["data-status"]: (tag, "open" in attributes)
        for tag, attributes in page.elements
        if "data-status" in attributes
    }
    assert shown == {
        "pass": ("details", False),
        "skip": ("details", False),
        "fail": ("details", True),
        "warn": ("details", True),
        "unknown": ("div", False),
        "error": ("div", False),
    }


def test_every_check_has_an_anchor_of_its_own() -> None:
    page = _page(samples.many(3))
    ids = {attributes["id"] for _, attributes in page.elements if "data-status" in attributes}
    assert len(ids) == 9
    assert {"check-downstream-access-connection-0000", "check-token-connection-0002"} <= ids
    same = samples.make(samples.TOKEN, samples.TOKEN, samples.result("token", samples.passed("x").about("..")))
    ids = [attributes["id"] for _, attributes in _page(same).elements if "data-status" in attributes]
    assert ids == ["check-token", "check-token-2", "check-token-3"]


def _realistic() -> Report:
    downstream = [
        samples.result("downstream-access", dataclasses.replace(samples.NO_ACCESS.finding, subject=f"connection-{n}"))
        for n in range(10)
    ]
    return dataclasses.replace(
        samples.BROKEN, results=(*samples.BROKEN.results, *downstream), exchanges=samples.EXCHANGES * 8
    )


def test_a_report_with_ten_failing_downstream_resources_stays_under_200_kilobytes() -> None:
    assert len(render(_realistic(), Style()).encode()) < 200_000


def test_many_requests_are_cut_short_with_their_number() -> None:
    page = _page(dataclasses.replace(samples.BROKEN, exchanges=samples.EXCHANGES * 50))
    assert "The other 80 requests are in the JSON report inside this page." in page.text()
    assert (
        len(
            embedded(render(dataclasses.replace(samples.BROKEN, exchanges=samples.EXCHANGES * 50), Style()))[
                "exchanges"
            ]
        )
        == 200
    )


@pytest.mark.parametrize("text", samples.HOSTILE, ids=range(len(samples.HOSTILE)))
def test_hostile_names_stay_text(text: str) -> None:
    sample = samples.hostile(text)
    page, calm = _page(sample), _page(samples.hostile("calm"))
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in calm.elements}
    assert page.open == []
    assert from_document(embedded(render(sample, Style()))) == sample
    written = render(sample, Style())
    assert not [char for char in written if char != "\n" and not char.isprintable()]


pieces = st.sampled_from(
    ["<", ">", "&", '"', "'", "</script>", "<!--", "]]>", "##vso[", "\n::x", "{{", "%}", "\u2028", "&lt;", "\\"]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(pieces | st.text(max_size=2), max_size=6).map("".join))
def test_any_name_stays_text(text: str) -> None:
    if not text.strip():
        return
    sample = samples.hostile(text)
    written = render(sample, Style())
    page = Page(written)
    assert page.open == []
    assert len(page.named("script")) == 2
    assert not re.search(r"##|^\s*::", written, re.MULTILINE)
    assert from_document(embedded(written)) == sample


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "carries no JSON report"),
        ("<p>hello</p>", "carries no JSON report"),
        ('<script type="application/json" id="agentdoctor-report">{"a":</script>', "damaged"),
    ],
)
def test_a_page_without_a_report_is_refused(text: str, said: str) -> None:
    with pytest.raises(NotAReport, match=said):
        embedded(text)


def _drawing(decision: Decision) -> str:
    return picture(decision, samples.IDENTITIES, "1", wide=True)


def test_a_picture_of_what_is_granted_is_an_open_way() -> None:
    drawn = _drawing(samples.GRANTED_ACCESS)
    assert "Foundry User" in drawn
    assert 'class="tip open"' in drawn
    assert "stop" not in drawn
    assert "granted: Foundry User on the account grants it." in drawn


def test_a_picture_of_what_is_refused_ends_at_a_cross() -> None:
    drawn = _drawing(samples.DENIED_ACCESS)
    assert "ada@contoso.com" in drawn
    assert 'class="stop"' in drawn
    assert "tip" not in drawn


@pytest.mark.parametrize(
    ("access", "kind", "title"),
    [
        (Access.UNKNOWN, "perhaps", "not known"),
        (Access.CONDITIONAL, "perhaps", "conditional"),
        (Access.NOT_GRANTED, "closed", "no role that helps"),
    ],
)
def test_a_picture_without_any_role_says_so_and_never_looks_granted(access: Access, kind: str, title: str) -> None:
    bare = dataclasses.replace(
        samples.DENIED_ACCESS, access=access, near_misses=(), grants=(), cause=Cause.NO_ASSIGNMENT
    )
    drawn = _drawing(bare)
    assert f'class="box {kind}"' in drawn
    assert title in drawn
    assert "open" not in drawn


def test_a_conditional_grant_is_not_drawn_as_granted() -> None:
    drawn = _drawing(dataclasses.replace(samples.GRANTED_ACCESS, access=Access.CONDITIONAL))
    assert 'class="tip perhaps"' in drawn
    assert "open" not in drawn


def test_what_another_identity_holds_breaks_before_the_role() -> None:
    miss = dataclasses.replace(samples.DENIED_ACCESS.near_misses[0], cause=Cause.LOST_ON_PUBLISH)
    here, there = (
        _drawing(dataclasses.replace(samples.DENIED_ACCESS, near_misses=misses))
        for misses in (samples.DENIED_ACCESS.near_misses, (miss,))
    )
    cross = [float(found[1]) for drawn in (here, there) if (found := re.search(r'class="stop" cx="(\d+)"', drawn))]
    assert cross[1] < 320 < cross[0]


@pytest.mark.parametrize(
    ("finding", "kind"),
    [
        (
            failed(Cause.RBAC_NOT_HONOURED, "It takes keys only.", decisions=(samples.GRANTED_ACCESS,)),
            "closed",
        ),
        (unknown(Cause.CANNOT_READ, "Its switch was not read.", decisions=(samples.GRANTED_ACCESS,)), "perhaps"),
        (passed("It is granted.", decisions=(samples.GRANTED_ACCESS,)), "open"),
    ],
)
def test_a_failure_behind_a_granted_role_is_no_open_way(finding: Finding, kind: str) -> None:
    drawn = render(samples.make(samples.result("one", finding)), Style())
    assert f'class="box {kind}"' in drawn
    assert ('class="tip open"' in drawn) is (kind == "open")
    told = drawn.partition('class="picture')[2].partition("</svg>")[0]
    assert (finding.summary.split()[-1] in told) is (kind != "open")


def test_the_first_picture_shows_what_is_refused_and_not_what_another_has() -> None:
    finding = failed(Cause.LOST_ON_PUBLISH, "Lost.", decisions=(samples.GRANTED_ACCESS, samples.DENIED_ACCESS))
    root = RootCause(Cause.LOST_ON_PUBLISH, "one", "", "Lost.", Status.FAIL)
    drawn = render(samples.make(samples.result("one", finding), root_causes=(root,)), Style())
    first = drawn.partition('id="verdict"')[2].partition("</section>")[0]
    assert "Owner" in first
    assert 'class="stop"' in first
    assert 'class="tip open"' not in first


def test_a_text_that_a_box_cannot_hold_ends_with_an_ellipsis_and_a_long_word_flows_on() -> None:
    long_ = dataclasses.replace(samples.DENIED_ACCESS.near_misses[0], reason=f"{'x' * 45}, then " + "word " * 200)
    drawn = _drawing(dataclasses.replace(samples.DENIED_ACCESS, near_misses=(long_,)))
    lines = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    assert any(line.endswith("…") for line in lines)
    assert not any(set(line) <= {"x", ","} and len(line) < 20 for line in lines)


def test_more_ways_than_a_picture_can_hold_are_counted() -> None:
    crowd = dataclasses.replace(samples.DENIED_ACCESS, near_misses=samples.DENIED_ACCESS.near_misses * 9)
    assert "and 6 more ways" in _drawing(crowd)


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (samples.APPLICATION, "application helper"),
        (samples.SEARCH, "search service contoso-search"),
        ("/subscriptions/1/resourceGroups/rg", "resource group rg"),
        ("/providers/Microsoft.Management/managementGroups/top", "management group top"),
        ("/subscriptions/1/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/reg", "registry reg"),
        ("/subscriptions/1/resourceGroups/rg/providers/M.Search/searchServices/s/indexes/books", "index books"),
        ("/", "the root scope"),
        ("", "the root scope"),
        ("odd", "odd"),
    ],
)
def test_a_scope_in_words(scope: str, words: str) -> None:
    assert short(scope) == words


def test_a_root_cause_without_fix_says_so() -> None:
    bare = samples.make(
        samples.SEARCH_UNKNOWN,
        root_causes=(RootCause(Cause.CANNOT_READ, "downstream-access", "search-conn", "Not known.", Status.UNKNOWN),),
    )
    text = _page(bare).text()
    assert "The first thing to settle Not known. There is no command for this." in text


def test_the_format_says_what_it_is() -> None:
    assert (report.name, report.extension, report.media_type) == ("html", "html", "text/html")


def test_the_answer_who_and_when_and_the_picture_are_in_the_first_screen() -> None:
    page = render(dataclasses.replace(samples.BROKEN, simulated=True), Style())
    head = page.partition("</header>")[0]
    assert "(simulated, not Azure)" in head
    assert "2026" in head.partition('class="occasion"')[2][:200]
    verdict = page.partition('id="verdict-title"')[2].partition("</section>")[0]
    assert verdict.index("No: ") < verdict.index("<figure>") < verdict.index('class="order"')


def test_a_command_has_an_option_on_each_line_and_is_copied_whole() -> None:
    assert " ".join(story.options(samples.GRANT_FIX.command)) == samples.GRANT_FIX.command
    assert '<span class="option">--role' in render(samples.BROKEN, Style())


def test_what_was_meant_to_be_refused_is_not_red() -> None:
    assert story.intended_refusals(samples.HEALTHY) <= {one.number for one in samples.HEALTHY.exchanges}
