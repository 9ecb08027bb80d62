from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.rbac import bundled_definitions
from doctor.rbac.conditions import NEVER, UNRESTRICTED, Call, ConditionError, Effect, both, effect, parse
from doctor.rbac.conditions.operators import compare

REAL = {
    one["id"]: one
    for one in json.loads(
        (Path(__file__).parents[1] / "data" / "rbac" / "abac_conditions.json").read_text(encoding="utf-8")
    )["conditions"]
}
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
WRITE = "Microsoft.Authorization/roleAssignments/write"
DELETE = "Microsoft.Authorization/roleAssignments/delete"
INVOKE = "Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action"
OPEN = "@Resource[Microsoft.X/things:name] StringEquals 'a'"


def met(condition: str, action: str = "Microsoft.X/read", version: str = "2.0") -> bool | None:
    return effect(condition, version, Call(action)).met


def real(name: str, action: str) -> bool | None:
    return met(REAL[name]["condition"], action, REAL[name]["conditionVersion"])


@pytest.mark.parametrize(
    ("name", "action", "expected"),
    [
        ("storage-blob-data-owner-standard-agent", f"{BLOBS}/read", True),
        ("storage-blob-data-owner-standard-agent", f"{BLOBS}/write", True),
        ("storage-blob-data-owner-standard-agent", f"{BLOBS}/delete", True),
        ("storage-blob-data-owner-standard-agent", f"{BLOBS}/tags/read", None),
        ("storage-blob-data-owner-standard-agent", f"{BLOBS}/filter/action", None),
        ("foundry-project-manager-role-definition", INVOKE, True),
        ("foundry-project-manager-role-definition", WRITE, None),
        ("foundry-project-manager-role-definition", DELETE, None),
        ("spec-example-v1", f"{BLOBS}/read", None),
        ("spec-example-v1", INVOKE, None),
    ],
)
def test_real_conditions(name: str, action: str, expected: bool | None) -> None:  # noqa: FBT001 - a table's column
    assert real(name, action) is expected


def test_what_it_depends_on_is_said_in_words() -> None:
    found = effect(REAL["storage-blob-data-owner-standard-agent"]["condition"], "2.0", Call(f"{BLOBS}/tags/read"))
    assert found.depends_on == (
        "whether the resource's containers:name starts with '<workspaceId>', "
        "whether the resource's containers:name matches '*-azureml-agent'"
    )


def test_every_condition_of_the_built_in_roles_can_be_read() -> None:
    conditions = [
        entry.condition for role in bundled_definitions().values() for entry in role.permissions if entry.condition
    ]
    assert len(conditions) > 25
    for condition in conditions:
        assert parse(condition) is not None


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", True),
        ("   ", True),
        ("ActionMatches{'Microsoft.X/*'}", True),
        ("ActionMatches{'microsoft.x/READ'}", True),
        ("ActionMatches{'Microsoft.Y/*'}", False),
        ("!(ActionMatches{'Microsoft.X/read'})", False),
        ("NOT ActionMatches{'Microsoft.Y/read'}", True),
        ("!!ActionMatches{'Microsoft.X/read'}", True),
        (OPEN, None),
        (f"!({OPEN})", None),
        (f"ActionMatches{{'Microsoft.Y/*'}} AND {OPEN}", False),
        (f"ActionMatches{{'Microsoft.Y/*'}} && {OPEN}", False),
        (f"ActionMatches{{'Microsoft.X/*'}} AND {OPEN}", None),
        (f"ActionMatches{{'Microsoft.X/*'}} or {OPEN}", True),
        (f"ActionMatches{{'Microsoft.X/*'}} || {OPEN}", True),
        (f"(!(ActionMatches{{'Microsoft.X/read'}} AND NOT SubOperationMatches{{'Blob.List'}})) OR ({OPEN})", None),
        (f"(!(ActionMatches{{'Microsoft.Y/read'}} AND SubOperationMatches{{'Blob.List'}})) OR ({OPEN})", True),
        ("Exists @Request[Microsoft.X/things:tag]", None),
        ("NOT Exists @Request[Microsoft.X/things:tag]", None),
        ("@Resource[HasObotoken] boolequals true", None),
        ("@Environment[UtcNow] DateTimeGreaterThan '2023-05-01T13:00:00.000Z'", None),
        ("@Resource[Microsoft.X/t:tags<$key_case_sensitive$>] StringEquals 'a'", None),
        ("@Resource[Microsoft.X/t&$keys$&] ForAllOfAnyValues:StringEquals {'Project', 'Program'}", None),
        ("{'red', 'blue'} ForAnyOfAnyValues:StringEquals {'blue', 'green'}", None),
        ("{'red', 'blue'} ForAllOfAnyValues:StringEquals {'red', 'green'}", None),
    ],
)
def test_three_valued_logic(condition: str, expected: bool | None) -> None:  # noqa: FBT001 - a table's column
    assert met(condition) is expected


