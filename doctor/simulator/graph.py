"""Microsoft Graph, as much of it as az and the SDKs ask about principals: users, groups, service principals.

Shapes: Microsoft Graph v1.0, and recorded exchanges of az.
"""

from __future__ import annotations

import re
import time
import uuid
from typing import TYPE_CHECKING

from doctor.simulator.wire import Json, Refused, Reply, Request, json_reply, unsimulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.simulator.tokens import Mint
    from doctor.simulator.world import World

AUDIENCES = ("https://graph.microsoft.com", "https://graph.microsoft.us")
_SETS = {"users": "User", "groups": "Group", "serviceprincipals": "ServicePrincipal"}
_FILTER = re.compile(
    r"(?i)(?P<field>[a-z]+)(?:/any\(\w:\w)? eq '(?P<value>[^']*)'\)?"
    r"|startswith\((?P<start>[a-z]+),\s*'(?P<text>[^']*)'\)"
)


class Graph:
    """The directory host."""

    def __init__(self, world: World, mint: Mint) -> None:
        self._world = world
        self._mint = mint

    def handle(self, request: Request) -> Reply:
        """Answer one request to Microsoft Graph."""
        claims = self._mint.claims(request.bearer)
        if claims is None or claims["aud"].rstrip("/") not in AUDIENCES or claims["exp"] < time.time():
            raise _refused(401, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience.")
        if not self._world.scenario.entra.directory_readable:
            raise _refused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        parts = [part for part in request.path.split("/") if part][1:]
        match [part.lower() for part in parts]:
            case ["me"]:
                return json_reply(200, self._object(claims["oid"]))
            case ["directoryobjects", "getbyids"] if request.method == "POST":
                return self._by_ids(request)
            case [_, one, "getmembergroups" | "transitivememberof" | "memberof" as asked]:
                return self._groups_of(one, asked)
            case ["groups", one, "members" | "transitivemembers"]:
                return json_reply(200, {"value": [self._object(who) for who in self._world.directory.members(one)]})
            case [kind, *one] if kind in {*_SETS, "directoryobjects"} and len(one) < 2:
                return self._of_kind(request, _SETS.get(kind, ""), "".join(one))
            case _:
                return unsimulated(request.method, request.path)

    def _of_kind(self, request: Request, kind: str, one: str) -> Reply:
        return json_reply(200, self._found(one, kind)) if one else self._list(request, kind)

    def _by_ids(self, request: Request) -> Reply:
        try:
            wanted = [str(one).lower() for one in request.json()["ids"]]
        except (ValueError, LookupError, TypeError) as error:
            raise _refused(400, "Request_BadRequest", "The body is not valid.") from error
        known = self._world.directory.everybody()
        return json_reply(200, {"value": [self._object(one) for one in wanted if one in known]})

    def _groups_of(self, one: str, asked: str) -> Reply:
        groups = sorted(self._world.directory.with_groups(one) - {one})
        shown: list[object] = list(groups) if asked == "getmembergroups" else [self._object(each) for each in groups]
        return json_reply(200, {"value": shown})

    def _list(self, request: Request, kind: str) -> Reply:
        directory = self._world.directory
        every = [self._object(one) for one in directory.everybody() if directory.type_of(one) == kind]
        wanted = _wanted(request.query.get("$filter", ""))
        top = request.query.get("$top", "")
        found = [one for one in every if wanted(one)]
        return json_reply(200, {"value": found[: int(top)] if top.isdigit() else found})

    def _found(self, one: str, kind: str) -> Json:
        directory = self._world.directory
        for known in directory.everybody():
            shown = self._object(known)
            if one.lower() in {known, str(shown.get("userPrincipalName")).lower()} and kind in {
                "",
                directory.type_of(known),
            }:
                return shown
        message = f"Resource '{one}' does not exist or one of its queried reference-property objects are not present."
        raise _refused(404, "Request_ResourceNotFound", message)

    def _object(self, object_id: str) -> Json:
        directory = self._world.directory
        kind, name = directory.type_of(object_id), directory.name_of(object_id)
        shown: Json = {"@odata.type": f"#microsoft.graph.{kind[:1].lower()}{kind[1:]}", "id": object_id}
        if kind == "User":
            upn = name if "@" in name else f"{name}@contoso.example"
            return {**shown, "displayName": name.partition("@")[0], "userPrincipalName": upn, "mail": upn}
        if kind == "ServicePrincipal":
            client = directory.client_id_of(object_id)
            return {**shown, "displayName": name, "appId": client, "servicePrincipalNames": [client]}
        return {**shown, "displayName": name, "securityEnabled": True}


def _wanted(text: str) -> Callable[[Json], bool]:
    """The test that a `$filter` makes; clauses are joined by `or` or by `and`, not by both."""
    if not text:
        return lambda _: True
    clauses = re.split(r"(?i)\s+(?:or|and)\s+", text)
    tests = [_clause(one) for one in clauses]
    join = any if re.search(r"(?i)\sor\s", text) else all
    return lambda item: join(test(item) for test in tests)


def _clause(text: str) -> Callable[[Json], bool]:
    match = _FILTER.fullmatch(text.strip().strip("()") + (")" if "any(" in text or "startswith(" in text else ""))
    if match is None:
        raise _refused(400, "Request_UnsupportedQuery", f"Unsupported query: {text}")
    if match["start"]:
        return lambda item: str(_field(item, match["start"])).lower().startswith(match["text"].lower())
    value = match["value"].lower()
    return lambda item: value in _texts(_field(item, match["field"]))


def _field(item: Json, name: str) -> object:
    return next((value for key, value in item.items() if key.lower() == name.lower()), None)


def _texts(value: object) -> list[str]:
    return [str(one).lower() for one in (value if isinstance(value, list) else [value])]


def _refused(status: int, code: str, message: str) -> Refused:
    request_id = str(uuid.uuid4())
    error: Json = {"code": code, "message": message, "innerError": {"request-id": request_id}}
    return Refused(json_reply(status, {"error": error}, {"request-id": request_id}))
