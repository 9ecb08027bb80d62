"""`agentdoctor report`: a saved report told again, from JSON and out of HTML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.gate.conftest import Azure, invoke

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def saved(here: Path, lost: Azure) -> Path:
    lost.check("--report", "json=report.json", "--report", "html=report.html")
    return here


def test_json_and_html_give_the_same_report_in_every_format(saved: Path) -> None:
    for name in ("text", "json", "markdown", "junit", "sarif", "github", "azure-devops"):
        from_json = invoke("report", "report.json", "--format", name)
        from_html = invoke("report", "report.html", "--format", name)
        assert from_json.exit_code == from_html.exit_code == 0
        assert from_json.stdout == from_html.stdout
        assert from_json.stdout
    assert invoke("report", "report.html", "-f", "json").stdout == (saved / "report.json").read_text()


def test_a_report_is_read_from_standard_input_and_written_to_files(saved: Path) -> None:
    ended = invoke("report", "-", "-o", "again.html", stdin=(saved / "report.json").read_bytes())
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert invoke("report", "again.html", "-f", "json").stdout == (saved / "report.json").read_text()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_powershell_wrote_is_read(saved: Path, encoding: str) -> None:
    (saved / "odd.json").write_text((saved / "report.json").read_text(), encoding=encoding)
    assert "lost-on-publish" in invoke("report", "odd.json").stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "neither a JSON report nor an HTML report"),
        (b"{", "neither a JSON report nor an HTML report"),
        (b"[]", "is not a JSON object"),
        (b'{"schema": "agentdoctor/report/2"}', "its schema is 'agentdoctor/report/2'"),
        (b'{"schema": "agentdoctor/report/1"}', "tool is not a JSON object"),
        (b"<html></html>", "it carries no JSON report"),
        (b"\xff\x00\x00", "is not text in UTF-8"),
        (b"[" * 100_000, "is larger, or nested deeper"),
    ],
)
def test_what_is_no_report_is_a_usage_error(here: Path, content: bytes, said: str) -> None:
    (here / "x").write_bytes(content)
    ended = invoke("report", "x")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert said in " ".join(ended.stderr.split())


def test_an_anchor_is_told_relative_with_slashes(saved: Path) -> None:
    (saved / "infra").mkdir()
    anchor = saved / "infra" / "main.bicep"
    log = json.loads(invoke("report", "report.json", "-f", "sarif", "--sarif-anchor", str(anchor)).stdout)
    places = [one["locations"][0]["physicalLocation"] for one in log["runs"][0]["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"infra/main.bicep"}
    outside = invoke("report", "report.json", "--sarif-anchor", "/etc/hosts")
    assert (outside.exit_code, "not below the current folder" in outside.stderr) == (2, True)


def test_a_file_that_cannot_be_written_is_said_before_anything_is_asked(here: Path, healthy: Azure) -> None:
    ended = healthy.check("--report", "html=missing/report.html")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert not healthy.simulator.requests
