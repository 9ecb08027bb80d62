"""`agentdoctor causes`: what a cause means, what to do about it, and which error texts mean it."""

from __future__ import annotations

import click

from doctor.cli import emit, suggest

EPILOG = """\b
Examples:
  agentdoctor causes
  agentdoctor causes role-lacks-action
"""


@click.command(epilog=EPILOG)
@click.argument("cause", required=False, shell_complete=suggest.cause_ids)
def command(cause: str | None) -> None:
    """List the causes, or tell what one CAUSE means, what to do about it and which error texts mean it."""
    from doctor.model.cause import Cause  # noqa: PLC0415 - --help does not need it

    if cause is None:
        width = max(len(one.value) for one in Cause)
        click.echo("\n".join(f"{one.value:<{width}}  {one.meaning}" for one in Cause))
        return
    from doctor.cli.cause_page import cause_page  # noqa: PLC0415 - as above
    from doctor.engine import registry  # noqa: PLC0415 - as above
    from doctor.use_cases.bad_request import near  # noqa: PLC0415 - as above

    known = {one.value: one for one in Cause}
    if cause not in known:
        hint = near(cause, known)
        raise click.UsageError(f"There is no cause {cause!r}.{hint} `agentdoctor causes` lists them.")
    checks = tuple(one.check for one in registry.load().checks)
    emit.put(cause_page(known[cause], checks, ()))
