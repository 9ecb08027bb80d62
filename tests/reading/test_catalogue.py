"""The catalogue's own promises: every entry's example is a test, every role it names exists, nothing is left unsaid."""

from __future__ import annotations

import re
from typing import Any

import pytest

from doctor.model.cause import Cause
from doctor.model.diagnosis import Blame
from doctor.rbac import bundled_definitions
from doctor.reading import Evidence, classify
from doctor.reading.catalogue import CatalogueError, Signature, _signature, advice, entra_families, signatures
from doctor.reading.services import services
from doctor.use_cases.explain import explain, narrow_role

ENTRIES = signatures()
OF_A_RUN_ONLY = {
    Cause.TIMED_OUT,
    Cause.CRASHED,
    Cause.ANONYMOUS_ACCEPTED,
    Cause.OVER_PRIVILEGED,
    Cause.EXPIRES_SOON,
    Cause.KEY_IN_USE,
}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_example_is_read_as_its_own_entry(entry: Signature) -> None:
    evidence = Evidence(entry.example_status, entry.example, dict(entry.example_headers))
    diagnoses = classify(evidence)
    assert diagnoses, "read as a success"
    assert diagnoses[0].cause is entry.cause
    assert diagnoses[0].signature == entry.id


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_says_everything_a_reader_needs(entry: Signature) -> None:
    evidence = Evidence(entry.example_status, entry.example, dict(entry.example_headers))
    first, *others = classify(evidence)
    assert re.fullmatch(r"[a-z0-9-]+", entry.id)
    assert entry.source
    assert first.docs.startswith("https://")
    for one in (first, *others):
        assert one.summary.endswith(".")
        assert not re.search(r"[{}|]", one.summary + one.suggests), one
        for fix in one.fixes:
            assert fix.title
            assert not re.search(r"[{}|]", fix.title)
            assert "\n" not in fix.command
            assert "<" not in fix.command
            assert "{" not in fix.command
    assert first.proves
    assert first.suggests
    assert first.fixes


def test_every_cause_that_a_text_can_have_has_advice() -> None:
    needed = {entry.cause for entry in ENTRIES} | {cause for entry in ENTRIES for cause in entry.also}
    needed |= {family.cause for family in entra_families()} | {Cause.UNRECOGNISED}
    assert needed <= set(advice())
    assert not needed & OF_A_RUN_ONLY


def test_no_sign_in_code_has_two_meanings() -> None:
    codes = [code for family in entra_families() for code in family.codes]
    assert len(codes) == len(set(codes))
    assert entra_families()[-1].codes == frozenset()


@pytest.mark.parametrize("entry", [one for one in ENTRIES if one.counter], ids=lambda entry: entry.id)
def test_a_counter_example_is_not_read_as_the_entry(entry: Signature) -> None:
    assert entry.id not in {one.signature for one in classify(Evidence(None, entry.counter))}


NO_REFUSALS = [
    "bash: agentdoctor: command not found",
    "E: Unable to locate package libicu70",
    "npm ERR! 404 Not Found - GET https://registry.npmjs.org/left-padd - Not found",
    "ModuleNotFoundError: No module named 'azure.ai.agents'",
    "fatal: not a git repository (or any of the parent directories): .git",
    "   at Contoso.Web.RequestTimeOutMiddleWare.Invoke(HttpContext context)",
    "Traceback (most recent call last):\n  File \"agent.py\", line 3, in <module>\nKeyError: 'firewallRules'",
]


@pytest.mark.parametrize("text", NO_REFUSALS)
def test_a_shell_a_package_manager_and_a_stack_trace_refuse_nothing(text: str) -> None:
    found = explain(text.encode()).diagnoses
    assert not found or found[0].cause is Cause.UNRECOGNISED or found[0].confidence.value == "low"


def test_the_roles_of_the_services_are_built_in_and_narrow() -> None:
    for service in services():
        for operation in service.operations:
            if operation.role_id.startswith("00000000-"):
                continue  # a role of the service's own store
            assert bundled_definitions()[operation.role_id].name == operation.role.split(" (formerly")[0]


def test_no_service_but_foundry_wants_foundrys_audience() -> None:
    for service in services():
        audiences = {audience for _, audience in service.hosts}
        assert service.is_foundry or not any("ai.azure." in audience for audience in audiences), service.id
        assert all("ai.azure.com" not in one.title + one.command for one in service.advice if not service.is_foundry)


def test_no_role_is_named_for_impersonation() -> None:
    action = "Microsoft.CognitiveServices/accounts/AIServices/agents/endpoints/UserIdentityImpersonation/action"
    text = f"The principal b3bd0e3e-7631-4f42-be6f-69317695d447 lacks the required data action {action}"
    assert "role assignment" not in explain(text.encode()).diagnoses[0].fixes[0].command


def test_the_narrow_role_comes_from_the_definitions() -> None:
    found = narrow_role("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", True)
    assert found == ("Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1")
    assert narrow_role("Microsoft.Nothing/things/read", False) is not None
    assert narrow_role("Microsoft.Nothing/things/read", True) is None


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"colour": "red"}, "unknown keys"),
        ({"cause": "no-such-cause"}, "no-such-cause"),
        ({"rank": 0}, "rank"),
        ({"any_of": ["a*b"]}, "too little"),
        ({"any_of": []}, "match everything"),
    ],
)
def test_a_malformed_entry_is_refused_by_name(change: dict[str, Any], complaint: str) -> None:
    entry = {
        "id": "x",
        "plane": "arm",
        "cause": "throttled",
        "summary": "S.",
        "source": "s",
        "example": "e",
        "any_of": ["some words"],
    }
    with pytest.raises(CatalogueError, match="signature x") as caught:
        _signature({**entry, **change})
    assert complaint in str(caught.value)


def test_blame_is_a_closed_list() -> None:
    assert {one.value for one in Blame} == {"caller", "agent", "project", "unknown"}
