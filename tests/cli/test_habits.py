"""What people expect of a command line: fast help with examples, versions, terminals respected."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from doctor import __version__
from doctor.cli import emit, main
from doctor.cli.commands import COMMANDS
from doctor.cli.main import group
from doctor.rbac import BUNDLED_DATE

if TYPE_CHECKING:
    import click

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("azure", "httpx", "jinja2", "doctor.azure", "doctor.rbac", "doctor.simulator", "doctor.reading", "reports")
THERE = [name for name, (module, _) in COMMANDS.items() if importlib.util.find_spec(module)]


def loaded_by(*arguments: str) -> set[str]:
    """Modules that a command line loads."""
    program = (
        "import sys, json, click.testing as t; from doctor.cli.main import group;"
        f"r = t.CliRunner().invoke(group, {list(arguments)!r}); assert r.exit_code == 0, r.output;"
        "print(json.dumps(sorted(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(ended.stdout))


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["diff", "--help"], ["report", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    heavy = {name for name in loaded_by(*arguments) if name.startswith(tuple(f"{one}." for one in HEAVY))}
    # What is wrong with a command line is told by the names of their errors.
    allowed = {"doctor.azure.connect_to", "doctor.azure.trust", "doctor.azure.errors", "doctor.azure.loose"}
    assert heavy <= (allowed if "check" in arguments else set())


def test_version_tells_the_date_of_the_role_definitions() -> None:
    ended = CliRunner().invoke(group, ["--version"])
    assert ended.stdout == f"agentdoctor {__version__}\nbuilt-in role definitions of {BUNDLED_DATE}\n"


@pytest.mark.parametrize("name", THERE)
def test_every_command_has_help_with_the_variables_of_its_options(name: str) -> None:
    command = group.get_command(None, name)  # type: ignore[arg-type]  # the group does not use the context
    assert command is not None
    ended = CliRunner().invoke(group, [name, "--help"])
    assert ended.exit_code == 0
    told = " ".join(ended.stdout.split())
    for parameter in command.params:
        if parameter.param_type_name == "option" and parameter.name not in {"help", "version"}:
            assert str(parameter.envvar).startswith("AGENTDOCTOR_")
            assert str(parameter.envvar) in told


@pytest.mark.parametrize("name", ["check", "access", "report", "diff", "baseline", "completion"])
def test_help_shows_examples(name: str) -> None:
    assert f"agentdoctor {name} " in CliRunner().invoke(group, [name, "--help"]).stdout


@pytest.mark.parametrize("name", THERE)
def test_examples_in_help_use_options_that_exist(name: str) -> None:
    command = group.get_command(None, name)  # type: ignore[arg-type]  # as above
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    lines = [line for line in (command.epilog or "").splitlines() if line.strip().startswith(f"agentdoctor {name}")]
    assert {flag for line in lines for flag in re.findall(r"--[a-z-]+", line)} <= known


@pytest.mark.parametrize(
    ("environ", "links"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM_PROGRAM": "iTerm.app"}, True),
        ({"WT_SESSION": "x"}, True),
        ({"VTE_VERSION": "6003"}, True),
        ({"VTE_VERSION": "4600"}, False),
        ({"VTE_VERSION": "?"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "screen-256color", "WT_SESSION": "x"}, False),
        ({"CI": "true", "WT_SESSION": "x"}, False),
        ({"FORCE_HYPERLINK": "1"}, True),
        ({"FORCE_HYPERLINK": "0", "WT_SESSION": "x"}, False),
    ],
)
def test_links_only_in_terminals_that_have_them(environ: dict[str, str], *, links: bool) -> None:
    assert emit.knows_links(environ) is links


def test_a_closed_pipe_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [sys.executable, "-m", "agentdoctor", "checks"],
        cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(writer)
    assert "Traceback" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr


def test_ctrl_c_before_there_is_anything_to_report_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_ctx: click.Context) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(group, "invoke", interrupted)
    monkeypatch.setattr(sys, "argv", ["agentdoctor", "checks"])
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 130
    assert capsys.readouterr().err.strip() == "Interrupted."


def test_a_wrong_word_ends_with_2_and_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["agentdoctor", "chekc"])
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 2
    assert "There is no command 'chekc'. Did you mean check?" in capsys.readouterr().err
