"""GitHub and Azure DevOps: what becomes an annotation, and that no text from outside becomes a command."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.model.answer import answer
from doctor.model.format import Style
from reports import azure_devops, github
from tests.reports import samples

if TYPE_CHECKING:
    from doctor.model.report import Report

PLAIN = Style()
# As the runners read it: GitHub a line that begins with :: or holds ##[; Azure Pipelines ##vso[ anywhere.
GITHUB = re.compile(r"^::(error|warning) (?:file=([^:,\r\n]*),line=1,)?title=([^:,\r\n]*)::(.*)$")
AZURE = re.compile(r"^##vso\[task\.logissue type=(error|warning);(?:sourcepath=([^;\]]*);linenumber=1;)?\](.*)$")


def _severities(format_: object, sample: Report) -> list[str]:
    pattern, module = (GITHUB, github) if format_ is github else (AZURE, azure_devops)
    found = [pattern.match(line) for line in module.render(sample, PLAIN).splitlines()[:-1]]
    assert all(found), "every line but the last is an annotation"
    return [match[1] for match in found if match]


@pytest.mark.parametrize("module", [github, azure_devops])
def test_who_becomes_an_annotation(module: object) -> None:
    assert _severities(module, samples.HEALTHY) == []
    assert _severities(module, samples.BROKEN) == ["error", "warning", "warning"], "one for the cause that explains two"
    assert _severities(module, samples.CRASHING) == ["error", "warning"]
    assert _severities(module, samples.UNDECIDED) == ["warning", "warning"]


@pytest.mark.parametrize("module", [github, azure_devops])
def test_the_root_cause_comes_first_and_the_verdict_last(module: object) -> None:
    lines = (github if module is github else azure_devops).render(samples.BROKEN, PLAIN).splitlines()
    assert "Owner does not include calling it." in lines[0]
    assert "run: az role assignment create " in lines[0]
    assert lines[-1] == f"agentdoctor: FAIL: {answer(samples.BROKEN)} Exit code 1."


def test_github_shows_ten_of_a_kind_and_says_what_is_left() -> None:
    lines = github.render(samples.many(25), PLAIN).splitlines()
    for severity in ("error", "warning"):
        shown = [line for line in lines if line.startswith(f"::{severity} ")]
        assert len(shown) == 10
        assert f"16 more results of severity {severity} are in the summary of this job" in shown[-1]
    exactly = github.render(samples.many(10), PLAIN)
    assert exactly.count("::error ") == 10
    assert "more results" not in exactly


def test_azure_shows_them_all() -> None:
    assert azure_devops.render(samples.many(25), PLAIN).count("##vso[task.logissue type=error;]") == 25


def test_an_anchor_is_where_annotations_point() -> None:
    style = Style(anchor="infra/main.bicep")
    assert "::error file=infra/main.bicep,line=1,title=" in github.render(samples.BROKEN, style)
    assert "type=error;sourcepath=infra/main.bicep;linenumber=1;]" in azure_devops.render(samples.BROKEN, style)


def test_the_exact_escapes() -> None:
    finding = dataclasses.replace(
        samples.NO_ACCESS.finding, summary="100%; a,b: [c]", evidence=(), fixes=(), decisions=()
    )
    sample = samples.make(dataclasses.replace(samples.NO_ACCESS, finding=finding.about("50%,;]x"), docs=""))
    assert github.render(sample, PLAIN).splitlines()[0] == (
        "::error title=agentdoctor%3A FAIL caller-access%3A50%25%2C;]x::100%25; a,b: [c]%0Acause: role-lacks-action"
    )
    assert azure_devops.render(sample, Style(anchor="a;b].c")).splitlines()[0] == (
        "##vso[task.logissue type=error;sourcepath=a%3Bb%5D.c;linenumber=1;]"
        "agentdoctor: FAIL caller-access:50%AZP25,;]x%0A100%AZP25; a,b: [c]%0Acause: role-lacks-action"
    )
    assert azure_devops.upload("/agent/50%/x.md") == "##vso[task.uploadsummary]/agent/50%AZP25/x.md\n"


pieces = st.sampled_from(
    [
        "::",
        "::error::",
        "##vso[task.complete]",
        "##[error]",
        "\n",
        "\r",
        "\r\n",
        "%",
        "%0A",
        "%25",
        ",",
        ";",
        "]",
        "\u2028",
        "\x85",
        "#",
        " ",
    ]
)


@settings(deadline=None)
@given(st.lists(pieces | st.text(max_size=3), min_size=1, max_size=8).map("".join))
def test_no_text_from_outside_becomes_a_command(text: str) -> None:
    if not text.strip():
        return
    sample = samples.hostile(text)
    style = Style(anchor=text if text.isprintable() else "")
    expected = ["error", "error", "warning", "warning"]
    told = github.render(sample, style)
    obeyed = [line for line in re.split(r"[\r\n]", told) if line.lstrip().startswith("::")]
    assert [match[1] for line in obeyed if (match := GITHUB.match(line))] == expected
    assert len(obeyed) == len(expected)
    assert "##[" not in told
    assert not re.search(r"##[A-Za-z]*\[", told)
    told = azure_devops.render(sample, style)
    assert told.count("##vso[") == len(re.findall(r"^##vso\[task\.logissue ", told, re.MULTILINE)) == len(expected)
    assert "##[" not in told
    assert [match[1] for line in told.splitlines() if (match := AZURE.match(line))] == expected


@pytest.mark.parametrize("module", [github, azure_devops])
def test_the_summary_is_the_markdown_within_its_limit(module: object) -> None:
    summary = (github if module is github else azure_devops).report.summary
    assert summary is not None
    assert summary(samples.BROKEN, PLAIN).startswith("## ✗ FAIL: `contoso-ai/support/helper`")
    assert len(summary(samples.many(4000), PLAIN).encode()) <= 1024 * 1024


def test_the_formats_say_what_they_are() -> None:
    assert (github.report.name, azure_devops.report.name) == ("github", "azure-devops")
