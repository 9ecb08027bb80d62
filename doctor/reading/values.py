"""What advice is filled in with: names, addresses, verbs and ids that stand in the text, by the names of its fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.model.untrusted import clean
from doctor.reading.extract import GUID
from doctor.reading.folding import fold
from doctor.reading.jwt import without_tokens
from doctor.reading.mentions import is_region, mentions

if TYPE_CHECKING:
    from doctor.reading.services import Refuser

_NAMES = (
    re.compile(r"(?i)\b(?:vault|registry|account|service|namespace|server|store) name(?: is)?[:=\s]{1,3}['\"`]?"
               r"([a-z0-9][a-z0-9-]{2,62})(?=['\"`;,.\s/)]|$)"),
    re.compile(r"(?i)\b(?:key ?vault|vault|registry|storage account|search service|namespace|account|server|store)"
               r"(?: name)?(?:\s+|:\s?)"
               r"(?:named |with name |account )?['\"`]?([a-z0-9][a-z0-9-]{2,62})(?=['\"`;,.\s/)]|$)"),
    re.compile(r"(?i)\bfor the registry ([a-z0-9]{5,50})\b"),
    re.compile(r"(?i)\bblocked by auth ([a-z0-9][a-z0-9-]{2,62})\b"),
    re.compile(r"(?i)\bin the service ([a-z0-9][a-z0-9-]{1,62})"),
    re.compile(r"(?i)/providers/[a-z.]{5,60}/(?:vaults|storageaccounts|searchservices|databaseaccounts|registries"
               r"|namespaces|servers|accounts|configurationstores)/([a-z0-9][a-z0-9-]{1,62})"),
)  # fmt: skip
_NOT_A_NAME = re.compile(
    r"(?i)(?:the|that|account|container|group|references?|secrets?|refused|and|does|for|not|has|with|was|are|firewall|key|resource|type|name|endpoint|required|access|may|you"
    r"|which|settings|permissions|login|error|from|this|tasks|using|only|cannot|could|must|should|identity)"
)
_ADDRESS = re.compile(
    r"(?i)(?:\bip\b[^0-9\n]{0,40}|client address\W{0,3}|addr(?:ess)?[=: '\"]{1,4}|host \")"
    r"((?:[0-9]{1,3}\.){3}[0-9]{1,3})(?![0-9.])"
)
_VERBS = re.compile(
    r"(?i)does not have (secrets?|keys?|certificates?|storage) ([a-z]{3,20}(?:[, ]{1,2}[a-z]{3,20}){0,4}) permission"
)
_LOGIN = re.compile(
    r"(?i)(?:login failed for user|authentication failed for user|for roles?|role|principal|user)\s?"
    r"[\[('\"`]{1,2}([^'\"`\])<>\n]{1,120}?)[\])'\"`]"
)
_KEY_HEADER = re.compile(r"(?i)name=\"?([A-Za-z0-9-]{3,60})\"?,\s?type=\"?header")
_WORKSPACE = re.compile(r"(?i)/(?:workspaces|groups)/([0-9a-f-]{36})")
_SCOPE = re.compile(
    r"(?i)\bscope ((?:https?|api)://[^\s'\"]{3,200}?)/?(?:/\.default|/[A-Za-z_.]{1,60})?(?= |$)(?=.{0,80}is not valid)"
)
_CLIENT = re.compile(rf"(?i)application with (?:id|identifier) '?({GUID})'?(?: named '?([^'.]{{1,80}}?)'?[. ])?")
_MODEL = re.compile(
    r"(?i)(?:model info for:?|model|deployment|engine)[ :'\"`]{1,3}"
    r"((?:gpt|o[1-9]|claude|text-embedding|dall|phi|mistral|llama|deepseek|grok)[A-Za-z0-9._-]{0,60}[A-Za-z0-9])"
)
_PARAM = re.compile(r"(?i)(?:Parameter:\s?|[\"']param[\"']\s?:\s?[\"'])([A-Za-z_][A-Za-z0-9_.\[\]]{0,80})")
_BOT = re.compile(rf"(?i)bot ?id \W?({GUID})\W? does not match .{{0,80}}?({GUID})")
_OPTIONS = {"secret": "secret", "key": "key", "certificate": "certificate", "storage": "storage"}
_BUS = {"send": "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39", "listen": "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"}
_HUB = {"send": "2b629674-e913-4c01-ae53-ef4638d8f975", "listen": "a638d3c7-ab3a-418d-83e6-5f17a39d4fde"}


def values_in(text: str, found: Refuser | None) -> dict[str, str]:
    """The values of an unescaped text; a field that it does not name is missing."""
    text = without_tokens(text)
    line = fold(text)
    made = mentions(text)
    made |= {"name": _name(line, found), "ip": _first(_ADDRESS, text), "workspace": _first(_WORKSPACE, text)}
    made["key_header"] = _first(_KEY_HEADER, text)
    made["ip_said"] = f" {made['ip']}" if made["ip"] else ""
    if verbs := _VERBS.search(line):
        kind = verbs.group(1).lower().rstrip("s") if verbs.group(1).lower() != "storage" else "storage"
        words = re.split(r"[, ]+", verbs.group(2).lower())
        made |= {
            "kind": f"{kind}s",
            "kind_option": _OPTIONS[kind],
            "verbs": ", ".join(words),
            "verbs_words": " ".join(words),
        }
    elif kind := made.get("operation_kind", "").lower():
        verb = made.get("operation_verb", "get").lower()
        made |= {"kind": f"{kind}s", "kind_option": kind, "verbs": verb, "verbs_words": verb}
    if bot := _BOT.search(line):
        made |= {"bot_id": bot.group(1), "instance_id": bot.group(2)}
    inner = [status for status in ("401", "403") if re.search(rf"\b{status}\b", text)]
    made["inner"] = " and ".join(inner)
    made |= _of_entra(line)
    made["model"] = _first(_MODEL, text) or made.get("deployment", "")
    if param := _first(_PARAM, text):
        made["param_said"] = f" ({param})"
    login = _first(_LOGIN, text)
    made["principal_name"] = "" if login.startswith(("<", "NT AUTHORITY")) else login
    made["principal_plain"] = re.sub(r"[^A-Za-z0-9@._ -]", "", made["principal_name"]) or "NAME"
    made["host_plain"] = found.host if found and found.host else "HOST"
    made["name_plain"] = made["name"] or "NAME"
    claim = "listen" if re.search(r"(?i)\blisten\b", text) else "send"
    made["bus_role"] = (_HUB if (found and found.service.id == "event-hubs") or "event hub" in line.lower() else _BUS)[
        claim
    ]
    return {name: clean(value) for name, value in made.items() if value}


def _name(line: str, found: Refuser | None) -> str:
    """The name of the resource that refused: its host's first label, else what the text calls it."""
    if found and found.host and found.service.hosts[0][0].startswith("."):
        label = found.host.split(".")[0]
        if not is_region(label):
            return label
        kind = re.escape(found.service.type.rpartition("/")[2])
        named = re.search(rf"(?i)/{kind}/([a-z0-9][\w-]{{1,62}})", line) if kind else None
        return named.group(1) if named else ""
    for pattern in _NAMES:
        for match in pattern.finditer(line):
            if not _NOT_A_NAME.fullmatch(match.group(1)):
                return match.group(1)
    return ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group(1).strip() if found else ""


def _of_entra(line: str) -> dict[str, str]:
    """What a sign-in refusal names: the client, and the scope that should have been asked for."""
    made = {}
    if scope := _SCOPE.search(line):
        made["wanted_scope"] = f"{scope.group(1).rstrip('/')}/.default"
    if client := _CLIENT.search(line):
        made["client_named"] = f"{client.group(1)} ({client.group(2)})" if client.group(2) else client.group(1)
        made["wanted"] = client.group(1)
    return made
