"""Reports are written whole or not at all, and a found configuration file has no power."""

from __future__ import annotations

import errno
import os
import threading
from typing import TYPE_CHECKING

import click
import pytest

from doctor.cli import emit
from tests.check.cli import invoke

if TYPE_CHECKING:
    from pathlib import Path


def test_an_old_report_survives_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.json"
    file.write_text("the old report")

    def full(*_args: object, **_options: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(click.UsageError, match="No space left"):
        emit.write_file(file, "the new report")
    assert file.read_text() == "the old report"
    assert [*tmp_path.iterdir()] == [file]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    link = tmp_path / "report.json"
    link.symlink_to(precious)
    emit.write_file(link, "the report")
    assert precious.read_text() == "keep me"
    assert not link.is_symlink()
    assert link.read_text() == "the report"


def test_what_cannot_be_replaced_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()), daemon=True)
    reader.start()
    emit.write_file(pipe, "the report")
    reader.join(5)
    assert got == ["the report"]
    assert pipe.is_fifo()


def test_concurrent_runs_do_not_mix(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    texts = [str(number) * 200_000 for number in range(8)]
    threads = [threading.Thread(target=emit.write_file, args=(file, text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert file.read_text() in texts
    assert [*tmp_path.iterdir()] == [file]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('connect-to = [":443:evil.example:443"]', "where a token may go"),
        ('allow-host = ["evil.example"]', "where a token may go"),
        ('ca-file = "evil.pem"', "where a token may go"),
        ('output = "/etc/cron.d/x"', "below the current folder"),
        ('output = "../x"', "below the current folder"),
        ('output = "out/report.json"', "below the current folder"),
        ("a = " + "[" * 50_000, "nested too deeply"),
        ("# " + "x" * 2_000_000, "larger than any configuration"),
        ('checks = ["evil"]', "no option"),
    ],
)
def test_a_found_file_has_no_power(text: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    here = tmp_path / "repository"
    here.mkdir()
    (here / "out").symlink_to(elsewhere)
    (here / "agentdoctor.toml").write_text(text)
    monkeypatch.chdir(here)
    ran = invoke(["check", "contoso-ai/support/helpdesk"])
    assert ran.exit_code == 2
    assert says in ran.stderr
    assert [*elsewhere.iterdir()] == []
