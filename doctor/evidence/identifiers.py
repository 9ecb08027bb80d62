"""Which texts in recorded material name somebody's things: found by where they stand, never guessed by their look.

An identifier is a GUID, a mail address, the name in an ARM id or in the path of a Foundry endpoint, the customer's part
of a host name, or the value of a field that holds a person's or an application's name.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum

from doctor.model.resource_id import GUID

_GUID = re.compile(rf"(?<![0-9a-fA-F-]){GUID}(?![0-9a-fA-F-])")
_MAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?![\w-])")
_ARM = re.compile(
    rf"(?i)(?<![A-Za-z])/(?:subscriptions/{GUID}|providers/Microsoft\.Management/managementGroups)"
    r"(?![A-Za-z0-9-])[^\s\"'`<>?#,;|)\]}\\]*"
)
_ENDPOINT = re.compile(r"(?i)/api/(projects/[^\s\"'`<>?#,;|)\]}\\]+)")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+){2,}")
_URL_HOST = re.compile(r"(?i)\b(?:https?|wss?)://([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?![a-z0-9.-]*@)")
_PERSON_FIELDS = frozenset({
    "displayname", "upn", "unique_name", "preferred_username", "given_name", "family_name", "principalname",
    "app_displayname", "userprincipalname", "principaldisplayname", "createdby", "lastmodifiedby", "mail", "email",
})  # fmt: skip
_ENDPOINT_LEVELS = {"projects": "project", "applications": "app", "agents": "agent", "connections": "connection"}
_ARM_LEVELS = {
    "resourcegroups": "group", "accounts": "account", "projects": "project", "applications": "app", "agents": "agent",
    "connections": "connection", "agentdeployments": "served", "deployments": "deployment",
    "storageaccounts": "storage", "searchservices": "search", "vaults": "vault", "registries": "registry",
    "databaseaccounts": "cosmos", "managementgroups": "management", "servers": "server", "sites": "site",
    "workspaces": "workspace", "namespaces": "namespace", "botservices": "bot",
}  # fmt: skip
_LEVEL_WORDS = frozenset({"providers", "subscriptions", *_ARM_LEVELS})
_NOT_CHOSEN = frozenset(
    {"locations", "roledefinitions", "versions", "operations", "operationstatuses", "policies", "channels", "config"}
    | {"blobservices", "fileservices", "queueservices", "tableservices", "administrators", "accesspolicies", "host"}
)
"""ARM types whose names are Azure's own."""
SHARED_SUFFIXES = (
    ".services.ai.azure.com", ".services.ai.azure.us", ".openai.azure.com", ".cognitiveservices.azure.com",
    ".cognitiveservices.azure.us", ".openai.azure.us", ".search.windows.net", ".search.azure.us", ".search.windows.us",
    ".documents.azure.com", ".documents.azure.us", ".vault.azure.net", ".vault.usgovcloudapi.net", ".azurecr.io",
    ".azurecr.us", ".azurewebsites.net", ".azurewebsites.us", ".azure-api.net", ".azure-api.us", ".logic.azure.com",
    ".logic.azure.us", ".servicebus.windows.net", ".servicebus.usgovcloudapi.net", ".azconfig.io",
    ".eventgrid.azure.net",
    ".database.windows.net", ".database.usgovcloudapi.net", ".postgres.database.azure.com", ".sharepoint.com",
    ".onmicrosoft.com", ".onmicrosoft.us", ".inference.ml.azure.com", ".dynamicsessions.io", ".kusto.windows.net",
    ".azuredatabricks.net", ".crm.dynamics.com", ".core.windows.net", ".core.usgovcloudapi.net",
    ".core.chinacloudapi.cn", ".azurecontainerapps.io", ".fabric.microsoft.com",
)  # fmt: skip
"""Hosts of Azure below which the customer chooses the name (endpoints per cloud of Microsoft's documentation, 2026)."""
MICROSOFTS = (
    ".microsoft.com", ".microsoftonline.com", ".microsoftonline.us", ".azure.com", ".azure.us", ".azure.cn",
    ".windows.net", ".chinacloudapi.cn", ".usgovcloudapi.net", ".azure.net", ".aka.ms", ".botframework.com",
    ".powerbi.com", ".office.com", ".live.com", ".windows-ppe.net", ".microsoft",
)  # fmt: skip
_CONVENTIONAL = "00000000-0000-0000-0000-"
"""GUIDs that begin so are nobody's: the nil one, and the built-in roles of Cosmos DB."""
_LOCAL = frozenset({"localhost", "127.0.0.1", "169.254.169.254", "aka.ms"})


