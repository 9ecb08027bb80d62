"""The list of every key that a scenario may hold, made from the records' own docstrings.

`python -m tests.simulator.scenario_keys` writes it into doctor/simulator/scenarios/README.md again.
"""

from __future__ import annotations

import ast
from pathlib import Path

_SIMULATOR = Path(__file__).parents[2] / "doctor" / "simulator"
README = _SIMULATOR / "scenarios" / "README.md"
_MARK = "## Every key\n"
_TABLES = {
    "Scenario": "(top)",
    "Azure": "[azure]",
    "Caller": "[caller]",
    "Entra": "[entra]",
    "Arm": "[arm]",
    "Endpoint": "[endpoint]",
    "Account": "[account]",
    "Project": "[project]",
    "Child": '[….children."TYPE/NAME"]',
    "Application": "[application]",
    "Deployment": "[deployments.NAME]",
    "Agent": "[agents.NAME]",
    "AgentVersion": "[agents.NAME.versions.ID]",
    "Session": "[agents.NAME.sessions.ID]",
    "Call": '[agents.NAME.calls."URL"] and [connections.NAME.call]',
    "ModelDeployment": "[model_deployments.NAME]",
    "Connection": "[connections.NAME]",
    "Site": "[projects.KEY]",
    "Resource": "[resources.NAME]",
    "Principal": "[principals.NAME]",
    "Group": "[groups.NAME]",
    "Grant": "[grants.NAME]",
    "Eligible": "[eligible.NAME]",
    "Deny": "[deny.NAME]",
    "Role": "[roles.NAME]",
    "Fault": "[faults.NAME]",
    "Fleet": "[fleet]",
    "Expect": "[expect]",
}


def page() -> str:
    """The README with the present list of keys."""
    text = README.read_text(encoding="utf-8")
    return text.partition(_MARK)[0] + _MARK + "\n" + "\n".join(_sections())


def _sections() -> list[str]:
    files = sorted(_SIMULATOR.glob("scenario_*.py"))
    classes = {
        node.name: node
        for file in files
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    assert set(classes) == set(_TABLES), set(classes) ^ set(_TABLES)
    return [_section(table, classes[name]) for name, table in _TABLES.items()]


def _section(table: str, node: ast.ClassDef) -> str:
    lines = [f"### `{table}`" if table != "(top)" else "### Top of the file", "", f"{ast.get_docstring(node)}", ""]
    for at, statement in enumerate(node.body):
        if isinstance(statement, ast.AnnAssign):
            lines.append(_row(statement, node.body[at + 1] if at + 1 < len(node.body) else None))
    return "\n".join([*lines, ""])


def _row(field: ast.AnnAssign, after: ast.stmt | None) -> str:
    said = ""
    if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
        said = ": " + " ".join(str(after.value.value).split())
    default = ""
    if isinstance(field.value, (ast.Constant, ast.Tuple)):
        value = ast.literal_eval(field.value)
        default = f" = `{_toml(value)}`" if value not in (None, ()) else ""
    return f"- `{ast.unparse(field.target)}` ({_kind(ast.unparse(field.annotation))}{default}){said}"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(list(value) if isinstance(value, tuple) else value)


def _kind(annotation: str) -> str:
    plain = {"str": "text", "bool": "true or false", "int": "whole number", "float": "number", "Raw": "table, as it is"}
    if annotation.startswith("tuple["):
        return "list"
    if annotation.startswith("Mapping["):
        return "table"
    return plain.get(annotation.removesuffix(" | None"), "table")


if __name__ == "__main__":
    README.write_text(page(), encoding="utf-8")
