"""How lists page, and how a resource looks in a given api-version."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload
from urllib.parse import urlencode

from doctor.simulator import errors
from doctor.simulator.wire import Json, Reply, Request, json_reply

if TYPE_CHECKING:
    from doctor.simulator.world import World

_PAGED = {"applications", "agentdeployments"}
"""Lists that page by `count`, 30 when it is not given (azure-mgmt-cognitiveservices 15.0.0b6)."""


def shown(world: World, resource: Json, version: str) -> Json:
    """The resource without what its api-version does not show yet, and with letter-case noise when it is wanted."""
    late = _late_properties(world, resource["id"])
    record = dict(resource)
    hidden = {name for name, first in late.items() if version[:10] < first[:10]}
    if hidden:
        record["properties"] = {key: value for key, value in resource["properties"].items() if key not in hidden}
    if world.scenario.arm.case_noise:
        record["id"] = noisy(record["id"])
    return record


def noisy(arm_id: str) -> str:
    """The id in another letter case, as some services answer."""
    return arm_id.replace("/resourceGroups/", "/resourcegroups/").replace(
        "/providers/Microsoft.", "/providers/microsoft."
    )


def _late_properties(world: World, resource_id: str) -> dict[str, str]:
    for key, one in world.scenario.resources.items():
        if one.since and world.places.scope(key).lower() == resource_id.lower():
            return dict(one.since)
    return {}


def page(world: World, request: Request, kind: str, found: list[Json]) -> Reply:
    """One page of a list of resources, with a link to the next one."""
    query = request.query
    if kind not in _PAGED:
        return json_reply(200, {"value": found})
    names = {name.lower() for name in query.get("names", "").split(",") if name}
    found = [one for one in found if not names or one["name"].lower() in names]
    text = query.get("searchtext", "").lower()
    found = [one for one in found if text in one["name"].lower()]
    size = _whole(query.get("count", ""), world.scenario.arm.page_size)
    start = _offset(query["$skiptoken"]) if "$skiptoken" in query else _whole(query.get("$skip", ""), 0)
    return json_reply(200, cut(world, request, found, start, size))


class Shaped(Sequence[Json]):
    """A list of records whose JSON is made only of the page that is asked for."""

    def __init__(self, records: Sequence[Any], shape: Callable[[Any], Json]) -> None:
        self._records = records
        self._shape = shape

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, at: int) -> Json: ...

    @overload
    def __getitem__(self, at: slice) -> list[Json]: ...

    def __getitem__(self, at: int | slice) -> Json | list[Json]:
        part = self._records[at]
        return [self._shape(one) for one in part] if isinstance(at, slice) else self._shape(part)


def cut(world: World, request: Request, found: Sequence[Json], start: int, size: int) -> Json:
    """`{value, nextLink}` of one page; nextLink only when there is more."""
    body: Json = {"value": list(found[start : start + size])}
    if start + size < len(found):
        kept = {key: value for key, value in request.query.items() if key not in {"$skiptoken", "$skip"}}
        token = base64.urlsafe_b64encode(f"offset={start + size}".encode()).decode()
        query = urlencode({**kept, "$skipToken": token}, safe="$()',")
        body["nextLink"] = f"https://{world.places.arm_host}{request.path}?{query}"
    return body


def offset_of(request: Request) -> int:
    """Where the page that a request asks for starts."""
    return _offset(request.query["$skiptoken"]) if "$skiptoken" in request.query else 0


def _whole(given: str, default: int) -> int:
    if not given:
        return default
    if not given.isdigit():
        raise errors.bad_request("InvalidQueryParameter", f"'{given}' is not a whole number.")
    return int(given)


def _offset(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("offset="))
    except (binascii.Error, ValueError):
        raise errors.bad_request("InvalidSkipToken", "The $skipToken is invalid.") from None