YES, NO = "ActionMatches{'Microsoft.X/*'}", "ActionMatches{'Microsoft.Y/*'}"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (f"{YES} OR {NO} AND {NO}", None),
        (f"({YES} OR {NO}) AND {NO}", False),
        (f"{YES} OR ({NO} AND {NO})", True),
        (f"{NO} AND {NO} OR {NO}", False),
        (f"{YES} AND {YES} OR {OPEN}", True),
        (f"{NO} AND {NO} OR {YES}", None),
        (f"{YES} OR {YES} AND {NO}", None),
    ],
)
def test_mixed_connectives_without_parentheses_count_only_when_every_order_agrees(
    condition: str,
    expected: bool | None,  # noqa: FBT001 - a table's column
) -> None:
    assert met(condition) is expected


@pytest.mark.parametrize(
    "condition",
    [
        "ActionMatches",
        "ActionMatches{'Microsoft.X/*'",
        "(ActionMatches{'Microsoft.X/*'}",
        "ActionMatches{'Microsoft.X/*'})",
        "ActionMatches{'Microsoft.X/*'} ActionMatches{'Microsoft.X/*'}",
        "ActionMatches{'Microsoft.X/*'} AND",
        "ActionMatches{Microsoft.X/*}",
        "@Nobody[Microsoft.X/t:name] StringEquals 'a'",
        "@Resource[Microsoft.X/t:name] Mystery:StringEquals 'a'",
        "true",
        "StringEquals StringEquals StringEquals",
        "()",
        "'",
        "\u202e",
        "(" * 5000 + "ActionMatches{'*'}" + ")" * 5000,
        "!" * 5000 + "ActionMatches{'*'}",
        "ActionMatches{'*'} OR " * 9000 + "ActionMatches{'*'}",
    ],
)
def test_what_cannot_be_read_is_undecided(condition: str) -> None:
    with pytest.raises(ConditionError):
        parse(condition)
    assert met(condition) is None
    assert effect(condition, "2.0", Call("Microsoft.X/read")).depends_on == "a condition that this tool cannot read"


def test_an_old_version_is_never_decided() -> None:
    assert met(YES, version="1.0") is None
    assert met(NO, version="1.0") is None
    assert met(YES, version="") is True


@settings(max_examples=400, deadline=None)
@given(text=st.text(max_size=120))
def test_random_text_never_crashes_and_is_never_met(text: str) -> None:
    assert met(text) is not True or not text.strip()


PIECES = st.lists(
    st.sampled_from(
        [
            *("(", ")", "!", "AND", "OR", "NOT", "Exists", "&&", "||", "{", "}", ",", "@", "1", "true", "'a'", "'*'"),
            *(OPEN, "SubOperationMatches{'a'}", "@Request[a:b]", "StringEquals", "ForAnyOfAnyValues:GuidEquals"),
        ]
    ),
    max_size=14,
)


@settings(max_examples=600, deadline=None)
@given(pieces=PIECES)
def test_no_mixture_of_tokens_without_an_action_pattern_is_ever_met(pieces: list[str]) -> None:
    if pieces:
        assert met(" ".join(pieces)) is None


RESTRICTING = REAL["storage-blob-data-owner-standard-agent"]["condition"]


@settings(max_examples=200, deadline=None)
@given(end=st.integers(1, len(RESTRICTING) - 1))
def test_a_condition_that_was_cut_short_is_never_met(end: int) -> None:
    assert met(RESTRICTING[:end], f"{BLOBS}/tags/read") is None


@settings(max_examples=200, deadline=None)
@given(lost=st.sets(st.sampled_from([at for at, char in enumerate(RESTRICTING) if char in "()"]), max_size=6))
def test_lost_parentheses_never_turn_a_restriction_into_a_yes(lost: set[int]) -> None:
    text = "".join(char for at, char in enumerate(RESTRICTING) if at not in lost)
    assert met(text, f"{BLOBS}/tags/read") is not True


ROLE = ("request", "microsoft.authorization/roleassignments:roledefinitionid")


