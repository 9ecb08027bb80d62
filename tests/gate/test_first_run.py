"""The first run of somebody who has not signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.gate.conftest import invoke

if TYPE_CHECKING:
    from tests.gate.conftest import Azure


def test_nobody_signed_in_is_told_in_two_lines(healthy: Azure) -> None:
    target, *rest = healthy.arguments
    wire = [word for word in rest if word not in {"--credential", "env"}]
    ended = invoke("check", target, *wire, "--credential", "cli", env={"PATH": ""})
    assert ended.exit_code == 3, ended.stderr
    said, command = ended.stdout.splitlines()
    assert said.startswith("Not known: nobody is signed in")
    assert command.startswith("Sign in, then look again: az login")


def test_whoever_asks_for_everything_gets_it(healthy: Azure) -> None:
    target, *rest = healthy.arguments
    wire = [word for word in rest if word not in {"--credential", "env"}]
    ended = invoke("check", target, *wire, "--credential", "cli", "-v", env={"PATH": ""})
    assert (ended.exit_code, len(ended.stdout.splitlines()) > 10) == (3, True)
