"""The page: what the template needs, computed from the report, and a policy that lets nothing in or out."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import BaseLoader, Environment, StrictUndefined, Template
from markupsafe import Markup

from doctor.model.access import Access
from doctor.model.status import Status
from doctor.model.untrusted import visible
from reports import story
from reports.disarm import disarm_markup
from reports.html.embed import embed
from reports.html.picture import Block, picture
from reports.states import OF_VERDICT, STATES, WORST_FIRST, State

if TYPE_CHECKING:
    from doctor.model.finding import Result
    from doctor.model.format import Style
    from doctor.model.report import Report

SHOWN_REQUESTS = 120
"""The page lists this many requests; the JSON report inside it holds them all."""
ROOM = 45_000
"""Characters that the pictures may take, so that the page stays under 200 KB."""
OPEN = frozenset({Status.FAIL, Status.WARN})
NEVER_FOLDED = frozenset({Status.UNKNOWN, Status.ERROR})


@dataclass(frozen=True, slots=True)
class Item:
    """A result as the page shows it."""

    result: Result
    state: State
    anchor: str
    """Id of its element, unique on the page."""
    foldable: bool
    opened: bool
    docs: str
    """Address of its documentation, or "" when that is no web address."""
    pictures: list[Markup]
    """One for each access decision, perhaps empty."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One request in the timeline, its place and length in thousandths of the run."""

    number: int
    what: str
    outcome: str
    detail: str
    plane: str
    failed: bool
    times: str
    x: float
    width: float


def page(report: Report, style: Style) -> str:
    """The whole page; needs no other file and asks for none."""
    del style
    css, script = _asset("page.css"), _asset("page.js")
    items = _items(report)
    text = _template().render(
        report=report,
        css=css,
        script=script,
        policy=_policy(css, script),
        data=Markup(embed(report)),  # noqa: S704 - ASCII JSON without <, > and &
        story=story,
        steps=story.plan(report),
        answer=story.headline_and_reason(report),
        verdict=STATES[OF_VERDICT[report.verdict]],
        counts=[(STATES[status], status, report.count(status)) for status in WORST_FIRST if report.count(status)],
        groups=_grouped(items),
        gaps=story.not_verified(report),
        anchors={item.result.reference: item.anchor for item in reversed(items)},
        first=_first_picture(report, items),
        bars=_bars(report),
        states=STATES,
    )
    return disarm_markup(text.lstrip())


def _items(report: Report) -> list[Item]:
    taken: set[str] = set()
    anchors = [_anchor(result.reference, taken) for result in report.results]
    drawn = _drawn(report, anchors)
    return [
        Item(
            result,
            STATES[result.status],
            anchor,
            result.status not in NEVER_FOLDED,
            result.status in OPEN,
            result.docs if re.fullmatch(r"https?://[!-~]+", result.docs) else "",
            drawn[anchor],
        )
        for result, anchor in zip(report.results, anchors, strict=True)
    ]


def _drawn(report: Report, anchors: list[str]) -> dict[str, list[Markup]]:
    """The pictures of each result; when there are too many for one page, what passed goes without."""
    drawn: dict[str, list[Markup]] = {}
    spent = 0
    by_need = sorted(zip(report.results, anchors, strict=True), key=lambda pair: WORST_FIRST.index(pair[0].status))
    for result, anchor in by_need:
        drawn[anchor] = []
        for number, decision in enumerate(result.finding.decisions):
            drawing = Markup("")
            if spent < ROOM:
                block = _block(result)
                drawing = picture(decision, report.identities, f"{anchor}-{number}", wide=False, block=block)
            spent += len(drawing)
            drawn[anchor].append(drawing)
    return drawn


def _block(result: Result) -> Block | None:
    """What stands in the way when no role does: the result is no pass although every decision says yes."""
    granted = all(decision.access is Access.GRANTED for decision in result.finding.decisions)
    if not granted or result.status not in {Status.FAIL, Status.UNKNOWN}:
        return None
    return Block("closed" if result.status is Status.FAIL else "perhaps", result.finding.summary)


def _anchor(reference: str, taken: set[str]) -> str:
    base = "check-" + (re.sub(r"[^a-z0-9]+", "-", reference.lower()).strip("-") or "unnamed")[:80]
    anchor, number = base, 1
    while anchor in taken:
        number += 1
        anchor = f"{base}-{number}"
    taken.add(anchor)
    return anchor


def _grouped(items: list[Item]) -> dict[str, list[Item]]:
    grouped: dict[str, list[Item]] = {}
    for item in items:
        grouped.setdefault(item.result.group or "Other", []).append(item)
    return grouped


def _first_picture(report: Report, items: list[Item]) -> Markup:
    """The picture of the first root cause, for the first screen."""
    if report.root_causes:
        root = report.root_causes[0]
        for item in items:
            if (item.result.check, item.result.finding.subject) == (root.check, root.subject):
                decisions, block = item.result.finding.decisions, _block(item.result)
                # A yes stands beside a no for comparison only: what the other identity has.
                for decision in sorted(decisions, key=lambda one: one.access is Access.GRANTED)[:1]:
                    return Markup("").join(
                        picture(decision, report.identities, f"first-{wide}", wide=wide, block=block)
                        for wide in (True, False)
                    )
    return Markup("")


def _bars(report: Report) -> list[Bar]:
    shown = sorted(report.exchanges, key=lambda one: (one.started_ms, one.number))[:SHOWN_REQUESTS]
    intended = story.intended_refusals(report)
    total = max((exchange.started_ms + exchange.duration_ms for exchange in shown), default=0) or 1
    bars = []
    for exchange in shown:
        outcome = str(exchange.status) if exchange.status is not None else "no answer"
        attempt = f"attempt {exchange.attempt}" if exchange.attempt > 1 else ""
        request_id = f"request id {exchange.request_id}" if exchange.request_id else ""
        bars.append(
            Bar(
                exchange.number,
                f"{exchange.method} {exchange.url}",
                outcome,
                ", ".join(part for part in (exchange.error, attempt, request_id) if part),
                exchange.plane,
                (exchange.status is None or exchange.status >= 400) and exchange.number not in intended,
                f"{exchange.started_ms} ms, took {exchange.duration_ms} ms",
                round(1000 * exchange.started_ms / total, 1),
                round(max(4.0, 1000 * exchange.duration_ms / total), 1),
            )
        )
    return bars


def _policy(css: str, script: str) -> str:
    """The Content-Security-Policy: this style sheet and this script, and nothing else from anywhere."""
    return (
        f"default-src 'none'; style-src {_hash(css)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@functools.cache
def _asset(name: str) -> Markup:
    return Markup((files("reports.html") / name).read_text(encoding="utf-8"))  # noqa: S704 - a file of this package


@functools.cache
def _template() -> Template:
    environment = Environment(
        loader=BaseLoader(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    return environment.from_string(_asset("page.html.j2"))


def _shown(value: object) -> object:
    """What is printed is visible: no control or direction mark of a server gets into the page."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
