"""`agentdoctor simulate`: keep a simulated Azure running, and print how to attach to it."""

from __future__ import annotations

import os
import shlex
import signal
import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING

import click

from doctor.cli import suggest
from doctor.cli.configuration import config_options
from doctor.simulator import ScenarioError, Simulator, catalogue, load_scenario
from doctor.simulator.faults import KINDS, parse_fault
from doctor.simulator.proxy import Proxy

if TYPE_CHECKING:
    from types import FrameType

EPILOG = """\b
Examples:
  agentdoctor simulate
  agentdoctor simulate lost-on-publish --port 8443
  agentdoctor simulate owner-is-not-enough --fault throttle:host=management.azure.com,times=2

It prints two lines to type in another terminal: the first sets the simulated caller's credentials, the second checks
the agent. Any command that asks Azure attaches the same way, with --credential env, --connect-to and --ca-file;
so does curl, with --connect-to and --cacert. With --proxy, az, openai and the Azure SDKs attach too: the first line
then also sets HTTPS_PROXY and the variables that they read trust from.
"""


@click.command("simulate", epilog=EPILOG)
@click.argument("scenario", default="healthy", shell_complete=suggest.scenarios)
@click.option("--list", "list_", is_flag=True, help="Name the scenarios and stop.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Port on 127.0.0.1; a free one by default.")
@click.option("--latency", default=0, type=click.IntRange(0), metavar="MS", help="Make every request take MS longer.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND[:KEY=VALUE,…]",
    help=f"Break something on the way. Kinds: {', '.join(KINDS)}. Keys: those of [faults.NAME] in a scenario, such as "
    "host, path, method, times. Example: throttle:host=management.azure.com,times=2",
)
@click.option("--proxy", is_flag=True, help="Also run a proxy, through which az, openai and the Azure SDKs attach.")
@config_options
def command(*, scenario: str, list_: bool, port: int, latency: int, faults: tuple[str, ...], proxy: bool) -> None:
    """Keep a simulated Azure running, to attach other tools to it.

    SCENARIO is a name out of --list, or a TOML file. Nothing leaves this machine; Ctrl-C stops it.
    """
    if list_:
        click.echo(catalogue())
        return
    try:
        simulator = Simulator(
            load_scenario(scenario), latency_ms=latency, port=port, faults=tuple(map(parse_fault, faults))
        )
    except ScenarioError as error:
        raise click.UsageError(str(error)) from error
    stop = _on_signals()
    try:
        with simulator, Proxy(simulator.port) if proxy else nullcontext() as tunnel:
            click.echo(attach(simulator, tunnel.url if tunnel else ""))
            click.echo(f"Simulating {simulator.scenario.name}: {simulator.scenario.title}. Ctrl-C stops it.", err=True)
            # Waiting with a timeout keeps Ctrl-C working on Windows.
            while not stop.wait(0.5):
                pass
    except OSError as error:
        raise click.UsageError(f"Cannot listen on 127.0.0.1:{port}: {error.strerror}.") from error
    click.echo(f"Stopped after {len(simulator.requests)} requests.", err=True)


def attach(simulator: Simulator, proxy: str = "") -> str:
    """The two lines to type elsewhere: the caller's credentials, perhaps the way through a proxy, and the check."""
    # The secret is made at every start and opens nothing but this process.
    environ = simulator.environ
    if proxy:
        trust = dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), os.fspath(simulator.ca_file))
        environ = {**environ, "HTTPS_PROXY": proxy, **trust}
    variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in environ.items())
    return f"export {variables}\nagentdoctor check {shlex.join(check_arguments(simulator, through_proxy=bool(proxy)))}"


def check_arguments(simulator: Simulator, *, through_proxy: bool = False) -> list[str]:
    """The target, and the options that bring `check` to a simulator; HTTPS_PROXY does it where there is a proxy."""
    cloud = simulator.scenario.azure.cloud
    elsewhere = [] if cloud == "public" else ["--cloud", cloud]
    way = [] if through_proxy else ["--connect-to", simulator.connect_to]
    attached = [*way, "--ca-file", os.fspath(simulator.ca_file)]
    return [simulator.target, "--credential", "env", *elsewhere, *attached]


def _on_signals() -> threading.Event:
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return stop
