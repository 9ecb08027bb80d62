"""`agentdoctor demo`: run the real check against a simulated Azure, and say whether it found what is broken."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from doctor.cli.simulate import check_arguments
from doctor.simulator import ScenarioError, Simulator, catalogue, load_scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from doctor.simulator.scenario_model import Expect

DEFAULT = "lost-on-publish"


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found, as far as a scenario speaks of it."""

    verdict: str
    exit_code: int
    root_cause: str

    def __str__(self) -> str:
        """In words."""
        because = f" because of {self.root_cause}" if self.root_cause else ""
        return f"{self.verdict}{because} (exit code {self.exit_code})"


@click.command("demo")
@click.argument("scenario", default=DEFAULT)
@click.option("--list", "list_", is_flag=True, help="Name the scenarios and stop.")
@click.option("--latency", default=0, type=click.IntRange(0), metavar="MS", help="Make every request take MS longer.")
@click.option("--format", "format_", metavar="FORMAT", help="As in check.")
@click.option("-o", "--output", metavar="FILE", help="As in check.")
@click.option("--report", "reports", multiple=True, metavar="FORMAT=FILE", help="As in check.")
@click.option("--select", multiple=True, metavar="CHECK", help="As in check.")
@click.option("--ignore", multiple=True, metavar="CHECK", help="As in check.")
@click.option("--invoke", is_flag=True, help="As in check; nothing is billed here.")
@click.option("--color", metavar="WHEN", help="As in check.")
@click.option("-v", "--verbose", is_flag=True, help="As in check.")
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
    click.echo(f"{loaded.name}: {loaded.title}\n{loaded.story.strip()}\nAll of this is simulated.\n", err=True)
    with simulator, tempfile.TemporaryDirectory(prefix="agentdoctor-") as folder:
        document = Path(folder) / "report.json"
        arguments = [*check_arguments(simulator), *_passed_on(options), "--report", f"json={document}"]
        _run_check(arguments, simulator.environ)
        found = _read(document)
    expected = _expected(loaded.expect)
    if found == expected:
        click.echo(f"\nThe scenario is made for this: {expected}. Found.", err=True)
        return
    click.echo(f"\nThe scenario is made for this: {expected}. Found instead: {found}.", err=True)
    raise SystemExit(1)


def _passed_on(options: Mapping[str, Any]) -> list[str]:
    names = {"format_": "--format", "output": "--output", "color": "--color"}
    arguments = [part for key, name in names.items() if options[key] for part in (name, str(options[key]))]
    repeated = {"reports": "--report", "select": "--select", "ignore": "--ignore"}
    arguments += [part for key, name in repeated.items() for value in options[key] for part in (name, value)]
    return arguments + [f"--{key}" for key in ("invoke", "verbose") if options[key]]


def _run_check(arguments: list[str], environ: Mapping[str, str]) -> int:
    from doctor.cli.check import command as check  # noqa: PLC0415 - --list needs none of it

    with _environment(environ):
        try:
            returned = check.main(args=arguments, prog_name="agentdoctor check", standalone_mode=False)
        except SystemExit as ended:
            returned = ended.code
    return returned if isinstance(returned, int) else 0


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


def _read(document: Path) -> Found:
    try:
        report = json.loads(document.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.ClickException("The check ended without a report.") from error
    causes = report["root_causes"]
    return Found(report["verdict"], report["exit_code"], causes[0]["cause"] if causes else "")


def _expected(expect: Expect) -> Found:
    return Found(expect.verdict, expect.exit_code, expect.root_cause)
