from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from doctor.cli.commands import COMMANDS
from doctor.cli.completion import SHELLS, VARIABLE
from doctor.cli.main import group

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]


def asked(**variables: str) -> list[str]:
    """What a shell is told that asks the launcher for completions."""
    ended = subprocess.run(
        [sys.executable, "-m", "agentdoctor"],
        env={**os.environ, **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stderr == ""
    return ended.stdout.splitlines()


def powershell(line: str, incomplete: str) -> list[str]:
    variables: Mapping[str, str] = {VARIABLE: "powershell_complete", "COMP_WORDS": line, "COMP_INCOMPLETE": incomplete}
    return asked(**variables)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_a_script_that_asks_for_completions(shell: str) -> None:
    ended = CliRunner().invoke(group, ["completion", shell])
    assert ended.exit_code == 0
    assert VARIABLE in ended.stdout
    assert f"{shell}_complete" in ended.stdout


def test_an_unknown_shell_is_a_usage_error() -> None:
    assert CliRunner().invoke(group, ["completion", "tcsh"]).exit_code == 2


def test_powershell_gets_commands_with_their_help() -> None:
    told = dict(line.split("\t") for line in powershell("agentdoctor ", ""))
    assert told == {name: text for name, (_, text) in COMMANDS.items()}


@pytest.mark.parametrize(
    ("line", "incomplete", "wanted"),
    [
        ("agentdoctor che", "che", {"check", "checks"}),
        ("agentdoctor check --sel", "--sel", {"--select"}),
        ("agentdoctor check --select lost", "lost", {"lost-on-publish"}),
        ("agentdoctor check --select token,lost", "token,lost", {"token,lost-on-publish"}),
        ("agentdoctor checks wit", "wit", {"witnesses-agree"}),
        ("agentdoctor demo lost", "lost", {"lost-on-publish"}),
        ("agentdoctor simulate owner", "owner", {"owner-is-not-enough"}),
        ("agentdoctor check --report h", "h", {"html="}),
        ("agentdoctor check x --format j", "j", {"json", "junit"}),
        ("agentdoctor check --fail-on ", "", {"fail", "warn"}),
        ("agentdoctor check 'a b' --cloud us", "us", {"usgovernment"}),
    ],
)
def test_powershell_gets_options_and_their_values(line: str, incomplete: str, wanted: set[str]) -> None:
    assert {told.partition("\t")[0] for told in powershell(line, incomplete)} == wanted


BASH = shutil.which("bash")


@pytest.mark.skipif(BASH is None, reason="there is no bash on this machine")
def test_bash_completes_with_the_script(tmp_path: Path) -> None:
    script = CliRunner().invoke(group, ["completion", "bash"]).stdout
    program = tmp_path / "agentdoctor"
    program.write_text(f'#!/bin/sh\ncd {ROOT} && exec {sys.executable} -m agentdoctor "$@"\n')
    program.chmod(0o755)
    typed = (
        f"{script}\nCOMP_WORDS=(agentdoctor check --select lost)\nCOMP_CWORD=3\n"
        '_agentdoctor_completion agentdoctor\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    ended = subprocess.run(
        [str(BASH), "--norc", "-c", typed],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.split() == ["lost-on-publish"]
