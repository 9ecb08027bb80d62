"""Whose access is asked about: the one reader of what people give as a principal.

An object id counts as it is. A client id, a mail address or another name counts where an identity of this run has it.
Microsoft Graph is not asked: many callers may not read it. What names nobody is refused before it can be judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.facts.identities import find
from doctor.facts.tokens import caller_id, foundry_token
from doctor.model.principal import BadPrincipal
from doctor.model.resource_id import is_guid

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from doctor.facts.question import Question
    from doctor.facts.subject import Facts


def resolved(facts: Facts, given: str, owners: Iterable[Question[Any]]) -> str:
    """The object id of the principal, lower case; "" where it is the caller and no token says who that is.

    Args:
        facts: the run.
        given: what `well_formed` gave.
        owners: questions for the records that name the identities in play.

    Raises:
        BadPrincipal: it is a name, and no identity of this run has it.
    """
    if not given:
        return caller_id(facts.estate)
    facts.ask(foundry_token(facts.estate))
    facts.ask_all(owners)
    known = find(facts, given)
    if known is not None:
        return known.object_id.lower()
    if is_guid(given):
        return given.lower()
    person = "@" in given
    shown = f"az ad {'user' if person else 'sp'} show --id {given!r} --query id --output tsv"
    if not person:
        shown = "az ad sp list --display-name NAME --query [].id --output tsv"
    raise BadPrincipal(
        f"--principal {given!r} is no object id, and no identity that this run met has that name. Give the object id: "
        f"{shown}"
    )


def is_stranger(facts: Facts, principal_id: str) -> bool:
    """Whether no identity of this run has the object id."""
    return find(facts, principal_id) is None
