from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from doctor.cli.main import group
from doctor.cli.simulate import check_arguments
from doctor.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def invoke(*arguments: str, env: dict[str, str] | None = None, stdin: str | bytes = "") -> Result:
    """Run the real command line in this process."""
    return CliRunner().invoke(group, list(arguments), env=env, input=stdin, prog_name="agentdoctor")


@dataclass(frozen=True, slots=True)
class Azure:
    """A running simulator, and the check of its target."""

    simulator: Simulator

    @property
    def arguments(self) -> list[str]:
        return check_arguments(self.simulator)

    def check(self, *options: str, env: dict[str, str] | None = None, **changed: str) -> Result:
        """Run `agentdoctor check` against it."""
        variables = {**self.simulator.environ, **(env or {}), **changed}
        return invoke("check", *self.arguments, *options, env=variables)

    def report(self, *options: str, env: dict[str, str] | None = None) -> dict[str, Any]:
        """The JSON report of a check."""
        result = self.check(*options, "--format", "json", env=env)
        assert result.stdout, result.stderr
        document = json.loads(result.stdout)
        assert document["exit_code"] == result.exit_code
        return dict(document)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def lost() -> Iterator[Azure]:
    """The application whose agent lost its roles when it was published: fails, and exits 1."""
    with Simulator("lost-on-publish") as simulator:
        yield Azure(simulator)


@pytest.fixture
def healthy() -> Iterator[Azure]:
    with Simulator("healthy") as simulator:
        yield Azure(simulator)
