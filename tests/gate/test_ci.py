"""CI systems are recognised, and get their annotations and summary besides what was asked for."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.cli.ci import detect

if TYPE_CHECKING:
    from tests.gate.conftest import Azure

GITHUB = {"GITHUB_ACTIONS": "true"}
AZURE = {"TF_BUILD": "True"}


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, None),
        (GITHUB, "github"),
        (AZURE, "azure-devops"),
        ({"GITHUB_ACTIONS": "false"}, None),
        ({"TF_BUILD": ""}, None),
        ({"CI": "true", "GITLAB_CI": "true"}, None),
    ],
)
def test_detection(environ: dict[str, str], name: str | None) -> None:
    assert detect(environ) == name


def annotations(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(("::error", "::warning", "##vso[task.logissue"))]


def test_github_gets_annotations_and_a_summary_beside_the_text(here: Path, lost: Azure) -> None:
    summary = here / "summary.md"
    summary.write_text("an earlier step\n")
    ended = lost.check(env={**GITHUB, "GITHUB_STEP_SUMMARY": str(summary)})
    assert ended.exit_code == 1
    assert "To change: " in ended.stdout
    assert len(annotations(ended.stdout)) == 1
    assert "::error title=agentdoctor" in annotations(ended.stdout)[0]
    page = summary.read_text()
    assert page.startswith("an earlier step\n## ")
    assert "lost-on-publish" in page


def test_azure_pipelines_gets_issues_and_an_uploaded_summary(here: Path, lost: Azure) -> None:
    ended = lost.check(env={**AZURE, "AGENT_TEMPDIRECTORY": str(here)})
    assert len(annotations(ended.stdout)) == 1
    (uploaded,) = re.findall(r"^##vso\[task\.uploadsummary\](.+)$", ended.stdout, re.MULTILINE)
    assert Path(uploaded).parent == here
    assert "lost-on-publish" in Path(uploaded).read_text()


@pytest.mark.parametrize("environ", [GITHUB, AZURE])
def test_a_report_for_a_program_stays_whole(here: Path, lost: Azure, environ: dict[str, str]) -> None:
    ended = lost.check("--format", "json", env={**environ, "AGENT_TEMPDIRECTORY": str(here)})
    assert json.loads(ended.stdout)["exit_code"] == 1
    assert len(annotations(ended.stderr)) == 1


def test_what_is_asked_for_already_is_not_said_twice(here: Path, lost: Azure) -> None:
    summary = here / "summary.md"
    ended = lost.check("--format", "github", env={**GITHUB, "GITHUB_STEP_SUMMARY": str(summary)})
    assert len(annotations(ended.stdout)) == 1
    assert annotations(ended.stderr) == []
    assert summary.exists()


def test_no_ci_turns_it_off(here: Path, lost: Azure) -> None:
    summary = here / "summary.md"
    ended = lost.check("--no-ci", env={**GITHUB, "GITHUB_STEP_SUMMARY": str(summary)})
    assert annotations(ended.stdout + ended.stderr) == []
    assert not summary.exists()


def test_a_summary_that_cannot_be_written_is_said_and_changes_nothing(here: Path, lost: Azure) -> None:
    ended = lost.check(env={**GITHUB, "GITHUB_STEP_SUMMARY": str(here)})
    assert ended.exit_code == 1
    assert "The summary for github could not be written" in ended.stderr


def test_annotations_point_to_the_anchor(here: Path, lost: Azure) -> None:
    ended = lost.check("--sarif-anchor", "infra/main.bicep", env=GITHUB)
    assert all("file=infra/main.bicep,line=1" in line for line in annotations(ended.stdout))
