"""What a CI system gets besides what was asked for: annotations in its log, and a page for its summary."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from doctor.cli import emit
from doctor.cli.guarded import guarded
from doctor.model.format import Style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.cli.emit import Output
    from doctor.model.format import Format
    from doctor.model.report import Report

GITHUB = "github"
AZURE_DEVOPS = "azure-devops"


def detect(environ: Mapping[str, str]) -> str | None:
    """The report format of the CI system that runs us; None outside of those that have one.

    GitHub Actions sets GITHUB_ACTIONS to `true`, Azure Pipelines TF_BUILD to `True`; both document it for this use.
    """
    if environ.get("GITHUB_ACTIONS", "").lower() == "true":
        return GITHUB
    if environ.get("TF_BUILD", "").lower() == "true":
        return AZURE_DEVOPS
    return None


def tell(report: Report, name: str, outputs: tuple[Output, ...], environ: Mapping[str, str], anchor: str) -> None:
    """Write the annotations and the summary of a CI system.

    Args:
        report: the finished report.
        name: the system's format, as `detect` gave it.
        outputs: what was asked for, the main report first; annotations that it prints already are not printed again.
        environ: says where the system wants its summary.
        anchor: file of the repository that annotations point to, or "".
    """
    system = emit.formats().get(name)
    if system is None:
        return
    style = Style(width=100, anchor=anchor)
    main = outputs[0]
    # Both systems obey commands on standard error too, so a report for a program on standard output stays whole.
    aside = main.path is None and main.format.name != "text"
    if not (main.path is None and main.format.name == name):
        _say(system.render(report, style), aside=aside)
    if system.summary is not None:
        _summarise(report, system, style, environ, aside=aside)


def _summarise(report: Report, system: Format, style: Style, environ: Mapping[str, str], *, aside: bool) -> None:
    if system.summary is None:
        return
    page = guarded(system.summary(report, style))
    try:
        if system.name == GITHUB:
            _append(environ.get("GITHUB_STEP_SUMMARY", ""), page)
        elif system.name == AZURE_DEVOPS:
            from reports.azure_devops import upload  # noqa: PLC0415 - only this system has it

            folder = environ.get("AGENT_TEMPDIRECTORY") or None
            with tempfile.NamedTemporaryFile(
                "w", encoding="utf-8", newline="", prefix="agentdoctor-", suffix=".md", dir=folder, delete=False
            ) as file:
                file.write(page)
            _say(upload(file.name), aside=aside)
    except OSError as error:
        click.echo(f"The summary for {system.name} could not be written: {error.strerror or error}.", err=True)


def _append(path: str, page: str) -> None:
    # Other steps of the same job have written there before us.
    if path:
        with Path(path).open("a", encoding="utf-8", newline="") as file:
            file.write(page if page.endswith("\n") else f"{page}\n")


def _say(text: str, *, aside: bool) -> None:
    if aside:
        click.echo(text, nl=not text.endswith("\n"), err=True)
    else:
        emit.put(text)
