"""The rules of the house: the linter, the type checker and the directions between rooms are part of the tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["mypy", "--config-file", "pyproject.toml", "--no-namespace-packages", "tests/package/plugin_example.py"],
    ],
    ids=["ruff", "format", "types", "a plug-in's types"],
)
def test_tool(command: list[str]) -> None:
    ran = subprocess.run([sys.executable, "-m", *command], cwd=HOME, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_directions_between_rooms() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([linter, "--no-cache"], cwd=HOME, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_modules_and_functions_fit_a_reader() -> None:
    import ast  # noqa: PLC0415 - used here only

    long = []
    for file in [*HOME.glob("doctor/**/*.py"), *HOME.glob("checks/*.py"), *HOME.glob("reports/**/*.py")]:
        text = file.read_text(encoding="utf-8")
        if text.count("\n") > 350:
            long.append(f"{file.relative_to(HOME)}: {text.count(chr(10))} lines")
        long += [
            f"{file.relative_to(HOME)}:{node.lineno} {node.name}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 60
        ]
    assert not long
