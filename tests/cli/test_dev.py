"""The commands that README begins with, without the installing."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

HOME = Path(__file__).resolve().parents[2]


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """dev.py, with an environment that is there already."""
    spec = importlib.util.spec_from_file_location("dev", HOME / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "make_environment", lambda: None)
    monkeypatch.setattr(module, "install_az", lambda: None)
    return module


@pytest.mark.parametrize(
    ("command", "group", "begins"),
    [
        ("demo", "", ("-m", "agentdoctor", "demo")),
        ("test", "test", ("-m", "pytest")),
        ("az", "test", ("-m", "pytest", "tests/clients")),
        ("docs", "docs", ("-m", "agentdoctor", "docs")),
        ("mutate", "mutation", ("tests/mutation.py",)),
    ],
)
def test_each_command_installs_what_it_needs_and_runs(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, command: str, group: str, begins: tuple[str, ...]
) -> None:
    installed: list[str] = []
    called: list[tuple[str, ...]] = []

    def install(group: str) -> None:
        installed.append(group)

    def call(*arguments: str, quiet: bool = False) -> int:
        del quiet
        called.append(arguments)
        return 7

    monkeypatch.setattr(dev, "install", install)
    monkeypatch.setattr(dev, "call", call)
    assert dev.main([command]) == 7
    assert installed == [group]
    assert called[0][: len(begins)] == begins


def test_a_command_that_is_not_there_is_named_with_those_that_are(
    dev: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dev.main(["dmo"]) == 2
    told = capsys.readouterr().err
    assert all(command in told for command in dev.GROUPS)
