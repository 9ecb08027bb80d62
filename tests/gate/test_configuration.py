"""The configuration file and the environment, through the real command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pytest

from doctor import config
from doctor.cli.commands import COMMANDS, CONFIGURED
from doctor.cli.main import group
from doctor.model.cause import Cause
from tests.gate.conftest import Azure, invoke

if TYPE_CHECKING:
    from pathlib import Path

TWO = {"token", "application"}


def ran(document: dict[str, list[dict[str, str]]]) -> set[str]:
    """The checks that were not deselected."""
    return {one["check"] for one in document["results"] if "Deselected" not in one["summary"]}


def write(folder: Path, text: str, name: str = config.FILE) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(healthy: Azure, *options: str) -> str:
    """What a check says that ends as a usage error, with nothing on standard output."""
    ended = healthy.check(*options)
    assert (ended.exit_code, ended.stdout) == (2, "")
    return " ".join(ended.stderr.split())


def test_the_file_in_the_current_folder_is_read(here: Path, healthy: Azure) -> None:
    file = write(here, 'select = ["token", "application"]\n')
    document = healthy.report()
    assert ran(document) == TWO
    assert f"Configured by {file}." in document["notes"]


def test_the_nearest_folder_above_counts(tmp_path: Path, healthy: Azure, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    write(tmp_path, 'select = "token"\n')
    monkeypatch.chdir(deep)
    assert ran(healthy.report()) == {"token"}
    write(tmp_path / "a", 'select = "application"\n')
    assert ran(healthy.report()) == {"application"}


def test_pyproject_counts_where_it_has_our_table(here: Path, healthy: Azure) -> None:
    write(here, '[tool.other]\nselect = 1\n[tool.agentdoctor]\nselect = ["token", "application"]\n', "pyproject.toml")
    assert ran(healthy.report()) == TWO
    write(here, 'select = "token"\n')
    assert ran(healthy.report()) == {"token"}


def test_a_pyproject_without_our_table_is_passed_over(here: Path, healthy: Azure) -> None:
    write(here, "[tool.other]\nbroken =\n", "pyproject.toml")
    assert len(ran(healthy.report())) > 10


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(here: Path, healthy: Azure) -> None:
    write(here, 'select = "token"\n')
    assert ran(healthy.report(env={"AGENTDOCTOR_SELECT": "application protocol"})) == {"application", "protocol"}
    assert ran(healthy.report("--select", "deployment", env={"AGENTDOCTOR_SELECT": "application"})) == {"deployment"}


def test_a_file_can_be_named_or_left_out(here: Path, healthy: Azure) -> None:
    write(here, 'select = "token"\n')
    other = write(here, 'select = "application"\n', "other.toml")
    assert ran(healthy.report("--config", str(other))) == {"application"}
    assert ran(healthy.report(env={"AGENTDOCTOR_CONFIG": str(other)})) == {"application"}
    assert len(ran(healthy.report("--no-config"))) > 10
    assert len(ran(healthy.report("--no-config", env={"AGENTDOCTOR_CONFIG": str(other)}))) > 10
    assert "contradict" in refused(healthy, "--config", str(other), "--no-config")
    assert "contradict" in refused(healthy, "--no-config", "--config", str(other))


def test_the_application_may_come_from_the_file_or_the_environment(here: Path, healthy: Azure) -> None:
    target, *rest = healthy.arguments
    write(here, f'app = "{target}"\nselect = "token"\nformat = "json"\n')
    assert invoke("check", *rest, env=healthy.simulator.environ).exit_code == 0
    listed = invoke("access", *rest, env=healthy.simulator.environ)
    assert (listed.exit_code, "Who may do" in listed.stdout) == (0, True), listed.stderr
    env = {**healthy.simulator.environ, "AGENTDOCTOR_APP": "not a target ://"}
    assert invoke("check", *rest, env=env).exit_code == 2


def test_a_command_has_its_own_table(here: Path, healthy: Azure) -> None:
    write(here, 'select = "token"\ntimeout = 30\n[access]\nprincipal = "nobody"\n')
    ended = invoke("access", *healthy.arguments, env=healthy.simulator.environ)
    assert (ended.exit_code, "nobody" in ended.stderr) == (2, True)
    assert ran(healthy.report()) == {"token"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("selct = 'token'", "there is no option 'selct'. Did you mean select?"),
        ("select = 'tokn'", "There is no check 'tokn'. Did you mean token?"),
        ("timeout = 'long'", "timeout: 'long' is no duration"),
        ("timeout = 0.5", "timeout: 0.5 is not between"),
        ("timeout = true", "timeout must be a value, not true or false"),
        ("fail-on = 'never'", "fail-on: 'never' is not one of"),
        ("allow-unknown = 'yes'", "allow-unknown must be true or false"),
        ("tenant = ['a']", "tenant takes one value, not a list"),
        ("select = [1]", "select must be a string"),
        ("wait = '10 parsecs'", "no duration"),
        ("[chek]\nselect = 'token'", "there is no command that is configured here, named 'chek'. Did you mean check?"),
        ("[completion]\nshell = 'bash'", "named 'completion'"),
        ("[check]\nselct = 'token'", "there is no option of check 'selct'"),
        ("select =", "is not valid TOML"),
        ("waivers = 'all'", "waivers must be written as [[waivers]] tables"),
        ("[waivers]\ncheck = 'token'", "waivers must be written as [[waivers]] tables"),
        ("[[waivers]]\nreason = 'x'", "waiver 1 needs a check"),
        ("[[waivers]]\ncheck = 'token'", "waiver 1 needs a reason"),
        ("[[waivers]]\ncheck = 'token'\nreason = ' '", "waiver 1 needs a reason"),
        (
            "[[waivers]]\ncheck = 'token'\nreason = 'x'\nutil = 12",
            "no key in waiver 1 'util'. Did you mean until?",
        ),
        ("[[waivers]]\ncheck = 'token'\nreason = 'x'\nuntil = 'soon'", "until must be a date, for example 2026-12-31"),
        ("[[waivers]]\ncheck = 'token'\nreason = 'x'\nuntil = 12", "until must be a date"),
        ("[[waivers]]\ncheck = 'token'\nreason = 'x'\ncause = 'denid'", "'denid'. Did you mean denied?"),
        ("allow-host = 'evil.example'", "Name the file with --config"),
        ("connect-to = '::evil.example:443'", "Name the file with --config"),
        ("ca-file = 'ca.pem'", "Name the file with --config"),
        ("report = ['text=/etc/profile']", "may only name files below the current folder"),
        ("output = '../report.txt'", "may only name files below the current folder"),
        ("bundle = '/etc/profile'", "may only name files below the current folder"),
        ("map = '../key.json'", "may only name files below the current folder"),
    ],
)
def test_what_is_wrong_is_said_with_its_file(here: Path, healthy: Azure, text: str, said: str) -> None:
    write(here, text)
    told = refused(healthy)
    assert said in told
    if "tokn" not in text:
        assert f"{here / config.FILE}" in told


def test_a_named_file_may_say_where_tokens_go(here: Path, healthy: Azure) -> None:
    target, *_ = healthy.arguments
    folder = here / "config"
    folder.mkdir()
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(healthy.simulator.ca_file.read_bytes())
    own = write(
        folder,
        f'connect-to = "{healthy.simulator.connect_to}"\nca-file = "ca.pem"\ncredential = "env"\nselect = "token"\n',
    )
    ended = invoke("check", target, "--config", str(own), "-f", "json", env=healthy.simulator.environ)
    assert ended.exit_code == 0, ended.stderr


def test_a_missing_or_unreadable_file_is_a_usage_error(here: Path, healthy: Azure) -> None:
    assert "cannot be read" in refused(healthy, "--config", "missing.toml")
    (here / config.FILE).write_bytes(b"select = '\xff'")
    assert "is not UTF-8" in refused(healthy)


def test_help_and_version_read_no_file(here: Path) -> None:
    write(here, "broken")
    assert invoke("check", "--help").exit_code == 0
    assert invoke("--version").exit_code == 0


def test_waivers_are_read_whole(here: Path) -> None:
    path = write(
        here,
        """
        [[waivers]]
        check = "downstream-access"
        subject = "reports"
        cause = "lost-on-publish"
        reason = "Known \\u001b[31m"
        until = 2026-12-31
        [[waivers]]
        check = "token"
        reason = "x"
        until = "2026-12-30"
        [[waivers]]
        check = "token"
        reason = "x"
        until = 2026-12-31T23:30:00-05:00
        [[waivers]]
        check = "token"
        reason = "for ever"
        """,
    )
    first, second, third, last = config.load(path).waivers
    assert (first.check, first.subject, first.cause) == ("downstream-access", "reports", Cause.LOST_ON_PUBLISH)
    assert first.reason == "Known \\x1b[31m"
    ends = [str(one.until) for one in (first, second, third, last)]
    assert ends == [
        "2026-12-31",
        "2026-12-30",
        "2027-01-01",
        "None",
    ]


def test_the_commands_that_read_the_file_are_known() -> None:
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        assert any(one.name == "config" for one in command.params) is (name in CONFIGURED)


def test_every_option_has_a_variable_that_its_help_shows() -> None:
    told = invoke("check", "--help", env={"COLUMNS": "100"}).stdout
    for name in ("TIMEOUT", "SELECT", "FAIL_ON", "WAIT", "CONFIG", "NO_CI", "FORMAT", "CA_FILE"):
        assert f"AGENTDOCTOR_{name}" in told
    assert "AGENTDOCTOR_DIFF_FORMAT" in invoke("diff", "--help").stdout
    assert "AGENTDOCTOR_TENANT" in invoke("access", "--help").stdout


def test_every_kind_of_value_takes_effect(here: Path, healthy: Azure) -> None:
    write(
        here,
        """
        format = "json"
        report = ["text=report.txt", "markdown=report.md"]
        select = ["token,endpoint-accepts-caller", "application"]
        ignore = "application"
        fail-on = "warn"
        allow-unknown = true
        verbose = true
        timeout = 30
        wait = "1m"
        no-ci = true
        [[waivers]]
        check = "token"
        reason = "covers nothing"
        """,
    )
    ended = healthy.check(env={"GITHUB_ACTIONS": "true"})
    document = json.loads(ended.stdout)
    assert ran(document) == {"token", "endpoint-accepts-caller", "waivers"}
    assert document["policy"] == {"fail_on_warn": True, "allow_unknown": True}
    assert (ended.exit_code, document["summary"]["warn"]) == (1, 1)
    assert "Requests" in (here / "report.txt").read_text(encoding="utf-8")
    assert (here / "report.md").exists()
    assert "::warning" not in ended.stderr


def test_a_flag_of_the_file_can_be_taken_back_by_the_environment(here: Path, lost: Azure) -> None:
    write(here, 'fail-on = "warn"\nallow-unknown = true\n')
    document = lost.report(env={"AGENTDOCTOR_ALLOW_UNKNOWN": "0", "AGENTDOCTOR_FAIL_ON": "fail"})
    assert document["policy"] == {"fail_on_warn": False, "allow_unknown": False}


def test_a_bad_variable_is_a_usage_error(here: Path, healthy: Azure) -> None:
    for name, value in (("TIMEOUT", "long"), ("FAIL_ON", "never"), ("WAIT", "soon"), ("INVOKE", "perhaps")):
        ended = healthy.check(env={f"AGENTDOCTOR_{name}": value})
        assert (ended.exit_code, ended.stdout) == (2, "")


def test_a_command_without_azure_has_its_options_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "[explain]\nformat = 'json'")
    assert invoke("explain", "403 Forbidden").stdout.startswith("{")
    assert not invoke("explain", "--no-config", "403 Forbidden").stdout.startswith("{")
