"""Addresses that a browser shows: they hold the parts of the target, but are never called.

Forms, as public repositories and Microsoft's own samples show them (2026): `ai.azure.com/…?wsid=RESOURCE-ID`,
`ai.azure.com/nextgen/r/SUBSCRIPTION,GROUP,,ACCOUNT,PROJECT/build/agents/NAME/…` (the subscription as the base64url of
its 16 bytes), `portal.azure.com/#@TENANT/resource/RESOURCE-ID/…` and blades that carry the id with encoded slashes.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from doctor.target.forms import ARM, NAME
from doctor.target.record import Kind, Target

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_ROUTE = re.compile(
    rf"nextgen/r/(?P<subscription>[\w=-]{{20,40}}),(?P<group>[\w().-]{{1,90}}),[^,/]{{0,128}}"
    rf",(?P<account>{NAME}),(?P<project>{NAME})(?=/|$)",
    re.IGNORECASE,
)
_AGENT_PAGE = re.compile(rf"/agents/(?P<name>{NAME})(?=/|$)", re.IGNORECASE)


def from_portal(given: str, url: SplitResult) -> Target | None:
    """The target of a portal's address; None when it holds no project."""
    path = unquote(url.path).strip("/")
    version = next(iter(parse_qs(url.query).get("version", [])), "")
    route = _ROUTE.search(path)
    if route is not None:
        subscription = _subscription(route["subscription"])
        page = _AGENT_PAGE.search(path, route.end())
        return Target(
            given,
            Kind.AGENT if page else Kind.PROJECT,
            name=page["name"] if page else "",
            account=route["account"],
            project=route["project"],
            subscription=subscription,
            resource_group=route["group"] if subscription else "",
            version=version if page else "",
        )
    found = ARM.search(unquote(unquote(given)))
    if found is None:
        return None
    page = None if found["name"] else _AGENT_PAGE.search(path)
    return from_id(given, found, page["name"] if page else "")


def from_id(given: str, found: re.Match[str], agent: str = "") -> Target:
    """The target that a resource id names: an application, an agent's scope, or a project (and an agent beside it)."""
    kinds = {"applications": Kind.APPLICATION, "agents": Kind.AGENT}
    return Target(
        given,
        kinds[found["type"].lower()] if found["type"] else Kind.AGENT if agent else Kind.PROJECT,
        name=found["name"] or agent,
        account=found["account"],
        project=found["project"],
        subscription=found["subscription"].lower(),
        resource_group=found["group"],
    )


def _subscription(encoded: str) -> str:
    """The subscription's GUID, or "". Some tools write the bytes in the order of .NET, which its version tells."""
    try:
        raw = base64.urlsafe_b64decode(encoded.rstrip("=") + "==")
        plain, swapped = uuid.UUID(bytes=raw), uuid.UUID(bytes_le=raw)
    except (binascii.Error, ValueError):
        return str(uuid.UUID(encoded)) if re.fullmatch(r"[0-9a-fA-F-]{36}", encoded) else ""
    return str(swapped if plain.version != 4 and swapped.version == 4 else plain)