@pytest.mark.parametrize(
    ("guid", "expected"),
    [
        ("53ca6127-db72-4b80-b1b0-d745d6d5456d", True),
        ("53CA6127DB724B80B1B0D745D6D5456D", True),
        ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", False),
        ("not a guid", None),
    ],
)
def test_a_known_request_decides_a_delegation(guid: str, expected: bool | None) -> None:  # noqa: FBT001 - a column
    call = Call(WRITE, {ROLE: (guid,)})
    assert effect(REAL["foundry-project-manager-role-definition"]["condition"], "2.0", call).met is expected


@pytest.mark.parametrize(
    ("left", "quantifier", "operator", "right", "expected"),
    [
        # The examples of Microsoft Learn, "Azure role assignment condition format and syntax".
        (("abcd",), "", "StringLike", ("a*c?",), True),
        (("abcd",), "", "StringLike", ("A*C?",), False),
        (("abcd",), "", "StringLike", ("a*c",), False),
        (("red", "blue"), "foranyofanyvalues", "StringEquals", ("blue", "green"), True),
        (("red", "blue"), "foranyofanyvalues", "StringEquals", ("orange", "green"), False),
        (("red", "blue"), "forallofanyvalues", "StringEquals", ("orange", "red", "blue"), True),
        (("red", "blue"), "forallofanyvalues", "StringEquals", ("red", "green"), False),
        (("10", "20"), "foranyofallvalues", "NumericLessThan", ("15", "18"), True),
        (("10", "20"), "forallofallvalues", "NumericLessThan", ("5", "15", "18"), False),
        (("10", "20"), "forallofallvalues", "NumericLessThan", ("25", "30"), True),
        (("10", "20"), "forallofallvalues", "NumericLessThan", ("15", "25", "30"), False),
        # Negation, letter case, escapes and values of the wrong kind.
        (("a",), "", "StringNotEquals", ("b",), True),
        (("A",), "", "StringEqualsIgnoreCase", ("a",), True),
        (("A",), "", "stringnotequalsignorecase", ("a",), False),
        (("abc",), "", "StringStartsWith", ("AB",), False),
        (("abc",), "", "StringStartsWithIgnoreCase", ("AB",), True),
        (("abc",), "", "StringStartsWith", ("ab",), True),
        (("ab",), "", "StringStartsWith", ("abc",), False),
        *(
            ((left,), "", f"Numeric{name}", ("5",), expected)
            for name, row in (
                ("LessThan", (True, False, False)),
                ("LessThanEquals", (True, True, False)),
                ("GreaterThan", (False, False, True)),
                ("GreaterThanEquals", (False, True, True)),
                ("Equals", (False, True, False)),
            )
            for left, expected in zip(("4", "5", "6"), row, strict=True)
        ),
        (("a*",), "", "StringLike", ("a\\*",), True),
        (("ab",), "", "StringLike", ("a\\*",), False),
        (("User",), "", "StringNotLike", ("Serv*",), True),
        (("true",), "", "BoolEquals", ("True",), True),
        (("true",), "", "BoolEquals", ("yes",), None),
        (("1",), "", "NumericEquals", ("x",), None),
        (("a",), "", "IpMatch", ("a",), None),
        (("a", "b"), "", "StringEquals", ("a",), None),
        ((), "forallofanyvalues", "StringEquals", ("a",), None),
    ],
)
def test_operators(
    left: tuple[str, ...],
    quantifier: str,
    operator: str,
    right: tuple[str, ...],
    expected: bool | None,  # noqa: FBT001 - a table's column
) -> None:
    assert compare(left, quantifier, operator, right) is expected


def test_a_condition_never_met_or_open_beats_one_that_is_met() -> None:
    maybe, other = Effect(None, "this"), Effect(None, "that")
    assert both(UNRESTRICTED, UNRESTRICTED) == UNRESTRICTED
    assert both(NEVER, maybe) == NEVER
    assert both(UNRESTRICTED, maybe) == maybe
    assert both(maybe, other) == Effect(None, "this; and that")


def test_an_action_asked_with_a_wildcard_that_a_pattern_covers_in_part_is_undecided() -> None:
    for condition in ("ActionMatches{'Microsoft.X/read'}", "!(ActionMatches{'Microsoft.X/read'})"):
        assert met(condition, "Microsoft.X/*") is None
        assert met(condition, "Microsoft.Y/*") is not None


def test_hostile_text_in_a_condition_stays_visible() -> None:
    found = effect("@Resource[a:\x1b[31m] StringEquals '\u202e'", "2.0", Call("x"))
    assert found.met is None
    assert "\x1b" not in found.depends_on
    assert "\u202e" not in found.depends_on
