"""The catalogue's own promises: every entry's example is a test, every role it names exists, nothing is left unsaid."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from doctor.model.cause import Cause
from doctor.model.diagnosis import Blame
from doctor.reading import Evidence, classify
from doctor.reading.catalogue import CatalogueError, Signature, _signature, advice, entra_families, signatures
from doctor.reading.remedies import _ROLES, role_for

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


def test_the_roles_of_the_fixes_are_the_built_in_ones() -> None:
    folder = Path(__file__).parents[2] / "doctor" / "rbac" / "data"
    text = "".join(path.read_text("utf-8") for path in folder.glob("*.json"))
    for _, name, guid in _ROLES:
        assert guid in text
        assert name.split(" (formerly")[0] in text


def test_no_role_is_named_for_impersonation() -> None:
    assert (
        role_for("Microsoft.CognitiveServices/accounts/AIServices/agents/endpoints/UserIdentityImpersonation/action")
        is None
    )
    assert role_for("Microsoft.Compute/virtualMachines/read") is None


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
