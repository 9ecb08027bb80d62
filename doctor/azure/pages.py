"""Lists that come in pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from doctor.azure.errors import AzureError
from doctor.model import loose
from doctor.model.cause import Cause
from doctor.model.fact import Problem
from doctor.model.fix import Fix
from doctor.model.loose import Garbage
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.model.exchange import Answer
    from doctor.model.loose import Json

MOST_PAGES = 200
MOST_ITEMS = 20_000
"""Azure allows 4,000 role assignments in a subscription and 800 resources of a type in a group."""
_OK = 200


@dataclass(frozen=True, slots=True)
class Pages:
    """What came of a list."""

    items: tuple[Json, ...]
    answers: tuple[Answer, ...]
    """One for each page, the refusal included."""
    complete: bool
    """Every page was read; otherwise something may be missing from `items`."""
    problem: Problem | None = None
    """Why it is not complete, unless the last answer says so itself (then see `refusal`)."""

    @property
    def refusal(self) -> Answer | None:
        """The answer that is no list because its status is not 200."""
        last = self.answers[-1] if self.answers else None
        return last if last and last.status != _OK else None


def follow(first: Answer, ask: Callable[[str], Answer], host: str) -> Pages:
    """Read a list page by page, as its `nextLink`s say.

    A link to another host is not followed, whoever wrote it: the token must not go there. Neither is a link that was
    followed before, nor more than 200 of them.
    """
    items: list[Json] = []
    answers = [first]
    seen = {first.url}
    while True:
        answer = answers[-1]
        if answer.status != _OK:
            return Pages(tuple(items), tuple(answers), complete=False)
        try:
            page = read_json(answer)
            items += _values(page)
        except Garbage as error:
            return Pages(tuple(items), tuple(answers), complete=False, problem=garbage(answer, str(error)))
        link = loose.text(page, "nextLink")
        if not link:
            return Pages(tuple(items), tuple(answers), complete=True)
        following = _joined(answer.url, link)
        if problem := _not_followed(following, host, seen, len(answers), len(items)):
            return Pages(tuple(items), tuple(answers), complete=False, problem=problem)
        seen.add(following)
        try:
            answers.append(ask(following))
        except AzureError as error:
            return Pages(tuple(items), tuple(answers), complete=False, problem=error.problem)


def read_json(answer: Answer) -> Any:
    """The JSON of an answer.

    Raises:
        Garbage: it is not JSON, or broke off.
    """
    if answer.truncated:
        raise Garbage("The answer broke off.")
    try:
        return answer.json()
    except (ValueError, RecursionError):
        raise Garbage(f"The answer is not JSON; it begins with {answer.text[:60]!r}.") from None


def garbage(answer: Answer, why: str) -> Problem:
    """The problem of an answer that cannot be read."""
    is_page = "html" in answer.headers.get("content-type", "").lower() or answer.text.lstrip()[:1] == "<"
    return Problem(
        Cause.NOT_AZURE if is_page else Cause.SERVICE_FAILED if answer.truncated else Cause.UNRECOGNISED,
        "Something other than Azure answered: a web page came instead of JSON."
        if is_page
        else f"The answer cannot be read. {clean(why)}",
        evidence=(f"{answer.method} {clean(answer.url.partition('?')[0])}: status {answer.status}",),
        fixes=(
            Fix(title="Sign in to the network (captive portal), or check the proxy.")
            if is_page
            else Fix(title="Run again; if it stays, report the request to Azure support."),
        ),
        status=answer.status,
    )


def _values(page: Any) -> list[Json]:
    value = loose.field(page, "value")
    if not isinstance(page, dict) or not isinstance(value, list):
        raise Garbage(f"A list should have the field 'value', but it is {loose.shown(value)}.")
    return [loose.mapping(item, "An item of the list") for item in value]


def _joined(url: str, link: str) -> str:
    try:
        return urljoin(url, link)
    except ValueError:
        return link


def _not_followed(link: str, host: str, seen: set[str], pages: int, items: int) -> Problem | None:
    try:
        parts = urlsplit(link)
        elsewhere = parts.scheme != "https" or (parts.hostname or "") != host or "@" in parts.netloc
    except ValueError:
        elsewhere = True
    if elsewhere:
        why = f"its next page is said to be at {clean(link[:120])}, which is not {host}"
    elif link in seen:
        why = "its pages point at each other in a circle"
    elif pages >= MOST_PAGES:
        why = f"it has more than {MOST_PAGES} pages"
    elif items > MOST_ITEMS:
        why = f"it has more than {MOST_ITEMS:,} items"
    else:
        return None
    return endless(host, why)


def endless(host: str, why: str) -> Problem:
    """The problem of a list that does not end as Azure's lists do."""
    return Problem(
        Cause.NOT_AZURE,
        f"A list of {clean(host)} was not read to its end: {why}.",
        fixes=(Fix(title="Run again; if it stays, report it to Azure support."),),
    )
