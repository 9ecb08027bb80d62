"""Whatever is hidden, whatever roles there are: an answer that hangs on something unread is never a pass."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doctor.downstream.tools import of_tool
from doctor.downstream.workflow import agents as workflow_agents
from doctor.model.fact import Known
from doctor.model.foundry import AgentVersion
from doctor.model.status import Status
from tests.downstream import world as w
from tests.downstream.test_kinds import CASES, Case, build, finding

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
ROLES = sorted({case.role for case in CASES.values()} | {OWNER, "acdd72a7-3385-48ef-bd42-f606fba81ae7"})
HIDDEN = ("resource", "identity", "assignments", "host")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Case, set[str], list[tuple[w.IdentityRole, str, str]]]:
    case = draw(st.sampled_from(list(CASES.values())))
    hidden = draw(st.sets(st.sampled_from(HIDDEN), min_size=1))
    scopes = [case.resource_id, w.GROUP, w.SUBSCRIPTION, f"{case.resource_id}{case.below}", f"{case.resource_id}x"]
    grants = draw(
        st.lists(st.tuples(st.sampled_from(list(w.IDS)), st.sampled_from(ROLES), st.sampled_from(scopes)), max_size=4)
    )
    return case, hidden, [(case.caller, case.role, case.resource_id), *grants]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_what_is_hidden_is_never_a_pass(given_: tuple[Case, set[str], list[tuple[w.IdentityRole, str, str]]]) -> None:
    case, hidden, grants = given_
    world, connection, tool = build(case)
    for role, guid, scope in grants:
        world.assign(role, guid, scope)
    names = {"resource": case.resource_id, "identity": case.caller.value, "host": case.target.split("/")[2]}
    world.unreadable |= {names.get(one, one) for one in hidden}
    if "assignments" in hidden:
        world.assignments.clear()
    if hidden == {"host"} and connection.metadata:
        return
    found = finding(world, connection, tool)
    assert found.status is Status.UNKNOWN, found
    assert found.required


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(list(CASES.values())),
    st.lists(st.tuples(st.sampled_from(list(w.IDS)), st.sampled_from(ROLES)), max_size=4),
)
def test_a_pass_always_rests_on_a_grant_to_the_caller(case: Case, grants: list[tuple[w.IdentityRole, str]]) -> None:
    world, connection, tool = build(case)
    for role, guid in grants:
        world.assign(role, guid, case.resource_id)
    found = finding(world, connection, tool)
    if found.status is Status.PASS:
        assert any(one.principal_id == w.IDS[case.caller] for d in found.decisions for one in d.grants)
    elif found.status is Status.FAIL:
        assert not any(role is case.caller and guid == case.role for role, guid in grants)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["type", "project_connection_id", "openapi", "auth", "azure_ai_search", "indexes", "server_url", "spec", "servers"]
)
TYPES = st.sampled_from(["mcp", "openapi", "azure_ai_search", "azure_function", "bing_grounding", "toolbox", "new_one"])


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAMES, JSON, max_size=6), TYPES)
def test_any_json_may_stand_where_a_tool_should(fields: dict[str, Any], kind: str) -> None:
    for tool in (fields, {**fields, "type": kind}):
        assert list(of_tool(tool)) is not None
        found = w.take(w.World(), (AgentVersion("a", "1", tools=(tool,), definition={"tools": [tool]}),), ())
        for one in w.judge(found, w.World()):
            assert one.status in {Status.UNKNOWN, Status.SKIP, Status.FAIL, Status.PASS}
            assert one.summary.isprintable()


HARMLESS = ["function", "code_interpreter", "file_search", "image_generation", "shell", "computer_use_preview"]
TOOLS = (
    JSON
    | st.fixed_dictionaries({"type": st.sampled_from([*HARMLESS, "mcp", "new_one"]) | JSON})
    | st.fixed_dictionaries({"type": st.sampled_from(HARMLESS), "headers": JSON})
)
DEFINITIONS = st.dictionaries(st.sampled_from(["kind", "tools", "model", "workflow"]), JSON, max_size=3) | (
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["prompt", "Voice", "hosted", "workflow", "tomorrow"])},
        optional={"tools": JSON | st.lists(TOOLS, max_size=3), "workflow": JSON, "model": JSON | st.just("gpt")},
    )
)


def understood(definition: dict[str, Any]) -> bool:
    """Whether nothing in the definition could be anything else than what this test knows to be harmless."""
    kind, listed = definition.get("kind"), definition.get("tools")
    if not isinstance(kind, str) or kind.lower() not in {"prompt", "voice"}:
        return False
    tools = [] if listed is None else listed
    return isinstance(tools, list) and all(isinstance(one, dict) and one.get("type") in HARMLESS for one in tools)


@settings(max_examples=300, deadline=None)
@given(DEFINITIONS)
def test_a_definition_is_never_green_without_being_understood(definition: dict[str, Any]) -> None:
    world = w.World()
    found = w.take(world, (AgentVersion("a", "1", definition=definition),), ())
    findings = w.judge(found, world)
    if not any(one.status is Status.FAIL or (one.status is Status.UNKNOWN and one.required) for one in findings):
        assert understood(definition), definition


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=" \n\t-:{}'\"=#agentnmidkVX", max_size=400))
def test_any_text_may_stand_where_a_workflow_should(text: str) -> None:
    names, dynamic = workflow_agents(text)
    assert all(name and not name.startswith("=") for name in names)
    assert isinstance(dynamic, bool)


def test_a_long_line_is_read_in_linear_time() -> None:
    assert workflow_agents("agent: {" + " " * 200_000)[1] is False
    assert workflow_agents("agent:" * 50_000)[1] is False


@pytest.mark.parametrize(
    "definition", [{}, {"tools": None}, {"tools": "x"}, {"tools": {"type": "mcp"}}, {"workflow": 1}]
)
def test_a_strange_definition_is_no_crash(definition: dict[str, Any]) -> None:
    version = AgentVersion("a", "1", definition=definition)
    assert w.inventory(Known((version,)), Known(()), w.World(), agent=w.APP) is not None
