"""The public Python API: used as an outsider would, and without terminal, environment or exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from doctor import api
from doctor.simulator import Simulator
from tests.package import api_example as theirs

EXAMPLE = Path(__file__).with_name("api_example.py")


def ask(simulator: Simulator) -> api.Options:
    return theirs.options(simulator.target, simulator.connect_to, Path(simulator.ca_file))


def test_the_example_is_typed_strictly_from_outside(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(tmp_path / "cache"), program],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_failing_and_a_healthy_target(capfd: pytest.CaptureFixture[str]) -> None:
    with Simulator("owner-is-not-enough") as simulator, mock.patch.dict("os.environ", simulator.environ):
        commands = theirs.first_commands(ask(simulator))
        assert commands
        assert commands[0].startswith("az role assignment create")
        assert not theirs.may_i(ask(simulator))
        broken = api.check(ask(simulator))
    with Simulator("healthy") as simulator, mock.patch.dict("os.environ", simulator.environ):
        assert theirs.first_commands(ask(simulator)) == []
        assert theirs.may_i(ask(simulator))
        assert theirs.missing(ask(simulator)) == []
        healthy = api.check(ask(simulator))
    assert "caller-access" in theirs.what_broke(healthy, broken)
    assert (theirs.verdict_of(healthy), theirs.verdict_of(broken)) == ("pass", "fail")
    assert capfd.readouterr() == ("", "")


def test_explain_needs_nothing() -> None:
    assert theirs.cause_of("AADSTS700016: Application with identifier 'x' was not found in the directory") != ""


def test_a_request_that_makes_no_sense_raises() -> None:
    with pytest.raises(api.BadRequest, match="Did you mean caller-access"):
        api.check("contoso/shop/support", api.Wanted(select=("caller-acess",)))
    with pytest.raises(api.MalformedTarget):
        api.check("what is this?")
    with pytest.raises(api.BadRequest, match="no object id"):
        api.may("contoso/shop/support", "nobody")


def test_every_public_name_is_there_and_documented() -> None:
    for name in api.__all__:
        assert getattr(api, name).__doc__ or name == "Fact", name


def test_a_listener_hears_of_every_check() -> None:
    heard: list[str] = []
    with Simulator("healthy") as simulator, mock.patch.dict("os.environ", simulator.environ):
        report = api.check(ask(simulator), listener=lambda event: heard.append(type(event).__name__))
    assert heard[0] == "RunStarted"
    assert heard[-1] == "LookEnded"
    assert heard.count("CheckFinished") == len({result.check for result in report.results})
