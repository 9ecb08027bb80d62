"""What a shell is offered for a value: checks, scenarios, report formats; they are loaded when it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

REPORTS = "agentdoctor.reports"
"""Entry-point group of the report formats."""


def check_ids(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids of checks, also behind a comma; those that are in the list already are not offered again."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a shell that completes needs it

    from doctor.engine import registry  # noqa: PLC0415 - as above

    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    checks = (one.check for one in registry.load().checks)
    return [
        CompletionItem(f"{before}{comma}{check.id}", help=check.title)
        for check in checks
        if check.id.startswith(last) and check.id not in taken
    ]


def cause_ids(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Causes, with their meaning."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a shell that completes needs it

    from doctor.model.cause import Cause  # noqa: PLC0415 - as above

    return [CompletionItem(one.value, help=one.meaning) for one in Cause if one.value.startswith(incomplete)]


def scenarios(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of scenarios."""
    from doctor.simulator import scenario_names  # noqa: PLC0415 - only a shell that completes needs it

    return [name for name in scenario_names() if name.startswith(incomplete)]


def format_names(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of report formats."""
    return sorted(name for name in _formats() if name.startswith(incomplete))


def reports(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The beginning of NAME=FILE."""
    return sorted(f"{name}=" for name in _formats() if name.startswith(incomplete))


def _formats() -> set[str]:
    from importlib import metadata  # noqa: PLC0415 - it is slow to load, and --help does not need it

    return {entry_point.name for entry_point in metadata.entry_points(group=REPORTS)}
