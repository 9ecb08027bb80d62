"""`agentdoctor checks`: which checks there are, where they come from, and what each one's file says of it."""

from __future__ import annotations

import difflib

import click

from doctor.cli import suggest
from doctor.engine import registry

EPILOG = """\b
Examples:
  agentdoctor checks
  agentdoctor checks lost-on-publish
"""


@click.command(epilog=EPILOG)
@click.argument("check", required=False, shell_complete=suggest.check_ids)
def command(check: str | None) -> None:
    """List the checks and where they come from, or show the documentation of one CHECK."""
    found = registry.load()
    if check is None:
        _list(found)
        return
    registered = found.get(check)
    for broken in found.broken:
        if broken.name == check:
            raise click.UsageError(f"The check {check!r} from {broken.origin} could not be loaded: {broken.reason}")
    if registered is None:
        near = difflib.get_close_matches(check, found.ids(), 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise click.UsageError(f"There is no check {check!r}.{hint}")
    click.echo(f"# {check}\n\n{registered.check.documentation.strip()}\n")
    if registered.check.needs:
        click.echo(f"Needs: {', '.join(registered.check.needs)}")
    if registered.check.link:
        click.echo(f"Read more: {registered.check.link}")
    click.echo(f"From: {registered.origin}")


def _list(found: registry.Registry) -> None:
    group = ""
    width = max((len(one.check.id) for one in found.checks), default=0)
    for one in found.checks:
        if one.check.group.value != group:
            group = one.check.group.value
            click.echo(f"\n{group}" if one is not found.checks[0] else group)
        click.echo(f"  {one.check.id:<{width}}  {one.check.title}  ({one.origin})")
    for broken in found.broken:
        click.echo(f"\n{broken.name} from {broken.origin} could not be loaded: {broken.reason}", err=True)
    click.echo("\n`agentdoctor checks CHECK` shows one check's documentation.")
