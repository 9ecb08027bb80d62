"""Every change in every dialect: exact texts, quoting that a real shell proves, undo, and the way into a document."""

from __future__ import annotations

import json
import subprocess
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.changes import bash, fix, powershell, rest, undo
from doctor.model.change import KINDS, GrantRole, RunAz, SetAccessPolicy
from doctor.model.codec import decode, encode
from doctor.model.fix import Fix
from doctor.model.untrusted import visible
from tests.changes.samples import CHANGES, PRINCIPAL, PROJECT, VAULT

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from doctor.model.change import Change


def test_there_is_a_sample_of_each_kind() -> None:
    assert {one.kind for one in CHANGES} == set(KINDS)


def test_each_change_in_each_dialect(snapshot: SnapshotAssertion) -> None:
    told = []
    for one in CHANGES:
        whole = fix(one, "Change it")
        shown = {field.name: getattr(whole, field.name) for field in fields(Fix) if field.name != "change"}
        told.append({"kind": one.kind, **{name: text for name, text in shown.items() if text}, "rest": rest.write(one)})
    assert told == snapshot


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.kind)
def test_a_change_survives_the_way_through_a_document(change: Change) -> None:
    whole = fix(change, "Change it")
    document = json.loads(json.dumps(encode(whole)))
    assert document["change"]["kind"] == change.kind
    assert decode(Fix, document, "") == whole


def test_a_kind_that_a_newer_version_knows_is_passed_over() -> None:
    document = encode(Fix("Do it")) | {"change": {"kind": "paint-it-blue", "colour": "blue"}}
    assert decode(Fix, document, "") == Fix("Do it")


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.kind)
def test_the_undo_of_an_undo_is_the_change(change: Change) -> None:
    back = undo(change)
    again = undo(back) if back else None
    if again is not None and not isinstance(change, (GrantRole, SetAccessPolicy)):
        assert bash.write(again) == bash.write(change)


def test_an_undo_puts_back_what_was_there_and_deletes_nothing_of_it() -> None:
    wanted = (("secrets", ("get", "list")), ("keys", ("sign",)))
    had = SetAccessPolicy(VAULT, PRINCIPAL, wanted, (("secrets", ("get",)),))
    assert undo(had) == replace(had, verbs=(("secrets", ("get",)), ("keys", ())), old=wanted)
    assert undo(replace(had, old=())) == replace(had, verbs=(), old=wanted)


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.kind)
def test_no_undo_asks_microsoft_graph_for_a_principal(change: Change) -> None:
    assert "--assignee " not in bash.write(change)
    assert "--assignee " not in fix(change, "x").undo


HOSTILE = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=40)


@settings(max_examples=40, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=4))
def test_a_real_shell_takes_every_word_for_one_word(words: list[str]) -> None:
    line = bash.write(RunAz(tuple(words)))
    assert "\n" not in line
    script = f"az() {{ printf '%s\\0' \"$@\"; }}; {line}"
    seen = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout  # noqa: S607
    assert seen.decode().split("\0")[:-1] == [visible(word) for word in words]


@given(HOSTILE)
def test_no_word_ends_a_string_of_powershell(word: str) -> None:
    quoted = powershell.quoted(word)
    inner = quoted[1:-1]
    for apostrophe in "'\u2018\u2019\u201a\u201b":
        inner = inner.replace(apostrophe * 2, "")
    assert not set("'\u2018\u2019\u201a\u201b") & set(inner)


def test_an_unknown_principal_is_a_placeholder_and_a_variable_is_one() -> None:
    line = bash.write(GrantRole("AGENT", "role", PROJECT), variables={"AGENT"})
    assert '--assignee-object-id "$AGENT"' in line
    assert "--assignee-object-id OBJECT_ID" in bash.write(GrantRole("", "role", PROJECT))
