"""`agentdoctor explain`: a diagnosis from a pasted error alone. No Azure access, no login, no network."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from doctor.cli import emit
from doctor.cli.clipboard import from_clipboard
from doctor.cli.configuration import config_options
from doctor.model.shell import Shell, fixes_in, in_shell
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.reading.explain import Explanation

_MOST_BYTES = 16 * 1024 * 1024
_LOOKS_LIKE_A_FILE = re.compile(
    r"(?:~|\.{0,2})/[^\s]{1,4000}|[^\s<>{}\[\]\"']{1,400}\.(?:txt|json|log|har|html?|xml|out|err|md|jsonl|gz)",
    re.IGNORECASE,
)
_UNRECOGNISED = 3


EPILOG = """\b
Examples:
  agentdoctor explain 'Error code: 401 - ...'
  agentdoctor explain error.log
  az ... 2>&1 | agentdoctor explain -
  agentdoctor explain --status 403 --body answer.json --format markdown

Exits with 0 for a diagnosis or when there is no error, with 3 when nothing is recognised, with 2 for wrong usage.
"""


@click.command("explain", epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("texts", nargs=-1, metavar="[TEXT|FILE...|-|CAUSE]")
@click.option("--clipboard", is_flag=True, help="Explain what the clipboard holds, where this system has one.")
@click.option(
    "--status", type=click.IntRange(100, 599), help="HTTP status of the answer, where the text does not say it."
)
@click.option(
    "--body", type=click.Path(dir_okay=False, allow_dash=True), help="File with the body of the answer (- is stdin)."
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="How it is told: for people, for programs, for a ticket.",
)
@emit.shell_option
@config_options
def command(
    *,
    texts: tuple[str, ...],
    clipboard: bool,
    status: int | None,
    body: str | None,
    style: str,
    shell: Shell,
) -> None:
    """Explain a pasted error. Needs no Azure access, no login, no network.

    Takes what people paste: a JSON body, a raw HTTP answer, what curl -v prints, a HAR file, an event of a stream, an
    exception of Python, .NET, Java or Node, the output of az or azd, a web page of a gateway, a log, an access token;
    several files; a cause's name; a report of agentdoctor. Without any it waits for a paste.
    """
    if sum((bool(texts), body is not None, clipboard)) > 1:
        raise click.UsageError("Give either the text, or --body FILE, or --clipboard, not several.")
    if len(texts) > 1 and all(_is_existing(one) for one in texts):
        _explain_files(texts, Told(style, shell))
        return
    if clipboard:
        data = from_clipboard()
    else:
        data = _read(body if body is not None else " ".join(texts) or None, is_file=body is not None)
    if not _tell(data, status, Told(style, shell)):
        sys.exit(_UNRECOGNISED)


@dataclass(frozen=True, slots=True)
class Told:
    """How an explanation is told."""

    style: str
    shell: Shell


def _in_shell(explanation: Explanation, shell: Shell) -> Explanation:
    diagnoses = tuple(replace(one, fixes=fixes_in(one.fixes, shell)) for one in explanation.diagnoses)
    return replace(explanation, diagnoses=diagnoses, next_command=in_shell(explanation.next_command, shell))


def _explain_files(names: tuple[str, ...], told: Told) -> None:
    """Each file by itself, so that nothing of one is told of another."""
    recognised = [_tell_file(name, told) for name in names]
    if not any(recognised):
        sys.exit(_UNRECOGNISED)


def _tell_file(name: str, told: Told) -> bool:
    if told.style != "json":
        click.echo(f"== {clean(name)}\n")
    recognised = _tell(_read(name, is_file=True), None, told)
    click.echo()
    return recognised


def _tell(data: bytes, status: int | None, told: Told) -> bool:
    """Print the explanation; whether there is no error or one that is known."""
    if not data.strip():
        if status is None:
            raise click.UsageError("There is nothing to explain: the input is empty.")
        data = f"HTTP {status}".encode()
    if len(data) >= _MOST_BYTES:
        click.echo(f"Only the first {_MOST_BYTES // (1024 * 1024)} MB are looked at.", err=True)
    from doctor.cli.explain_views import VIEWS  # noqa: PLC0415 - only now is it needed
    from doctor.use_cases.explain import ZIP, explain  # noqa: PLC0415 - same

    explanation = _of_archive(data) if data.startswith(ZIP) else explain(data, status)
    shown = explanation if told.style in emit.FOR_PROGRAMS else _in_shell(explanation, told.shell)
    _print(VIEWS[told.style](shown, data))
    return explanation.is_recognised


def _of_archive(data: bytes) -> Explanation:
    """The explanation of one of our bundles.

    Raises:
        click.UsageError: it is another archive.
    """
    from doctor.evidence.archive import BadBundle  # noqa: PLC0415 - only an archive needs it
    from doctor.use_cases.explain import explain  # noqa: PLC0415 - same

    try:
        return explain(data)
    except BadBundle as error:
        raise click.UsageError(str(error)) from error


def _read(source: str | None, *, is_file: bool) -> bytes:
    """The bytes to explain.

    Raises:
        click.UsageError: there is no input, or no such file.
    """
    if source == "-" or (source is None and not sys.stdin.isatty()):
        return sys.stdin.buffer.read(_MOST_BYTES)
    if source is None:
        ending = "Ctrl-Z and Enter" if os.name == "nt" else "Ctrl-D"
        click.echo(f"Paste the error, end with {ending}.", err=True)
        return sys.stdin.buffer.read(_MOST_BYTES)
    if is_file or _is_existing(source):
        try:
            with Path(source).open("rb") as file:
                return file.read(_MOST_BYTES)
        except OSError as error:
            raise click.UsageError(f"{click.format_filename(source)} cannot be read: {error.strerror}.") from error
    if _LOOKS_LIKE_A_FILE.fullmatch(source):
        raise click.UsageError(f"There is no file {click.format_filename(source)}.")
    return source.encode("utf-8", "surrogateescape")


def _is_existing(source: str) -> bool:
    try:
        return len(source) < 4096 and Path(source).is_file()
    except (OSError, ValueError):  # a name that no file can have is a text
        return False


def _print(text: str) -> None:
    """Write it whole, also where the terminal cannot show every character."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding))
