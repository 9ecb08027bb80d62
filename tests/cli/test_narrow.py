"""What commands write for people in a narrow terminal: what is copied stays whole, and no CI system obeys a line."""

from __future__ import annotations

import re

import pytest

from doctor.cli import access_text
from doctor.model.access import Access, Action, Decision, Question
from doctor.model.cause import Cause
from doctor.model.fix import Fix
from doctor.use_cases.access import Answer

INVOKE = "Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action"
SCOPE = "/subscriptions/7d8ddf36-3af9-5ace-9b58-fb9fab04fce6/resourceGroups/rg"
FIX = Fix("Assign it", command=f"az role assignment create --scope {SCOPE}", needs=f"{INVOKE} there", undo="az undo")


def refused(reason: str, *fixes: Fix) -> Answer:
    question = Question("12857d57-dd8b-547c-9c85-c4f59c6cfb16", Action(INVOKE, data=True), SCOPE)
    return Answer(Decision(question, Access.NOT_GRANTED, Cause.NO_ASSIGNMENT, reason), fixes, ())


@pytest.mark.parametrize("width", [50, 80])
def test_what_is_copied_is_never_cut(width: int) -> None:
    told = access_text.explained(
        refused(f"The caller lacks the data action {INVOKE} on {SCOPE}", FIX), width, verbose=True
    )
    assert told.count(INVOKE) == 3
    assert told.count(SCOPE) == 3
    assert FIX.command in told.splitlines()
    prose = [line for line in told.splitlines() if "/" not in line and not line.startswith("az ")]
    assert all(len(line) <= width for line in prose)


def test_a_long_scope_is_named_in_short() -> None:
    told = access_text.explained(refused("No role is assigned"), 80)
    assert "on resource group rg\n" in told
    assert max(map(len, told.splitlines())) <= 80


def test_a_sentence_ends_with_a_full_stop() -> None:
    told = access_text.explained(refused("No role is assigned", FIX), 80)
    assert told.startswith("NO: No role is assigned.\n")
    assert f"Who may run it: {INVOKE} there." in " ".join(told.split())


@pytest.mark.parametrize("width", range(40, 60))
def test_no_line_is_a_command_of_a_ci_system(width: int) -> None:
    told = access_text.explained(refused("a name that is long enough ::error::owned ##vso[task.complete]"), width)
    assert "owned" in told
    assert not re.search(r"(?m)^\s*::", told)
    assert "##vso[" not in told
