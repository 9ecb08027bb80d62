"""What can be asked with the address alone, ahead of the answers that would ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.downstream import knowledge, resolve
from doctor.facts.data_plane import connections_at
from doctor.facts.question import Question
from doctor.facts.records import ProjectEndpoint
from doctor.facts.targets import Targets
from doctor.model import loose
from doctor.model.fact import Unread
from doctor.model.foundry import Connection
from doctor.model.resource_id import ResourceId

if TYPE_CHECKING:
    from doctor.facts.subject import Facts
    from doctor.model.foundry import Json


@dataclass(frozen=True, slots=True)
class TargetsAhead(Question[Targets | None]):
    """What the project's connections lead to, by its data plane's own list; None where nothing was asked ahead.

    Azure Resource Manager's list, which comes later, decides what is judged; this one only saves a step.
    """

    def answer(self, facts: Facts) -> Targets | None:
        """One list, and one query for all that it names."""
        endpoint = facts.ask(ProjectEndpoint()) if facts.target.is_url else None
        if endpoint is None or isinstance(endpoint, Unread):
            return None
        listed = facts.ask(connections_at(endpoint.value))
        if isinstance(listed, Unread):
            return None
        question = _targets(tuple(map(_connection, loose.objects(listed.value, "value"))))
        if question.ids or question.hosts:
            facts.ask(question)
        return question


def _connection(row: Json) -> Connection:
    return Connection(
        id=loose.text(row, "id"),
        name=loose.text(row, "name"),
        category=loose.text(row, "type"),
        target=loose.text(row, "target"),
        metadata=loose.string_map(row, "metadata"),
    )


def _targets(connections: tuple[Connection, ...]) -> Targets:
    known = knowledge.load()
    looked_for = tuple(resolve.looked_for(one, one.target, known) for one in connections)
    return Targets(
        tuple(dict.fromkeys(one for text, _ in looked_for if (one := ResourceId.of(text)) is not None)),
        tuple(dict.fromkeys(host for _, host in looked_for if host is not None)),
    )
