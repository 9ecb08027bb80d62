"""Where reports go: the options that say so, what a terminal can show, and files written whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from doctor.cli import suggest
from doctor.cli.guarded import guarded
from doctor.cli.options import shared
from doctor.model.format import Format, Style
from doctor.model.shell import Shell, told_in
from doctor.use_cases.bad_request import near

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from doctor.model.report import Report

F = TypeVar("F", bound="Callable[..., Any]")

ANCHORS = ("azure.yaml", "infra/main.bicep", "infra/main.tf", "main.bicep", "main.tf")
"""Files that a repository of an agent is likely to have, in the order in which CI formats point to them."""
VTE_WITH_LINKS = 5000
"""GNOME Terminal's library shows links from this version on."""
_COLORS = ("auto", "always", "never")


@dataclass(frozen=True, slots=True)
class Output:
    """One report to write."""

    format: Format
    path: Path | None
    """None is standard output."""


def output_options(command: F) -> F:
    """Decorate a command with the options that say what is written where."""
    return shared(
        click.option(
            "-f",
            "--format",
            metavar="NAME",
            shell_complete=suggest.format_names,
            help="text (default), ticket, short, json, html, markdown, junit, sarif… for the main report.",
        ),
        click.option("--short", is_flag=True, help="One line, as --format short."),
        click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write the main report there. Its ending chooses the format where --format does not.",
        ),
        click.option(
            "--report",
            multiple=True,
            metavar="NAME=FILE",
            shell_complete=suggest.reports,
            help="One more report of the same run. May repeat.",
        ),
        shell_option,
        click.option("-v", "--verbose", is_flag=True, help="Show the evidence of what passed, and every request."),
        color_option,
    )(command)


def shell_option(command: F) -> F:
    """Decorate a command with the option that says for which shell commands are written."""
    return click.option(
        "--shell",
        type=click.Choice([shell.value for shell in Shell]),
        default=None,
        callback=_shell,
        help="Write commands for this shell. Default: the one that this is run from, as far as that can be told.",
    )(command)


def _shell(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> Shell:
    return Shell(value) if value else own_shell(os.environ, windows=os.name == "nt")


def own_shell(environ: Mapping[str, str], *, windows: bool) -> Shell:
    """The shell that we are run from: PowerShell says so itself, and on Windows is taken where no POSIX shell shows.

    PowerShell 7 sets POWERSHELL_DISTRIBUTION_CHANNEL; Git Bash and its kin set MSYSTEM or SHELL.
    """
    posix = bool(environ.get("MSYSTEM") or environ.get("SHELL"))
    if environ.get("POWERSHELL_DISTRIBUTION_CHANNEL") or (windows and not posix):
        return Shell.POWERSHELL
    return Shell.BASH


def color_option(command: F) -> F:
    """Decorate a command with the option that says whether its text is coloured."""
    return click.option(
        "--color", type=click.Choice(_COLORS), default="auto", show_default=True, help="Whether text is coloured."
    )(command)


def anchor_option(command: F) -> F:
    """Decorate a command with the option that says to which file of the repository CI formats point."""
    return click.option(
        "--sarif-anchor",
        default="",
        callback=_anchor,
        metavar="FILE",
        help="File of your repository that SARIF results and CI annotations point to. "
        "Default: azure.yaml or the infrastructure file; SARIF then README.md.",
    )(command)


def _anchor(_ctx: click.Context, _parameter: click.Parameter, value: str) -> str:
    """The anchor relative to the current folder, with slashes, as CI systems want it; else the first that is there."""
    if not value:
        return next((name for name in ANCHORS if Path(name).is_file()), "")
    try:
        relative = Path(value).resolve().relative_to(Path.cwd().resolve())
    except ValueError:
        raise click.BadParameter(f"{value} is not below the current folder.") from None
    return relative.as_posix()


def formats() -> dict[str, Format]:
    """Every report format that is installed, by name.

    Raises:
        click.UsageError: an installed format cannot be loaded.
    """
    from importlib import metadata  # noqa: PLC0415 - it is slow to load, and --help does not need it

    found: dict[str, Format] = {}
    for entry_point in metadata.entry_points(group=suggest.REPORTS):
        try:
            loaded = entry_point.load()
        except Exception as error:
            raise click.UsageError(f"The report format {entry_point.name!r} cannot be loaded: {error}") from error
        if isinstance(loaded, Format):
            found[loaded.name] = loaded
    return dict(sorted(found.items()))


def outputs(given: Mapping[str, Any]) -> tuple[Output, ...]:
    """What to write, the main report first, of what click parsed.

    Raises:
        click.UsageError: a format is not known, or a file cannot be written there.
    """
    known, path = formats(), given["output"]
    name = "short" if given["short"] else given["format"]
    if given["short"] and given["format"] not in {None, "short"}:
        raise click.UsageError("--short and --format contradict each other.")
    main = _named(name, known) if name else _by_ending(path, known)
    wanted = [Output(main, path)]
    for report in given["report"]:
        kind, equals, file = report.partition("=")
        if not equals or not file:
            raise click.UsageError(f"--report {report!r} is not of the form NAME=FILE, for example html=report.html.")
        wanted.append(Output(_named(kind, known), Path(file)))
    paths = [output.path for output in wanted if output.path is not None]
    for one in paths:
        _check_writable(one)
    if len({one.resolve() for one in paths}) < len(paths):
        raise click.UsageError("Two reports would be written to the same file.")
    return tuple(wanted)


def _named(name: str, known: dict[str, Format]) -> Format:
    if name not in known:
        raise click.UsageError(f"There is no report format {name!r}.{near(name, known)} There are: {', '.join(known)}.")
    return known[name]


def _by_ending(path: Path | None, known: dict[str, Format]) -> Format:
    ending = path.suffix.lstrip(".").lower() if path else ""
    return next((one for one in known.values() if ending and one.extension == ending), known["text"])


def _check_writable(path: Path) -> None:
    folder = path.parent.resolve()
    if path.is_dir():
        raise click.UsageError(f"{path} is a folder; name a file to write the report to.")
    if not folder.is_dir():
        raise click.UsageError(f"There is no folder {folder} to write {path.name} into.")
    if not _is_device(path) and not os.access(folder, os.W_OK):
        raise click.UsageError(f"{path} cannot be written: permission denied.")
    if path.exists() and not path.is_symlink() and not os.access(path, os.W_OK):
        raise click.UsageError(f"{path} cannot be written: permission denied.")


def _is_device(path: Path) -> bool:
    """Whether it is a pipe, a terminal or the like (also by a link, as /dev/stdout is), which cannot be replaced."""
    return path.exists() and not path.is_file()


@dataclass(frozen=True, slots=True)
class Manner:
    """How reports are written, beside their formats."""

    color: str = "auto"
    verbose: bool = False
    anchor: str = ""
    shell: Shell = Shell.BASH
    announced: bool = True
    """Whether standard error is told of each file."""

    @classmethod
    def of(cls, given: Mapping[str, Any], *, announced: bool = True) -> Manner:
        """What click parsed."""
        return cls(given["color"], given["verbose"], given["sarif_anchor"], given["shell"], announced)


FOR_PROGRAMS = frozenset({"json", "sarif", "junit"})
"""Formats whose commands stay as they are: they are told for a POSIX shell."""


def write(report: Report, wanted: tuple[Output, ...], manner: Manner) -> None:
    """Write every report; files before standard output, so that a closed pipe loses none."""
    told = told_in(report, manner.shell)
    for output in sorted(wanted, key=lambda one: one.path is None):
        one = report if output.format.name in FOR_PROGRAMS else told
        if output.path is None:
            style = replace(terminal_style(sys.stdout, manner.color, verbose=manner.verbose), anchor=manner.anchor)
            put(output.format.render(one, style))
        else:
            style = Style(width=100, verbose=manner.verbose, anchor=manner.anchor)
            write_file(output.path, output.format.render(one, style))
            if manner.announced:
                announce(output.path, output.format.name)


def announce(path: Path, name: str) -> None:
    """Say on standard error what was written where."""
    click.echo(f"Wrote {path} ({name}).", err=True)


def put(text: str) -> None:
    """Write text to standard output; what its encoding lacks is shown as an escape."""
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), nl=not text.endswith("\n"), color=True)


