"""The committed reference is what the code says, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from doctor.cli.commands import COMMANDS
from doctor.cli.docs import stale_pages
from doctor.cli.main import group
from doctor.cli.pages import GENERATED, pages
from doctor.engine import registry
from doctor.model.cause import Cause

DOCS = Path(__file__).resolve().parents[2] / "docs"
HOW = "the reference is stale: run `agentdoctor docs docs` and commit it"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


def test_the_committed_pages_are_what_the_code_says(made: dict[str, str]) -> None:
    differing = [
        name
        for name, text in made.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    assert differing == [], HOW
    assert stale_pages(DOCS, made, GENERATED) == [], HOW


def test_there_is_a_page_for_each_check_cause_and_command(made: dict[str, str]) -> None:
    assert {f"causes/{cause.value}.md" for cause in Cause} <= set(made)
    assert {f"commands/{name}.md" for name in COMMANDS} <= set(made)
    assert {f"checks/{name}.md" for name in registry.load().ids()} <= set(made)


def test_every_link_leads_somewhere(made: dict[str, str]) -> None:
    for name, text in made.items():
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert ((DOCS / name).parent / link).resolve().exists(), (name, link)


def test_a_check_s_page_holds_its_documentation(made: dict[str, str]) -> None:
    for check in registry.load().checks:
        assert check.check.documentation.strip()[:40] in made[f"checks/{check.check.id}.md"]


def test_the_command_writes_them_and_removes_what_is_stale(tmp_path: Path, made: dict[str, str]) -> None:
    (tmp_path / "causes").mkdir()
    (tmp_path / "causes" / "retired.md").write_text("old")
    (tmp_path / "own.md").write_text("kept")
    assert CliRunner().invoke(group, ["docs", str(tmp_path)]).exit_code == 0
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.md")}
    assert written == {*made, "own.md"}
