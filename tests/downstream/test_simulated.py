"""Every kind through the real command against the simulated Azure, which decides access by code of its own.

One agent calls one resource of each kind; a run answers for all of them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from doctor.rbac import bundled_definitions
from doctor.simulator import Simulator
from tests.check.cli import check
from tests.downstream import world as w
from tests.downstream.test_kinds import CASES, Case

if TYPE_CHECKING:
    from pathlib import Path

IDENTITIES = {w.APP: "application-agent", w.PMI: "project-identity"}
WRONG = {w.APP: "project-identity", w.PMI: "application-agent"}
# What a container pulls, what a tool names without a connection and a resource inside another have no place here.
TOGETHER = {
    name.replace("_", "-"): case
    for name, case in CASES.items()
    if (case.tool is None or "project_connection_id" in json.dumps(case.tool)) and case.arm_type.count("/") == 1
}
HEALTHY = (
    'title = "every kind"\nstory = "one tool for each"\nbase = "healthy"\n'
    'without = ["connections.reports", "connections.handbook", "resources.contosoreports", "resources.contoso-search",'
    ' "grants.agent-reads-reports", "grants.project-searches", "grants.project-reads-index"]\n'
)


def inline(value: Any) -> str:
    """A value as inline TOML; what is None is left out, as Azure leaves it out."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{key}" = {inline(one)}' for key, one in value.items() if one is not None) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(inline(one) for one in value) + "]"
    return json.dumps(value)


def tool(name: str, case: Case) -> dict[str, Any]:
    """The case's tool, naming the connection of that name."""
    found = case.tool or {"type": "mcp", "project_connection_id": "c"}
    text = json.dumps(found).replace('"project_connection_id": "c"', f'"project_connection_id": "{name}"')
    read: dict[str, Any] = json.loads(text)
    return read


def tables(name: str, case: Case, principal: str, *, off: bool) -> str:
    """Connection, resource and grant of one kind."""
    target = case.target.replace("name1", name)
    lines = [
        f"[connections.{name}]",
        f"auth_type = {inline(case.auth)}",
        f"category = {inline(case.category)}",
        f"target = {inline(target)}",
        f"audience = {inline(case.audience)}",
        f"resource = {inline(name)}",
        f"[resources.{name}]",
        f"type = {inline(case.arm_type)}",
        f"kind = {inline(case.top.get('kind', ''))}",
        f"properties = {inline(case.off if off else case.body)}".replace('"name1"', inline(name)),
    ]
    for path, child in case.children.items():
        lines += [
            f"[resources.{name}.children.{inline(path.strip('/'))}]",
            f"properties = {inline(child['properties'])}",
        ]
    if principal:
        role = bundled_definitions()[case.role].name
        lines += [f"[grants.{name}]", f'principal = "{principal}"', f"role = {inline(role)}", f"scope = {inline(name)}"]
    return "\n".join(lines) + "\n"


def results(folder: Path, who: dict[w.IdentityRole, str], *, off: bool = False) -> dict[str, dict[str, Any]]:
    """The result about each kind, by its name."""
    tools = [tool(name, case) for name, case in TOGETHER.items()]
    text = HEALTHY + f"[agents.helpdesk-agent]\ntools = {inline(tools)}\n"
    text += "".join(tables(name, case, who.get(case.caller, ""), off=off) for name, case in TOGETHER.items())
    file = folder / "every.toml"
    file.write_text(text + '[expect]\nverdict = "pass"\nexit_code = 0\n')
    with Simulator(str(file)) as azure:
        ran = check(azure, folder, "--select", "downstream-access")
    found = {one["subject"]: one for one in ran.document["results"] if one["check"] == "downstream-access"}
    assert set(found) == set(TOGETHER)
    return found


def test_every_kind_is_right(tmp_path: Path) -> None:
    for name, found in results(tmp_path, IDENTITIES).items():
        assert found["status"] == ("unknown" if TOGETHER[name].second_hop else "pass"), (name, found)


@pytest.mark.parametrize("who", [{}, WRONG], ids=["missing", "wrong identity"])
def test_every_kind_is_missing_or_held_by_another(who: dict[w.IdentityRole, str], tmp_path: Path) -> None:
    for name, found in results(tmp_path, who).items():
        assert found["status"] == ("fail" if TOGETHER[name].sure else "unknown"), (name, found)
        # The caller of the run may read logs, as a reader of the subscription.
        wrong = bool(who) or name == "log-analytics"
        assert found["cause"] == ("wrong-principal" if wrong else "no-assignment"), (name, found)
        assert found["fixes"][0]["verified"]


def test_every_kind_is_switched_off(tmp_path: Path) -> None:
    for name, found in results(tmp_path, IDENTITIES, off=True).items():
        case = TOGETHER[name]
        if case.off:
            assert found["status"] in {"fail", "unknown"}, (name, found)
            assert found["cause"] == case.off_cause.value, (name, found)
