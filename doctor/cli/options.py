"""Options that several commands share, and how a run's clients are made from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from doctor.cli.configuration import config_options
from doctor.cli.duration import Duration
from doctor.facts.options import DEFAULT_PROMPT, DEFAULT_TIMEOUT, CredentialKind, Options

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")

_CLOUDS = ("public", "usgovernment", "china")

SIGN_IN = (
    click.option(
        "--credential",
        type=click.Choice([kind.value for kind in CredentialKind]),
        default=CredentialKind.DEFAULT.value,
        show_default=True,
        help="Where the token comes from.",
    ),
    click.option("--tenant", default="", metavar="ID", help="Tenant to sign in to. Default: the resource's own."),
    click.option("--subscription", default="", metavar="ID", help="Where to look for the agent."),
    click.option("--cloud", type=click.Choice(_CLOUDS), default="public", show_default=True, help="Which Azure."),
    config_options,
)
WIRE = (
    click.option(
        "--connect-to",
        multiple=True,
        metavar="H1:P1:H2:P2",
        help="Connect to H2:P2 instead of H1:P1, as curl does; empty H1 or P1 means any. May repeat.",
    ),
    click.option(
        "--ca-file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="PEM file with certificates to trust besides the system's.",
    ),
    click.option(
        "--allow-host", multiple=True, metavar="HOST", help="A host outside Azure that may get the token. May repeat."
    ),
    click.option(
        "--timeout",
        type=Duration(shortest=1, longest=3600),
        default=DEFAULT_TIMEOUT,
        show_default=True,
        metavar="DURATION",
        help="Time for the whole run: 90s, 2m; a bare number is seconds.",
    ),
)
INVOKE = (
    click.option("--invoke", is_flag=True, help="Make one real call. It is billed to the publisher."),
    click.option("--prompt", default=DEFAULT_PROMPT, show_default=True, help="Text of the real call."),
)


def shared(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Decorate a command with options, in the order in which its help shows them."""

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def options_of(target: str, given: dict[str, Any]) -> Options:
    """The run's options from what click parsed."""
    return Options(
        target=target,
        cloud=given["cloud"],
        credential=CredentialKind(given["credential"]),
        tenant=given["tenant"],
        subscription=given["subscription"],
        principal=given.get("principal") or "",
        connect_to=tuple(given["connect_to"]),
        ca_file=given["ca_file"],
        allow_hosts=tuple(given["allow_host"]),
        timeout=given["timeout"],
        invoke=given.get("invoke", False),
        prompt=given.get("prompt") or DEFAULT_PROMPT,
    )


def listed(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values of an option that may repeat, or be a comma list."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())
