"""`agentdoctor demo`: run the real check against a simulated Azure, and say whether it found what is broken."""

from __future__ import annotations

import json
import os
import shlex
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from doctor.cli import emit, suggest
from doctor.cli.commands import program
from doctor.cli.configuration import config_options
from doctor.cli.duration import Duration
from doctor.cli.simulate import check_arguments
from doctor.simulator import ScenarioError, Simulator, catalogue, load_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from doctor.simulator.scenario_model import Expect

DEFAULT = "lost-on-publish"
EPILOG = """\b
Examples:
  agentdoctor demo
  agentdoctor demo owner-is-not-enough
  agentdoctor demo search-keys-only --report html=report.html
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found, as far as a scenario speaks of it."""

    verdict: str
    exit_code: int
    root_cause: str
    subject: str = ""
    """Of the first root cause; "" when the scenario does not say."""

    def __str__(self) -> str:
        """In words."""
        where = f" of {self.subject}" if self.subject else ""
        because = f" because of {self.root_cause}{where}" if self.root_cause else ""
        return f"{self.verdict}{because} (exit code {self.exit_code})"


@click.command("demo", epilog=EPILOG)
@click.argument("scenario", default=DEFAULT, shell_complete=suggest.scenarios)
@click.option("--list", "list_", is_flag=True, help="Name the scenarios and stop.")
@click.option("--latency", default=0, type=click.IntRange(0), metavar="MS", help="Make every request take MS longer.")
@emit.output_options
@click.option("--select", multiple=True, metavar="CHECK", shell_complete=suggest.check_ids, help="As in check.")
@click.option("--ignore", multiple=True, metavar="CHECK", shell_complete=suggest.check_ids, help="As in check.")
@click.option("--invoke", is_flag=True, help="As in check; nothing is billed here.")
@click.option("--wait", type=Duration(), metavar="DURATION", help="As in check.")
@config_options
def command(scenario: str, *, list_: bool, latency: int, **options: Any) -> None:
    """Run check against a simulated Azure that breaks in a known way.

    SCENARIO is a name out of --list, or a TOML file. Nothing leaves this machine. The exit code is 0 when check found
    what the scenario is about, and 1 when it did not.
    """
    if list_:
        click.echo(catalogue())
        return
    try:
        loaded = load_scenario(scenario)
        simulator = Simulator(loaded, latency_ms=latency)
    except ScenarioError as error:
        raise click.UsageError(str(error)) from error
    look_around = f"{program()} simulate {shlex.quote(scenario)}"
    click.echo(
        f"{loaded.name}: {loaded.title}\nSimulated; nothing leaves this machine. To look around in it: {look_around}\n",
        err=True,
    )
    with simulator, tempfile.TemporaryDirectory(prefix="agentdoctor-") as folder:
        document = Path(folder) / "report.json"
        arguments = [*check_arguments(simulator), *_passed_on(options), "--report", f"json={document}"]
        _run_check(arguments, simulator.environ, _again(scenario, latency, options))
        found = _read(document, loaded.expect)
    for name, path in _written(options):
        emit.announce(Path(path), name)
    expected = Found(**{field.name: getattr(loaded.expect, field.name) for field in fields(Found)})
    if found != expected:
        click.echo(f"\nThe scenario is made for this: {expected}. Found instead: {found}.", err=True)
        raise SystemExit(1)


def _written(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and path of each report that the user asked for."""
    main = [(options["format"] or "report", str(options["output"]))] if options["output"] else []
    return [*main, *((name, path) for name, _, path in (one.partition("=") for one in options["report"]))]


def _passed_on(options: Mapping[str, Any]) -> list[str]:
    arguments = [
        part for key in ("format", "output", "color") if options[key] for part in (f"--{key}", str(options[key]))
    ]
    arguments += ["--shell", options["shell"].value]
    arguments += ["--wait", str(options["wait"])] if options["wait"] else []
    for key in ("report", "select", "ignore"):
        arguments += [part for value in options[key] for part in (f"--{key}", value)]
    return arguments + [f"--{key}" for key in ("invoke", "verbose", "short") if options[key]]


def _again(scenario: str, latency: int, options: Mapping[str, Any]) -> str:
    """This demo's command line without the choice of checks: the simulator it started is gone when it is read."""
    words = [program(), "demo", shlex.quote(scenario)]
    words += ["--latency", str(latency)] if latency else []
    return " ".join([*words, *(["--invoke"] if options["invoke"] else [])])


def _run_check(arguments: list[str], environ: Mapping[str, str], again: str) -> None:
    """Run the real command; it ends with an exit code, which its report tells too.

    Args:
        arguments: of the command.
        environ: holds the simulated caller's credentials.
        again: the command line that the report proposes for checking again.

    Raises:
        SystemExit: the command line was wrong, or the run was interrupted.
    """
    from doctor.cli.check import command as check  # noqa: PLC0415 - --list needs none of it

    with _environment(environ):
        try:
            check.main(args=arguments, prog_name="agentdoctor check", standalone_mode=False, obj=again)
        except SystemExit as ended:
            if ended.code in {2, 130}:
                raise


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """The simulator's credentials and no others; no proxy stands before loopback."""
    before = dict(os.environ)
    for name in [name for name in before if name.startswith("AZURE_")]:
        del os.environ[name]
    os.environ.update(variables, NO_PROXY="*", no_proxy="*")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _read(document: Path, expect: Expect) -> Found:
    try:
        report = json.loads(document.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.ClickException("The check ended without a report.") from error
    first = report["root_causes"][0] if report["root_causes"] else {"cause": "", "subject": ""}
    subject = str(first["subject"] or "") if expect.subject else ""
    return Found(report["verdict"], report["exit_code"], first["cause"], subject)
