"""The things that a text mentions by their own words: connection, tool, permissions, session, region, versions.

One table: the field that advice is filled in with, and the words that stand around its value. Every pattern is bounded;
the first that fits gives the value. Texts are hostile: values are shown through `doctor.model.untrusted.clean`.
"""

from __future__ import annotations

import re

from doctor.model.untrusted import clean
from doctor.reading.extract import DOCS_HOSTS, GUID

_URL = r"(https?://[^\s'\"<>,;)\]}]{4,300})"
_NAME = r"[\"'`\[]{1,2}([A-Za-z0-9][\w .-]{0,78}[\w])[\"'`\]]{1,2}"
_WORD = r"[\"'`\[]{0,2}([A-Za-z0-9][\w.-]{1,78}\w)"
_PERMISSION = r"[A-Z][A-Za-z]{2,60}(?:[.-][A-Za-z]{2,60}){1,4}"
_PERMISSIONS = rf"({_PERMISSION}(?:(?:\s?,\s?(?:or\s)?|\s(?:or\s)?){_PERMISSION}){{0,11}})"
_REGION = (
    r"((?:east|west|central|north|south)[a-z]{0,12}(?:us[23]?|europe|asia|india)|uk(?:south|west)|brazil\w{2,9}"
    r"|(?:australia|canada|france|germany|italy|japan|korea|norway|poland|qatar|spain|sweden|switzerland|uae|israel"
    r"|mexico|southafrica|newzealand|indonesia|malaysia|austria|chile)\w{4,13})"
)
_NOT_A_NAME = re.compile(r"(?i)(?:with|does|not|was|for|and|the|that|named|failed|could|of|to|from|in|is|id|ready)")

