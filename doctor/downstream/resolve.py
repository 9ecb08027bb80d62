"""From a connection or a URL to an Azure resource: its id, its type, and the kind of thing it is.

What is called is the target; the connection's metadata only helps to find it (`target.locate` compares the two). A
custom domain is not guessed at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from doctor.downstream.lookup import HostName
from doctor.model.resource_id import ResourceId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.downstream.kind import Kind
    from doctor.downstream.knowledge import Knowledge
    from doctor.model.foundry import Connection

_RESOURCE_ID_KEYS = frozenset({"resourceid", "resource_id", "resource-id"})
_PROJECT = re.compile(r"/api/projects/([^/?#]+)(?:/(applications|agents)/([^/?#]+))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL points."""

    host: str = ""
    """Lower case, without port; "" when the text is no URL."""
    path: str = ""


def place(url: str) -> Place:
    """Host and path of a URL; a bare host counts as one."""
    if url.startswith("/") or not url.strip():
        return Place()
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        return Place((parts.hostname or "").lower().rstrip("."), parts.path)
    except ValueError:
        return Place()


def arm_id(text: str) -> str:
    """The text where it is the ARM id of a resource, without a slash at its end; "" otherwise."""
    found = ResourceId.of(text)
    return str(found) if found is not None and found.subscription and found.type else ""


def resource_type(resource_id: str) -> str:
    """`Microsoft.Search/searchServices` of an ARM id; "" when the text is none."""
    found = ResourceId.of(resource_id)
    return found.type if found else ""


def resource_name(reference: str) -> str:
    """The last segment of an ARM id; a plain name is its own."""
    found = ResourceId.of(reference)
    return found.name if found else reference.strip()


def part(resource_id: str, after: str) -> str:
    """The segment after `subscriptions` or `resourceGroups`; "" when it is not there."""
    found = ResourceId.of(resource_id)
    return found.after(after) if found else ""


def metadata_id(connection: Connection | None) -> str:
    """The ARM id that the connection's metadata states, or ""."""
    metadata: Mapping[str, str] = connection.metadata if connection else {}
    return next((arm_id(value) for key, value in metadata.items() if key.lower() in _RESOURCE_ID_KEYS), "")


def stated_id(connection: Connection | None, target: str) -> str:
    """The ARM id that is called, where the target is one, else the one that the metadata states."""
    return arm_id(target) or metadata_id(connection)


def looked_for(connection: Connection | None, target: str, known: Knowledge) -> tuple[str, HostName | None]:
    """What finds the resource of a target: the id that is stated, and the host where the id does not answer for it."""
    stated, host = stated_id(connection, target), host_name(target, known)
    if stated and host and not host.properties and resource_name(stated).lower() == host.label:
        host = None
    return stated, host


def host_name(url: str, knowledge: Knowledge) -> HostName | None:
    """What to ask Resource Graph about a URL's host; None when no kind of resource owns such hosts."""
    where = place(url)
    # A host that is all of its suffix is one for everybody (api.loganalytics.io): it tells no resource.
    owners = [
        (kind, entry)
        for kind, entry in knowledge.of_host(where.host, where.path)
        if kind.arm_types and where.host != entry.suffix
    ]
    if not where.host or not owners:
        return None
    types = tuple(dict.fromkeys(_top_level(one) for kind, _ in owners for one in kind.arm_types))
    properties = tuple(dict.fromkeys(one for _, entry in owners for one in entry.properties))
    return HostName(where.host, types, properties, any(entry.shared for _, entry in owners))


def _top_level(arm_type: str) -> str:
    """Hosts of a Foundry project belong to its account, the resource that Resource Graph knows by the host."""
    return arm_type.removesuffix("/projects") if arm_type.lower().endswith("accounts/projects") else arm_type


def below_host(resource_id: str, url: str) -> str:
    """What a URL names below the resource that owns the host: a Foundry project, application or agent.

    An agent is no ARM resource, but its scope is accepted for role assignments.
    """
    found = _PROJECT.search(place(url).path)
    if found is None or resource_type(resource_id).lower() != "microsoft.cognitiveservices/accounts":
        return resource_id
    project, family, name = (unquote(one) if one else "" for one in found.groups())
    return f"{resource_id}/projects/{project}" + (f"/{family.lower()}/{name}" if name else "")


def child_of(kind: Kind, url: str) -> str:
    """The sub-scope that the URL's first path segment names: a container, a queue."""
    first = unquote(place(url).path.strip("/").split("/", 1)[0])
    return kind.child.format(first) if kind.child and re.fullmatch(r"[A-Za-z0-9$_.-]{1,128}", first) else ""


def _of_resource(resource_id: str, knowledge: Knowledge) -> list[Kind]:
    """The kinds of a resource's type, or of the nearest type above it: an agent belongs to its project."""
    parts = resource_type(resource_id).split("/")
    types = ("/".join(parts[:size]) for size in range(len(parts), 1, -1))
    return next((list(found) for one in types if (found := knowledge.of_type(one))), [])


def kind_of(knowledge: Knowledge, *, connection: Connection | None, target: str, audience: str, hint: str = "") -> str:
    """The id of the kind of a target: by its resource's type, its host, its category, its audience; "" when unknown.

    `hint` is the kind that the tool's type names; a target that is known better wins over a generic one.
    """
    where = place(target)
    # Two kinds may share a suffix; the audience then tells which is meant.
    spoken = knowledge.of_audience(audience) if audience else ()
    owners = knowledge.of_host(where.host, where.path) if where.host else ()
    by_host = [kind for kind, _ in sorted(owners, key=lambda one: (-len(one[1].path), one[0] not in spoken))]
    by_type = _of_resource(below_host(stated_id(connection, target), target), knowledge)
    by_category = list(knowledge.of_category(connection.category)) if connection else []
    generic = {"mcp_remote_tool", "a2a_remote", "openapi_managed_identity", ""}
    if hint not in generic:
        return hint
    agreed = [kind for kind in by_host if kind in by_type] or [kind for kind in by_type if kind in by_category]
    for found in (agreed, by_host, by_type, [kind for kind in by_category if kind.id not in generic]):
        if found:
            return found[0].id
    if spoken:
        return spoken[0].id
    return hint or (by_category[0].id if by_category else "")
