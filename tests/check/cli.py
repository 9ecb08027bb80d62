"""The real command against a simulated Azure, in this process: exit code, report document and what was printed."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

from click.testing import CliRunner

from doctor.cli.main import group
from doctor.cli.simulate import check_arguments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doctor.simulator import Simulator


@dataclass(frozen=True)
class Ran:
    """What came of one command."""

    exit_code: int
    stdout: str
    stderr: str
    document: dict[str, Any]

    def result(self, reference: str) -> dict[str, Any]:
        """The result of that reference."""
        check, _, subject = reference.partition(":")
        return next(r for r in self.document["results"] if (r["check"], r["subject"] or "") == (check, subject))

    @property
    def root(self) -> dict[str, Any]:
        """The one thing to change."""
        return self.document["root_causes"][0]


def attach(simulator: Simulator) -> list[str]:
    """Options that send every request to the simulator."""
    return ["--connect-to", simulator.connect_to, "--ca-file", str(simulator.ca_file)]


def invoke(arguments: list[str], environ: Mapping[str, str] | None = None) -> Ran:
    """Run the command line without a simulator's help."""
    with mock.patch.dict(os.environ, environ or {}):
        outcome = CliRunner().invoke(group, arguments, prog_name="agentdoctor")
    if outcome.exception is not None and not isinstance(outcome.exception, SystemExit):
        raise outcome.exception
    return Ran(outcome.exit_code, outcome.stdout, outcome.stderr, {})


def check(simulator: Simulator, folder: Path, *options: str, target: str | None = None) -> Ran:
    """Check the simulator's target, or another one in it."""
    file = folder / "report.json"
    arguments = [
        "check",
        *([target, *attach(simulator)] if target else check_arguments(simulator)),
        "--report",
        f"json={file}",
        *options,
    ]
    ran = invoke(arguments, simulator.environ)
    document = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return Ran(ran.exit_code, ran.stdout, ran.stderr, document)