_WORDS: dict[str, tuple[str, ...]] = {
    "connection": (
        r"/connections/([\w.-]{1,80}\w)",
        rf"connections?(?: named| name| id| with name)?[ :=]{{1,3}}{_NAME}",
        rf"project_connection_id[\"' :=]{{1,6}}{_WORD}",
        r"connection (?:named )?([\w-]{2,80}) (?:not found|does not exist|was not|could not)",
    ),
    "tool_label": (
        rf"server_label[\"' :=]{{1,6}}{_WORD}",
        r"\"name\":\s?\"([\w .-]{1,80})\",\s?\"type\":\s?\"(?:mcp|openapi|a2a)",
        rf"(?:toolbox|mcp server|mcp tool|openapi tool|function tool|the tool|tool)[ :]{{1,2}}{_NAME}",
    ),
    "tool_url": (
        rf"\btools?\b[^\n]{{0,80}}? (?:at|from|to|url:?) {_URL}",
        rf"(?:remote server|server url|mcp server|agent card|endpoint|url|target)[^\n]{{0,40}}?{_URL}",
        r"(https?://[^\s'\"<>,;)\]}]{4,200}/(?:mcp|sse|a2a)\b[^\s'\"<>,;)\]}]{0,100})",
    ),
    "permissions": (r"insufficient_scope[^\n]{0,80}?\bscope=['\"]?([\w:/., -]{3,300}?)(?:['\"\n]|$)",),
    "resource_named": (
        r"resource value from request: ([^\s,]{3,200})",
        rf"resource principal named\+?\s?{_URL}",
        r"resource principal named\s?([^\s,]{3,200})",
    ),
    "role_target": (
        r"assigned to a role for the application\s?['\"]?([^\s'\"]{3,200})",
        r"not assigned to a role for[^'\"\n]{0,40}['\"]([^'\"\n]{3,200})",
    ),
    "session": (
        r"session(?:[ _]?id)?[\"' :=`(]{1,4}([A-Za-z0-9][\w-]{5,120})(?=[\"'`)\s.,:;]|$)",
        r"/sessions/([A-Za-z0-9][\w-]{5,120})",
    ),
    "quota": (
        r"in quota ([A-Z][^,\n]{3,100}?),? which",
        r"quota limit is \d+ for quota ([A-Z][^.,\n]{3,100})",
        r"usagename ['\"]([^'\"\n]{3,100})",
        r"\bfamily[: ]{1,2}'?([\w]{3,60})",
    ),
    "region": (rf"(?:location|region)s?\s?(?:is |named )?[\"':=(\[]{{0,3}}\s?['\"]?{_REGION}(?=['\"\s.,;)\]]|$)",),
    "index": (
        rf"(?:index|knowledge base|indexer)(?: with the name| named| name)?[ :]{{1,2}}{_NAME}",
        r"/(?:indexes|knowledgebases)(?:/|\(')([\w-]{2,128})",
    ),
    "database": (rf"database[ :]{{1,2}}{_NAME}",),
    "object": (
        rf"(?:container|queue|blob|table|secret|topic|workflow|entity)(?: with the name| named)?[ :]{{1,2}}{_NAME}",
    ),
    "versions": (
        r"supported (?:api-?\s?)?versions?(?: are)?[: ]{1,2}['\"]?([^'\"\n}]{2,200})",
        r"use (?:api-)?version\s?['\"]?([0-9][\w.-]{3,30})",
    ),
    "protocol_version": (r"use version\s?['\"]?([0-9][\w.]{0,12}[0-9])",),
    "deployment": (
        r"api deployment ([\w.-]{1,64}) for this resource",
        rf"(?:model |api )?deployments?(?: named| name)?[ :]{{1,2}}{_NAME}",
        r"/openai/deployments/([\w.-]{1,64})",
    ),
    "outbound": (r"hostname\s?['\"]?([a-z0-9.-]{4,200}\.[a-z]{2,10})",),
    "operation_kind": (r"#?(?:Get|Set|Import|Create|List|Delete|Update)(Secret|Key|Certificate)s?\b",),
    "operation_verb": (r"#(Get|Set|Import|Create|List|Delete|Update)(?:Secret|Key|Certificate)s?\b",),
}
_ALL = {name: tuple(re.compile(one, re.IGNORECASE) for one in patterns) for name, patterns in _WORDS.items()}
_PERMISSION_WORDS = tuple(
    re.compile(rf"(?i:{before})['\"\[(]{{0,2}}{_PERMISSIONS}")
    for before in (
        r"requires? (?:any )?one of[:\s]{1,2}",
        r"missing (?:permission )?scopes?[:\s]{1,2}",
        r"required[ _]?(?:scopes?|permissions?|roles?)[\"' :=]{1,6}",
        r"(?:lacks?|missing|requires?|needs?)(?: the)?(?: delegated)?(?: (?:scope|permission)s?)?[ :]{1,2}",
        r"(?:scopes?|permissions?|app roles?)[ :]{1,2}",
    )
)
"""Names of permissions are told from other words by their letter case."""
_IS_REGION = re.compile(_REGION)
_GUID = re.compile(GUID)


def mentions(text: str) -> dict[str, str]:
    """What an unescaped text without tokens mentions; a field that it does not is missing."""
    made = {name: value for name, patterns in _ALL.items() if (value := _first(patterns, text))}
    if permissions := _first(_PERMISSION_WORDS, text):
        made["permissions"] = permissions
    if url := made.get("tool_url"):
        made["tool_url"] = url.split("?", 1)[0].rstrip(".:")  # a query may hold a key or a signature
    if resource := made.get("resource_named"):
        resource = resource.rstrip(".")
        found = _GUID.search(resource)
        made |= {"resource_named": resource, "resource_id": found.group(0) if found else ""}
    label, url = made.get("tool_label", ""), made.get("tool_url", "")
    made["tool"] = f"{label} ({url})" if label and url else label or url
    made["missing"] = next((made[one] for one in ("index", "database", "object", "deployment") if one in made), "")
    return {name: clean(value) for name, value in made.items() if value}


def is_region(word: str) -> bool:
    """Whether a word is the name of an Azure region, as far as its form tells."""
    return _IS_REGION.fullmatch(word) is not None


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> str:
    for pattern in patterns:
        for found in pattern.finditer(text):
            value = next((one for one in found.groups() if one), "").strip()
            if value and not _NOT_A_NAME.fullmatch(value) and not any(f"//{host}" in value for host in DOCS_HOSTS):
                return value
    return ""
