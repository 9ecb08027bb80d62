"""What an answer of Azure Resource Manager or of the Foundry data plane is as a fact: what it says, or why it says not.

A request that got no answer at all raises `AzureError`, which the asker makes an unread fact of.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from doctor import reading
from doctor.facts.tokens import arm_token, foundry_token
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.loose import Garbage

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.azure.pages import Pages
    from doctor.facts.estate import Estate
    from doctor.model.exchange import Answer
    from doctor.model.foundry import Json
    from doctor.reading import Asked

T = TypeVar("T")


def signed_out(estate: Estate) -> Unread | None:
    """Why nothing can be read from Azure Resource Manager; None when there is a token for it."""
    token = estate.ask(arm_token(estate))
    if not isinstance(token, Unread):
        return None
    # The token check says why, where it fails as well.
    because_of = ("token",) if isinstance(estate.ask(foundry_token(estate)), Unread) else ()
    return Unread(replace(token.problem, because_of=because_of))


def one(answer: Answer, asked: Asked, read: Callable[[Json], T]) -> Fact[T]:
    """One resource."""
    if answer.status != 200:
        return Unread(reading.problem(answer, asked))
    try:
        return Known(read(an_object(answer.json())))
    except ValueError as error:
        return Unread(reading.garbage(answer, asked, str(error)))


def every(pages: Pages, asked: Asked, read: Callable[[Json], T]) -> Fact[tuple[T, ...]]:
    """All items of a list; a list that was not read to its end is unread."""
    if not pages.complete:
        return Unread(_incomplete(pages, asked))
    try:
        return Known(tuple(read(an_object(item)) for item in pages.items))
    except ValueError as error:
        return Unread(reading.garbage(pages.answers[-1], asked, str(error)))


def parsed(fact: Fact[Json], read: Callable[[Json], T], what: str) -> Fact[T]:
    """The record that a resource is; one that cannot be understood is unread."""
    if isinstance(fact, Unread):
        return fact
    try:
        return Known(read(fact.value))
    except Garbage as error:
        return Unread(_garbled(what, error))


def each(fact: Fact[tuple[Json, ...]], read: Callable[[Json], T], what: str) -> Fact[tuple[T, ...]]:
    """The records that a list holds; a list with an item that cannot be understood is unread."""
    if isinstance(fact, Unread):
        return fact
    try:
        return Known(tuple(map(read, fact.value)))
    except Garbage as error:
        return Unread(_garbled(what, error))


def _garbled(what: str, error: Garbage) -> Problem:
    return Problem(Cause.UNRECOGNISED, f"{what} was answered with something that cannot be read ({error})")


def an_object(value: Any) -> Json:
    """The value, when it is a JSON object.

    Raises:
        Garbage: it is something else.
    """
    if not isinstance(value, dict):
        raise Garbage(f"expected a JSON object, got {type(value).__name__}")
    return value


def _incomplete(pages: Pages, asked: Asked) -> Problem:
    if pages.problem is not None:
        host = urlsplit(pages.answers[-1].url).hostname if pages.answers else ""
        return replace(pages.problem, host=pages.problem.host or host or "")
    if pages.answers:
        return reading.problem(pages.answers[-1], asked)
    return Problem(Cause.UNRECOGNISED, f"{asked.what} could not be read to the end")