class IdentifierKind(str, Enum):
    """What an identifier names, by how it is replaced."""

    GUID = "object, tenant or subscription id"
    NAME = "name of a resource"
    HOST = "host name"
    MAIL = "mail address"
    PERSON = "name of a person or an application"


Found = tuple[IdentifierKind, str, str]
"""Kind, the prefix of its pseudonym, and the text as it was written."""


def in_text(text: str) -> Iterator[Found]:
    """The identifiers that a text shows by their form or their place."""
    for match in _GUID.finditer(text):
        if not match[0].startswith(_CONVENTIONAL):
            yield IdentifierKind.GUID, "", match[0]
    if "@" in text:
        for match in _MAIL.finditer(text):
            yield IdentifierKind.MAIL, "person", match[0]
    for match in _ARM.finditer(text):
        yield from _names_in(match[0], _ARM_LEVELS, "resource")
    for match in _ENDPOINT.finditer(text):
        yield from _names_in("/" + match[1], _ENDPOINT_LEVELS, "")
    for match in _URL_HOST.finditer(text):
        yield from in_host(match[1])


def in_json(value: object) -> Iterator[Found]:
    """The identifiers in a JSON document: in its texts, its keys that are ids, and its fields that hold names."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield from in_text(item)
        elif isinstance(item, Mapping):
            for key, held in item.items():
                yield from _in_key(str(key))
                yield from _in_field(str(key), held)
                waiting.append(held)
        elif isinstance(item, (list, tuple)):
            waiting += item


def is_identifier_key(key: str) -> bool:
    """Whether a key of a JSON object is an id or a host itself, as in `userAssignedIdentities`."""
    return (
        key.startswith("/")
        or "@" in key
        or "://" in key
        or _GUID.fullmatch(key) is not None
        or _HOST.fullmatch(key) is not None
    )


def in_host(host: str) -> Iterator[Found]:
    """The customer's part of a host name."""
    host = host.lower().strip(".")
    suffix = next((one for one in SHARED_SUFFIXES if host.endswith(one)), "")
    if suffix:
        label = host.removesuffix(suffix).split(".", 1)[0]
        yield IdentifierKind.HOST, "host", label
    elif "." in host and host not in _LOCAL and not f".{host}".endswith(MICROSOFTS) and not _is_address(host):
        yield IdentifierKind.HOST, "host", host


def _in_key(key: str) -> Iterator[Found]:
    if is_identifier_key(key):
        yield from in_host(key) if _HOST.fullmatch(key) else in_text(key)


def _in_field(key: str, value: object) -> Iterator[Found]:
    name = key.lower()
    if isinstance(value, str) and value.strip():
        if name in _PERSON_FIELDS and "@" not in value:
            yield IdentifierKind.PERSON, "name", value.strip()
        elif name in {"customsubdomainname", "defaultdomain"}:
            yield IdentifierKind.HOST, "host", value.split(".", 1)[0]


def _names_in(path: str, levels: Mapping[str, str], otherwise: str) -> Iterator[Found]:
    segments = [segment for segment in path.split("/") if segment]
    provider = False
    for before, name in itertools.pairwise(segments):
        level = before.lower()
        if level == "providers":
            provider = True
            continue
        prefix = levels.get(level, "")
        if not prefix and provider and otherwise and _is_type(segments, before) and level not in _NOT_CHOSEN:
            prefix = otherwise
        if prefix and ":" not in name and name.lower() not in _LEVEL_WORDS:
            yield IdentifierKind.NAME, prefix, name


def _is_type(segments: list[str], word: str) -> bool:
    """Whether a segment stands where an ARM id has a type: at an odd distance behind its last provider's namespace."""
    at = segments.index(word)
    last = max(place for place, segment in enumerate(segments) if segment.lower() == "providers")
    return at > last + 1 and (at - last) % 2 == 0


def _is_address(host: str) -> bool:
    return re.fullmatch(r"[0-9.]+|[0-9a-f:]+", host) is not None


def words_of(documents: Iterable[object]) -> frozenset[str]:
    """The keys of JSON documents in lower case: words of Azure's own language, which are not replaced."""
    found: set[str] = set()
    waiting = list(documents)
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            found |= {str(key).lower() for key in item if not is_identifier_key(str(key))}
            waiting += item.values()
        elif isinstance(item, (list, tuple)):
            waiting += item
    return frozenset(found)
