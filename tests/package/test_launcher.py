"""The launcher finds our packages whatever lies in the current folder or on PYTHONPATH, and loads little."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import agentdoctor

if TYPE_CHECKING:
    from pathlib import Path

SDK = ("azure", "httpx", "msal", "jinja2", "cryptography", "requests", "trustme")


def launch(folder: Path, *arguments: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agentdoctor", *arguments]
    env = {**os.environ, **(environ or {})}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["doctor", "checks", "reports"])
def test_a_folder_of_the_customer_does_not_shadow_ours(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("raise SystemExit('shadowed')")
    ran = launch(tmp_path, "checks", environ={"PYTHONPATH": os.fspath(tmp_path)})
    assert ran.returncode == 0, ran.stderr
    assert "caller-access" in ran.stdout


def loaded_by(*arguments: str) -> set[str]:
    """Top-level modules that are loaded when a command line has been run."""
    script = (
        "import sys, json, agentdoctor\n"
        f"sys.argv = ['agentdoctor', *{list(arguments)!r}]\n"
        "try:\n    agentdoctor.main()\nexcept SystemExit:\n    pass\n"
        "print('\\n' + json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(ran.stdout.splitlines()[-1]))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["check", "--help"], ["explain", "--help"]])
def test_help_loads_no_sdk(arguments: list[str]) -> None:
    assert not loaded_by(*arguments) & set(SDK)


def test_explain_loads_no_sdk() -> None:
    assert not loaded_by("explain", "403 Forbidden") & set(SDK)


def test_check_loads_only_the_sdk_that_it_uses(tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    script = (
        "import sys, json, agentdoctor\n"
        f"sys.argv = ['agentdoctor', 'demo', 'healthy', '-o', {os.fspath(report)!r}]\n"
        "try:\n    agentdoctor.main()\nexcept SystemExit:\n    pass\n"
        "print('\\n' + json.dumps(sorted(n for n in sys.modules if n.startswith('azure.mgmt.authorization.v'))))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    versions = {name.split(".")[3] for name in json.loads(ran.stdout.splitlines()[-1])}
    assert versions <= {"v2022_04_01", "v2020_10_01"}


@pytest.mark.parametrize("name", ["json", "queue", "tomllib", "email"])
@pytest.mark.parametrize("where", ["PYTHONPATH", "the current folder"])
def test_the_standard_library_stays_first(name: str, where: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.py").write_text("raise SystemExit('shadowed')")
    environ = {"PYTHONPATH": os.fspath(tmp_path)} if where == "PYTHONPATH" else {}
    ran = launch(tmp_path, "checks", environ=environ)
    assert ran.returncode == 0, ran.stderr
    assert "caller-access" in ran.stdout


def test_a_library_in_the_current_folder_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise SystemExit('shadowed')")
    (tmp_path / "httpx.py").write_text("raise SystemExit('shadowed')")
    ran = launch(tmp_path, "demo", "healthy")
    assert ran.returncode == 0, ran.stderr


def test_the_finder_answers_for_exactly_our_three_names() -> None:
    finder = agentdoctor.OursFirst
    asked = sys.stdlib_module_names | {"click", "doctor", "checks", "reports", "agentdoctor"}
    assert {name for name in asked if finder.find_spec(name)} == {"doctor", "checks", "reports"}
    assert finder.find_spec("doctor.cli", ["/elsewhere"]) is None
