from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

import pytest

from doctor.simulator import Simulator
from tests.simulator.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Write(Protocol):
    def __call__(self, text: str, base: str = "healthy") -> Path: ...


class Serve(Protocol):
    def __call__(self, scenario: str | Path = "healthy", latency_ms: float = 0) -> Client: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start simulators that live as long as the test."""
    with ExitStack() as stack:

        def start(scenario: str | Path = "healthy", latency_ms: float = 0) -> Client:
            return Client(stack.enter_context(Simulator(scenario, latency_ms)))

        yield start


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a scenario upon a bundled one."""

    def make(text: str, base: str = "healthy") -> Path:
        path = tmp_path / "made.toml"
        head = f'title = "Made"\nstory = "For a test."\nbase = "{base}"\n'
        tail = "" if "[expect]" in text else '\n[expect]\nverdict = "pass"\n'
        path.write_text(f"{head}{text}{tail}", encoding="utf-8")
        return path

    return make
