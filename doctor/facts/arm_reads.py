"""Reads of Azure Resource Manager as facts: what the answer says, or why it could not be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from doctor.azure.errors import AzureError
from doctor.facts import refusals
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.loose import Garbage

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.azure.arm import Arm
    from doctor.azure.pages import Pages
    from doctor.facts.refusals import Asked
    from doctor.facts.sign_in import SignIn
    from doctor.model.foundry import Json

T = TypeVar("T")

_ABSENT = {400, 404, 405, 501}
"""What Resource Graph answers where it is not to be had; waiting does not change that."""


class ArmReads:
    """Turns what ARM answers into facts; the caller remembers them."""

    def __init__(self, arm: Arm, sign_in: SignIn) -> None:
        self._arm = arm
        self._graph_refused: Unread | None = None
        self._sign_in = sign_in

    def one(self, path: str, api_version: str, asked: Asked, read: Callable[[Json], T]) -> Fact[T]:
        """One resource."""

        def fetch() -> Fact[T]:
            answer = self._arm.get(path, api_version)
            if answer.status != 200:
                return Unread(refusals.problem(answer, asked))
            try:
                return Known(read(_object(answer.json())))
            except ValueError as error:
                return Unread(refusals.garbage(answer, asked, str(error)))

        return self._guarded(fetch)

    def all(self, fetch: Callable[[], Pages], asked: Asked, read: Callable[[Json], T]) -> Fact[tuple[T, ...]]:
        """All items of a list, over all its pages."""

        def pages() -> Fact[tuple[T, ...]]:
            found = fetch()
            if not found.complete:
                return Unread(_incomplete(found, asked))
            try:
                return Known(tuple(read(_object(item)) for item in found.items))
            except ValueError as error:
                return Unread(refusals.garbage(found.answers[-1], asked, str(error)))

        return self._guarded(pages)

    def graph(self, query: str, subscriptions: tuple[str, ...], asked: Asked) -> Fact[tuple[Json, ...]]:
        """Rows of Resource Graph; once it has refused us, or is not there at all, it is not asked again."""
        if self._graph_refused is not None:
            return self._graph_refused
        fact = self.all(lambda: self._arm.graph(query, subscriptions), asked, dict)
        if isinstance(fact, Unread) and (fact.problem.cause is Cause.CANNOT_READ or fact.problem.status in _ABSENT):
            self._graph_refused = fact
        return fact

    def _guarded(self, fetch: Callable[[], Fact[T]]) -> Fact[T]:
        token = self._sign_in.arm()
        if isinstance(token, Unread):
            return Unread(self._signed_out(token.problem))
        try:
            return fetch()
        except AzureError as error:
            return Unread(error.problem)

    def _signed_out(self, problem: Problem) -> Problem:
        """Nothing can be read without a token; the token check says why, where it fails as well."""
        because_of = ("token",) if isinstance(self._sign_in.foundry(), Unread) else ()
        return Problem(problem.cause, problem.summary, problem.evidence, problem.fixes, because_of=because_of)


def _object(value: Any) -> Json:
    if not isinstance(value, dict):
        raise Garbage(f"expected a JSON object, got {type(value).__name__}")
    return value


def _incomplete(pages: Pages, asked: Asked) -> Problem:
    if pages.problem is not None:
        return pages.problem
    if pages.answers:
        return refusals.problem(pages.answers[-1], asked)
    return Problem(Cause.UNRECOGNISED, f"{asked.what} could not be read to the end")
