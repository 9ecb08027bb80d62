"""What this room raises: every error carries a Problem, that is what happened, why, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doctor.model.fact import Problem


class AzureError(Exception):
    """Something that Azure or the way to it would not give; `problem` says it in the report's own terms."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.summary)
        self.problem = problem


class NoAnswer(AzureError):  # noqa: N818 - the sentence "no answer came" is the name
    """No HTTP answer came, or the request was not sent because a token would have left for a wrong host."""


class NoToken(AzureError):  # noqa: N818 - the sentence "there is no token" is the name
    """No credential gave a token."""


def no_answer_in(error: BaseException | None) -> AzureError | None:
    """The NoAnswer or NoToken that an SDK wrapped into an error of its own, if that is what happened."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, AzureError):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None
