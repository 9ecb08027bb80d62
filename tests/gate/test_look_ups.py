"""Causes can be looked up, documents have schemas, and a typing error gets the right form."""

from __future__ import annotations

import json

import jsonschema
import pytest

from doctor.changes import fix
from doctor.cli.emit import own_shell
from doctor.model.cause import Cause
from doctor.model.change import SetProperty
from doctor.model.shell import Shell, fixes_in, in_shell
from tests.gate.conftest import Azure, invoke

STORE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Search/searchServices/store"


def test_every_cause_can_be_looked_up() -> None:
    listed = invoke("causes").stdout.splitlines()
    assert [line.split()[0] for line in listed] == [cause.value for cause in Cause]
    for cause in Cause:
        told = invoke("causes", cause.value)
        assert told.exit_code == 0
        assert told.stdout.startswith(f"# {cause.value}\n")
        assert "{" not in told.stdout.partition("## Error texts")[0]


def test_a_cause_tells_what_to_do_and_the_texts_that_mean_it() -> None:
    told = invoke("causes", "network-denied").stdout
    assert "## What to do" in told
    assert "Public network access is disabled" in told
    told = invoke("causes", "role-lacks-action").stdout
    assert "names the narrowest role" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek"], "Did you mean check?"),
        (["causes", "role-lack-action"], "Did you mean role-lacks-action?"),
        (["schema", "reprot"], "Did you mean report?"),
        (["demo", "owner-is-not-enugh"], "Did you mean owner-is-not-enough?"),
        (["check", "a/b/c", "--timeuot", "3"], "--timeout"),
        (["check", "a/b/c", "--timeout", "soon"], "write 90s, 10m or 1h30m"),
        (["check", "a/b/c", "--format", "jsn"], "Did you mean json?"),
        (["check", "a/b/c", "--short", "--format", "json"], "contradict each other"),
    ],
)
def test_a_typing_error_gets_the_right_form(words: list[str], said: str) -> None:
    ran = invoke(*words)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert said in ran.stderr


def test_every_schema_is_one_and_what_is_written_keeps_to_it(healthy: Azure, lost: Azure) -> None:
    names = invoke("schema").stdout.split()
    assert {"report", "explain", "plan", "diff", "kind"} <= set(names)
    known = {name: json.loads(invoke("schema", name).stdout) for name in names}
    for schema in known.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    report = lost.report()
    jsonschema.validate(report, known["report"])
    assert report["simulated"] is True
    assert report["answer"].startswith("No: ")
    jsonschema.validate(
        json.loads(invoke("explain", "401 PermissionDenied", "--format", "json").stdout), known["explain"]
    )
    plan = invoke("plan", *lost.arguments, "--format", "json", env=lost.simulator.environ)
    jsonschema.validate(json.loads(plan.stdout), known["plan"])


def test_what_is_written_to_a_file_is_said(healthy: Azure, here: object) -> None:
    del here
    ran = healthy.check("-o", "report.html", "--report", "json=report.json")
    assert "Wrote report.html (html)." in ran.stderr
    assert "Wrote report.json (json)." in ran.stderr
    assert ran.stdout == ""


def test_short_is_one_line_and_a_ticket_half_a_page(lost: Azure) -> None:
    short = lost.check("--short").stdout
    assert short.startswith("No: ")
    assert short.count("\n") == 1
    ticket = lost.check("--format", "ticket").stdout
    for label in ("Question", "Answer", "When", "Resource", "Identity", "Found", "Seen", "Change", "Who"):
        assert f"\n{label} " in f"\n{ticket}"
    assert any(line.startswith("az role assignment create") for line in ticket.splitlines())
    assert len(ticket.splitlines()) <= 40


def test_a_command_is_written_for_the_shell() -> None:
    assert in_shell("az x --name 'it is'", Shell.BASH) == "az x --name 'it is'"
    assert in_shell("az x --name 'it is' --id \"a'b\"", Shell.POWERSHELL) == "az x --name 'it is' --id 'a''b'"
    assert in_shell("""az x --body '{"a": 1}'""", Shell.POWERSHELL) == """az x --body '{\\"a\\": 1}'"""
    assert in_shell("az x | jq . && az y", Shell.POWERSHELL) == "az x | jq . && az y"
    assert own_shell({"SHELL": "/bin/bash"}, windows=False) is Shell.BASH
    assert own_shell({}, windows=True) is Shell.POWERSHELL
    assert own_shell({"MSYSTEM": "MINGW64"}, windows=True) is Shell.BASH
    assert own_shell({"POWERSHELL_DISTRIBUTION_CHANNEL": "x", "SHELL": "/bin/sh"}, windows=False) is Shell.POWERSHELL


def test_what_is_written_for_powershell_is_told_there_and_so_is_its_undo() -> None:
    written = fix(SetProperty(STORE, "properties.tags", '["it\'s"]', "2024-01-01", "[]"), "Tag it")
    (told,) = fixes_in((written,), Shell.POWERSHELL)
    assert (told.command, told.undo) == (written.powershell, written.powershell_undo)
    assert fixes_in((written,), Shell.BASH) == (written,)


def test_an_explanation_knows_the_shells() -> None:
    assert invoke("explain", "--shell", "powershell", "AADSTS50020").exit_code == 0
    assert invoke("explain", "--shell", "tcsh", "AADSTS50020").exit_code == 2


def test_powershell_gets_its_own_form(lost: Azure) -> None:
    bash, powershell = (lost.check("--shell", shell).stdout for shell in ("bash", "powershell"))
    assert "az role assignment create" in bash
    assert "az role assignment create" in powershell