def write_file(path: Path, text: str) -> None:
    """Write a whole text file or nothing, without the run's secrets. A link is replaced and not followed.

    Raises:
        click.UsageError: the file cannot be written.
    """
    write_bytes(path, guarded(text).encode())


def write_bytes(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a whole file or nothing. A link is replaced and not followed.

    Args:
        path: the file.
        content: free of secrets.
        private: nobody but the owner may read it.

    Raises:
        click.UsageError: the file cannot be written.
    """
    try:
        if _is_device(path):
            path.write_bytes(content)
            return
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(name).chmod(0o600 if private else 0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise click.UsageError(f"{path} could not be written: {error.strerror or error}.") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def terminal_style(stream: TextIO, color: str, *, verbose: bool = False) -> Style:
    """What a stream can show, by the conventions of NO_COLOR, FORCE_COLOR, TERM and --color."""
    terminal = stream.isatty()
    environ = os.environ
    dumb = environ.get("TERM") == "dumb"
    if color == "auto":
        forced = environ.get("FORCE_COLOR", "") not in {"", "0"}
        colour = not environ.get("NO_COLOR") and (forced or (terminal and not dumb))
    else:
        colour = color == "always"
    unicode = (stream.encoding or "").lower().replace("-", "").startswith("utf") and not dumb
    size = shutil.get_terminal_size((80, 24)) if terminal else os.terminal_size((80, 24))
    width = max(40, min(size.columns, 120))
    links = terminal and colour and knows_links(environ)
    return Style(width=width, height=max(24, size.lines), colour=colour, unicode=unicode, links=links, verbose=verbose)


def knows_links(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is one of those that are known to show OSC-8 links; FORCE_HYPERLINK says it outright."""
    if "FORCE_HYPERLINK" in environ:
        return environ["FORCE_HYPERLINK"] != "0"
    if environ.get("CI") or environ.get("TERM", "").startswith(("screen", "tmux")):
        return False
    vte = environ.get("VTE_VERSION", "")
    return (
        any(environ.get(name) for name in ("WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "DOMTERM"))
        or environ.get("TERM_PROGRAM") in {"iTerm.app", "WezTerm", "vscode", "Hyper", "ghostty", "Tabby", "rio"}
        or environ.get("TERM") in {"xterm-kitty", "alacritty", "foot", "contour", "xterm-ghostty"}
        or (vte.isdigit() and int(vte) >= VTE_WITH_LINKS)
    )
