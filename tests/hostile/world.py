"""A recorded run of the real command, which can be played again with one of its answers exchanged."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

from click.testing import CliRunner

from doctor.azure import live
from doctor.azure.tape import Recorded, Tape, key_of
from doctor.cli.main import group
from doctor.cli.simulate import check_arguments
from doctor.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from doctor.azure.wire import Reply, Request
    from tests.hostile.faults import Fault

SECONDS = 30


@dataclass(frozen=True)
class Seen:
    """What came of a run."""

    exit_code: int
    seconds: float
    report: dict[str, Any]
    stdout: str
    stderr: str

    def statuses(self) -> dict[str, str]:
        """Result → status."""
        return {f"{one['check']}:{one['subject'] or ''}": one["status"] for one in self.report["results"]}


class World:
    """The requests of one scenario with their answers."""

    def __init__(self, scenario: str, folder: Path) -> None:
        self.folder = folder
        self.requests: dict[str, Request] = {}
        self.answers: list[Recorded] = []
        self._lock = threading.Lock()
        self.names: dict[str, tuple[str, ...]] = {}
        with Simulator(scenario) as azure:
            ca_file = folder / "ca.pem"  # outlives the simulator
            ca_file.write_bytes(azure.ca_file.read_bytes())
            given = [str(ca_file) if one == str(azure.ca_file) else one for one in check_arguments(azure)]
            self.arguments = ["check", *given, "--timeout", str(SECONDS)]
            self.environ = dict(azure.environ)
            with _wire(_recording(self)):
                self.healthy = self.run()
        self.truth = self.play(None, None)

    def keep(self, request: Request, one: Recorded) -> None:
        """Keep one exchange."""
        with self._lock:
            self.requests.setdefault(one.key, request)
            self.answers.append(one)

    def play(self, key: str | None, fault: Fault | None) -> Seen:
        """Run again from the recording; the request of that key meets the fault."""
        with _wire(_playing(self, key, fault)):
            return self.run()

    def run(self, *options: str) -> Seen:
        """Run the command."""
        file = self.folder / "report.json"
        file.unlink(missing_ok=True)
        began = time.monotonic()
        with mock.patch.dict(os.environ, self.environ):
            ran = CliRunner().invoke(group, [*self.arguments, "--report", f"json={file}", *options])
        seconds = time.monotonic() - began
        assert file.exists(), ran.output + ran.stderr
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return Seen(ran.exit_code, seconds, json.loads(file.read_text(encoding="utf-8")), ran.stdout, ran.stderr)


@contextmanager
def _wire(made: Any) -> Iterator[None]:
    with mock.patch.object(live, "LiveWire", made):
        yield


def _recording(world: World) -> Any:
    class Recording(live.LiveWire):
        def exchange(self, request: Request, reply: Reply) -> None:
            super().exchange(request, reply)
            world.keep(request, Recorded(key_of(request), reply.status, dict(reply.headers), reply.body))

        def addresses(self, host: str, port: int) -> tuple[str, ...]:
            found = super().addresses(host, port)
            world.names[host] = found
            return found

    return Recording


def _playing(world: World, key: str | None, fault: Fault | None) -> Any:
    class Playing(Tape):
        def __init__(self, *_: object) -> None:
            from doctor.azure.tape import Name  # noqa: PLC0415

            super().__init__(world.answers, [Name(host, found) for host, found in world.names.items()], {})

        def exchange(self, request: Request, reply: Reply) -> None:
            if fault is not None and key_of(request) == key:
                fault.happen(request, reply)
                return
            super().exchange(request, reply)

    return Playing
