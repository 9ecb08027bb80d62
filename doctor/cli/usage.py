"""Turns what is wrong with a command line into one clear sentence and exit code 2."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from doctor.azure.connect_to import BadConnectTo
from doctor.azure.trust import BadTrust
from doctor.facts.ambiguity import AmbiguousTarget
from doctor.model.untrusted import clean
from doctor.target import MalformedTarget
from doctor.use_cases.bad_request import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def usage_errors() -> Iterator[None]:
    """Raise click's usage error for every bad input that is found within."""
    try:
        yield
    except MalformedTarget as error:
        nearest = f"\nThe nearest right form:\n  {clean(error.nearest)}" if error.nearest else ""
        raise click.UsageError(f"{clean(str(error))}{nearest}") from error
    except (BadConnectTo, BadTrust, BadRequest) as error:
        raise click.UsageError(clean(str(error))) from error
    except AmbiguousTarget as error:
        candidates = "\n".join(f"  {clean(one)}" for one in error.candidates)
        raise click.UsageError(
            f"{clean(error.given)!r} fits {len(error.candidates)} agents or applications. Name one:\n{candidates}"
        ) from error
