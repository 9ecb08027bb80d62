"""Built-in checks and reports come through the same door as a third party's."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from doctor.check import SECTIONS
from doctor.cli.emit import formats
from doctor.engine import registry
from doctor.model.cause import Cause
from tests.check.cli import invoke

HOME = Path(__file__).resolve().parents[2]


def entry_point(name: str, value: str) -> metadata.EntryPoint:
    return metadata.EntryPoint(name, value, "agentdoctor.checks")


def test_every_file_in_checks_is_found_through_its_entry_point() -> None:
    files = {file.stem for file in (HOME / "checks").glob("*.py")} - {"__init__"}
    found = registry.load()
    assert not found.broken
    modules = {one.check.run.__module__ for one in found.checks}
    assert {f"checks.{stem}" for stem in files} <= modules
    assert {one.check.id.replace("-", "_") for one in found.checks} >= files


def test_every_check_is_documented_and_refers_to_checks_that_exist() -> None:
    found = registry.load()
    for one in found.checks:
        for section in SECTIONS:
            body = one.check.documentation.partition(f"## {section}")[2].partition("\n## ")[0]
            assert len(body.split()) >= 5, (one.check.id, section)
        named = {*one.check.needs, *(i for ids in one.check.explained_by.values() for i in ids)}
        assert named <= set(found.ids()), one.check.id


def test_a_third_partys_check_runs_beside_ours() -> None:
    found = registry.load(
        [*metadata.entry_points(group="agentdoctor.checks"), entry_point("x", "tests.package.plugin_example:check")]
    )
    assert found.ids()[-1] == "speakable-name"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no.such.module:check", "ModuleNotFoundError"),
        ("tests.package.plugin_example:run", "is no Check"),
        ("tests.package.broken_plugin:check", "has no section"),
    ],
)
def test_a_plug_in_that_cannot_be_loaded_is_shown(value: str, reason: str) -> None:
    found = registry.load([entry_point("theirs", value)])
    assert not found.checks
    assert reason in found.broken[0].reason


def test_a_second_check_of_the_same_id_is_shown() -> None:
    found = registry.load(
        [
            entry_point("a", "tests.package.plugin_example:check"),
            entry_point("b", "tests.package.copied_plugin:check"),
        ]
    )
    assert found.ids() == ("speakable-name",)
    assert "already" in found.broken[0].reason


def test_the_checks_command_lists_them_with_their_origin() -> None:
    ran = invoke(["checks"])
    assert ran.exit_code == 0
    for check_id in registry.load().ids():
        assert check_id in ran.stdout
    assert f"agentdoctor {metadata.version('foundry-agentdoctor')}" in ran.stdout


def test_the_checks_command_shows_a_checks_documentation() -> None:
    ran = invoke(["checks", "caller-access"])
    assert "## What it verifies" in ran.stdout
    assert "Needs: token" in ran.stdout


def test_an_unknown_check_gets_a_suggestion() -> None:
    ran = invoke(["checks", "caller-acces"])
    assert (ran.exit_code, "Did you mean caller-access?" in ran.stderr) == (2, True)


def test_the_formats_that_are_promised_exist() -> None:
    assert {"text", "json", "html"} <= set(formats())


def test_causes_are_slugs_with_a_meaning() -> None:
    assert all(cause.value == cause.name.lower().replace("_", "-") and cause.meaning for cause in Cause)
    assert sys.version_info >= (3, 10)


def test_no_other_package_takes_the_place_of_one_of_our_checks() -> None:
    theirs = entry_point("token", "tests.package.impostor:check")
    found = registry.load([theirs, *metadata.entry_points(group="agentdoctor.checks")])
    ours = found.get("token")
    assert ours is not None
    assert ours.is_ours
    assert "already" in found.broken[0].reason


def test_a_check_of_another_package_is_named() -> None:
    found = registry.load(
        [*metadata.entry_points(group="agentdoctor.checks"), entry_point("x", "tests.package.plugin_example:check")]
    )
    assert found.others() == ("Check speakable-name comes from another package: unknown.",)
    assert registry.load().others() == ()
