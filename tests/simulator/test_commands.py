from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from doctor.cli import demo, simulate
from doctor.simulator import Simulator, scenario_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.simulator.conftest import Write


@pytest.fixture
def quiet_signals() -> Iterator[None]:
    """Put back the signal handlers that `simulate` sets."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def _demo(*arguments: str) -> Result:
    return CliRunner().invoke(demo.command, list(arguments))


@pytest.mark.parametrize("command", [demo.command, simulate.command])
def test_both_commands_list_the_scenarios(command: object) -> None:
    result = CliRunner().invoke(command, ["--list"])  # type: ignore[arg-type]  # both are click commands
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(scenario_names())


@pytest.mark.parametrize("command", [demo.command, simulate.command])
def test_an_unknown_scenario_is_a_usage_error(command: object) -> None:
    result = CliRunner().invoke(command, ["lost-on-publsh"])  # type: ignore[arg-type]  # both are click commands
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Did you mean lost-on-publish?" in result.stderr


def test_a_demo_is_checked_again_by_the_demo_because_its_azure_is_gone() -> None:
    result = _demo("owner-is-not-enough", "--invoke", "-v", "--color", "never")
    lines = [line.strip() for line in result.stdout.splitlines() if line.startswith("  agentdoctor ")]
    assert len(lines) == 1
    assert lines[0].startswith("agentdoctor demo owner-is-not-enough --invoke --select ")
    assert _demo(*shlex.split(lines[0])[2:]).exit_code == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("proxy", [False, True])
def test_simulate_runs_until_it_is_told_to_stop(number: signal.Signals, *, proxy: bool) -> None:
    arguments = [sys.executable, "-m", "agentdoctor", "simulate", "owner-is-not-enough", *["--proxy"] * proxy]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    exported, attach = process.stdout.readline(), process.stdout.readline()
    variables = dict(part.split("=", 1) for part in shlex.split(exported)[1:])
    assert shlex.split(exported)[0] == "export"
    ours = {"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"}
    assert set(variables) == ours | ({"HTTPS_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"} if proxy else set())
    words = shlex.split(attach)
    assert words[:2] == ["agentdoctor", "check"]
    checked = subprocess.run(
        [sys.executable, "-m", "agentdoctor", *words[1:], "--format", "json"],
        env={**os.environ, **variables, "NO_PROXY": "" if proxy else "*", "no_proxy": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(checked.stdout)
    assert (checked.returncode, report["root_causes"][0]["cause"]) == (1, "role-lacks-action")
    process.send_signal(number)
    said = process.communicate(timeout=10)[1]
    assert process.returncode == 0
    assert re.search(r"Stopped after [1-9]\d* requests\.", said)
    assert not os.path.exists(words[words.index("--ca-file") + 1])  # noqa: PTH110 - the command line has text


def test_simulate_says_what_is_wrong_with_its_options(quiet_signals: None) -> None:
    runner = CliRunner()
    bad_fault = runner.invoke(simulate.command, ["--fault", "boom"])
    assert (bad_fault.exit_code, bad_fault.stdout) == (2, "")
    assert "There is no fault of the kind 'boom'" in bad_fault.stderr
    with Simulator() as running:
        taken = runner.invoke(simulate.command, ["--port", str(running.port)])
    assert (taken.exit_code, taken.stdout) == (2, "")
    assert f"Cannot listen on 127.0.0.1:{running.port}" in taken.stderr


def test_the_line_to_attach_names_another_cloud() -> None:
    with Simulator("us-government") as simulator:
        line = simulate.attach(simulator).splitlines()[1]
    assert "--cloud usgovernment" in line
    assert "services.ai.azure.us" in line


def test_demo_finds_what_its_default_scenario_is_about() -> None:
    result = _demo("--format", "json")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["root_causes"][0]["cause"] == "lost-on-publish"
    assert "Simulated; nothing leaves this machine." in result.stderr
    assert "agentdoctor simulate lost-on-publish" in result.stderr


def test_demo_says_so_when_check_finds_something_else(write: Write) -> None:
    path = write('[expect]\nverdict = "fail"\nexit_code = 1\nroot_cause = "denied"\n')
    result = _demo(str(path))
    assert result.exit_code == 1
    assert "The scenario is made for this: fail because of denied (exit code 1)." in result.stderr
    assert "Found instead: pass (exit code 0)." in result.stderr


def test_demo_passes_reports_on(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    ignore = ("--ignore", "stateless-contract")
    result = _demo("--report", f"html={page}", *ignore, "-v", "--color", "never", "healthy")
    assert result.exit_code == 0, result.stderr
    assert page.read_text(encoding="utf-8").startswith("<!")
    assert "endpoint-accepts-caller" in result.stdout
    assert "skip stateless-contract: Deselected" in result.stdout


def test_demo_hands_a_usage_error_on() -> None:
    result = _demo("--format", "nonsense")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "There is no report format 'nonsense'" in result.stderr


def test_demo_signs_in_with_nothing_but_the_simulators_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_ID", "somebody-else")
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "https://login.example")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    before = dict(os.environ)
    result = _demo("healthy")
    assert result.exit_code == 0, result.stderr
    assert dict(os.environ) == before


def test_no_thread_outlives_a_demo() -> None:
    _demo("healthy")
    assert not [thread.name for thread in threading.enumerate() if thread.name == "simulator"]
