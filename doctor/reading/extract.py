"""What an error text names: the principal, the action, the operation, the scope, addresses, ids and times.

Every pattern is bounded, so that reading is linear in the length of the text. All of it is hostile: values are cut
short, and shown through `doctor.model.untrusted.clean`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from doctor.model.untrusted import clean
from doctor.reading.folding import fold, join_lines

GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_ID = r"[\[(<{]?([^\s\[\](){}<>,;=:]{3,200})[\])>}]?"
_ACTION = r"[\[(<{]?(Microsoft\.[A-Za-z0-9]{2,40}(?:\.[A-Za-z0-9]{2,40})?/[A-Za-z0-9_/.:*-]{2,250})[\])>}]?"
_ANY_ACTION = r"[\[(<{]?([A-Za-z][A-Za-z0-9]{2,40}(?:\.[A-Za-z0-9]{2,40}){0,2}/[A-Za-z0-9_/.:*-]{2,250})[\])>}]?"
_METHOD = r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)"


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


_PRINCIPALS = _compiled(
    rf"\bclient\s?{_ID}\s?with\s?object\s?id\s?{_ID}",
    rf"(?:object\s?id|objectId|oid)\s?[:=]?\s?({GUID})",
    rf"\bprincipal\s?(?:id\s?)?(?:with\s?(?:object\s?)?id\s?)?[:=]?\s?{_ID}\s?"
    r"(?:lacks|lack|does\s?not|doesnt|do\s?not|is\s?not|cannot|has\s?no|isnt)",
    rf"\b(?:identity|principal|caller|user|service\s?principal|client|application|managed\s?identity)\s?(?:with\s?)?"
    rf"(?:object\s?|client\s?|app\s?|principal\s?)?(?:id)?\s?[:=]?\s?[(\[]?({GUID})",
    r"\b(?:principal|user|caller|account|client)\s?[:=]?\s?[(\[]?([^\s\[\](){}<>,;=:]{1,100}@[A-Za-z0-9.-]{2,100}[A-Za-z])",
    rf"\b(?:principal|caller|identity)\s?(?:user|app)?\s?\(?(?:aadapp|aaduser|aadgroup|id|oid)\s?=\s?({GUID})",
    rf"\b(?:policy|role)\s(?:for|of)\s({GUID})",
    rf"\bprincipalId\s?[:=]?\s?({GUID})",
    rf"graph\s?database\s?for\s?({GUID}|[^\s,;]{{3,100}}@[^\s,;]{{3,100}})",
    r"\bprincipal\s?([0-9a-fA-F]{32})\b",
    rf"\b(?:appid|clientId|client_id)\s?[:=]\s?({GUID})",
)
_ACTIONS = _compiled(
    rf"action(?:\(s\)|s)?\s?{_ACTION}\s?on\s?the\s?linked\s?scope",
    rf"does\s?not\s?have\s?permission\s?to\s?perform\s?(?:the\s?)?action(?:\(s\)|s)?\s?{_ACTION}",
    rf"data\s?actions?(?:\(s\))?\s?[:=]?\s?{_ACTION}",
    rf"(?:permissions?|access|rights?)\s?(?:for|to)\s?(?:the\s?)?(?:actions?\s?)?{_ACTION}",
    rf"perform\s?(?:the\s?)?(?:following\s?)?(?:data\s?)?actions?(?:\(s\))?\s?[:=]?\s?{_ACTION}",
    rf"\bactions?\s?[:=]\s?{_ACTION}",
    rf"(?:has|have|lacks?|missing|requires?|required|needs?|without|grant(?:s|ed|ing)?)\s?(?:the\s?)?(?:required\s?)?"
    rf"(?:permissions?\s?|actions?\s?)?[:=]?\s?{_ACTION}",
    rf"{_ACTION}\s?(?<!/)(?:data\s?)?(?:actions?|permissions?)\b",
    rf"data\s?action\s?{_ANY_ACTION}",
    r"(?<![/A-Za-z0-9.])(Microsoft\.[A-Za-z0-9]{2,40}/[A-Za-z0-9_/.-]{2,250}/(?:read|write|delete|action))\b",
)
_OPERATIONS = _compiled(
    rf"to\s?perform\s?({_METHOD}\s?/[^\s,;]{{1,300}})\s?operation",
    rf"\b({_METHOD}\s/[^\s,;]{{1,300}})\s?operation",
    rf"operation\s?[:=]?\s?({_METHOD}\s?/[^\s,;]{{1,300}})",
)
_SCOPES = _compiled(
    r"on\s?the\s?linked\s?scope(?:\(s\)|s)?\s?[:=]?\s?(/[^\s,;]{1,900})",
    r"(?:over|at|on)\s?(?:the\s?)?(?:linked\s?)?scope(?:\(s\)|s)?\s?[:=]?\s?(/[^\s,;]{1,900})",
    r"\bon\s?resource\s?[\[(]?(/[^\s,;\])]{0,900})",
    r"\bResource\s?[:=]\s?(/subscriptions/[^\s,;]{1,900})",
    r"\bon\s?(?:the\s?)?(?:project|account|resource|application|secret|workspace)?\s?(/subscriptions/[^\s,;]{1,900})",
)
_TENANTS = _compiled(
    rf"must\s?match\s?the\s?tenant\s?https?://[a-z0-9.-]{{3,60}}/({GUID})",
    rf"(?:directory|tenant)\s?(?:named\s?|with\s?id\s?|id\s?)?[:=]?\s?[\[(]?({GUID})",
    rf"authorization_uri=https?://[a-z0-9.-]{{3,60}}/({GUID})",
)
_AUDIENCES = _compiled(
    r"audience\s?is\s?incorrect\s?\((https?://[^\s)]{3,200})\)",
    r"audience\s?(?:of|must\s?be|should\s?be|expected|:|=)\s?\(?((?:https?|api)://[^\s),;]{3,200})",
    r"resource\s?principal\s?named\s?((?:https?|api)://[^\s,;]{3,200})",
    r"\bauthorization=[^\s,]{5,200},?\s?resource=(https?://[^\s,;]{3,200})",
    rf"\bresource_id\s?=\s?((?:https?|api)://[^\s,;]{{3,200}}|{GUID})",
)
_NAMESPACES = _compiled(
    r"(?:namespace|resource\s?provider|resource\s?type)\s?(Microsoft\.[A-Za-z]{2,40}(?:\.[A-Za-z]{2,40})?)"
)
_ENDPOINT = re.compile(
    r"https?://([a-z0-9-]{1,63})\.services\.ai\.azure\.(?:com|us)(/api/projects/([^\s/?#\"'<>\\]{1,100})"
    r"(?:/(applications|agents)/([^\s/?#\"'<>\\]{1,100}))?[^\s\"'<>\\`)]{0,400})?",
    re.IGNORECASE,
)
_ACCOUNT_HOST = re.compile(r"\b([a-z0-9][a-z0-9-]{0,62})\.services\.ai\.azure\.(?:com|us)\b", re.IGNORECASE)
_RESOURCE = re.compile(
    r"/subscriptions/([^\s/\"'<>\\]{1,60})/resourceGroups/([^\s/\"'<>\\]{1,90})"
    r"/providers/Microsoft\.CognitiveServices/accounts/([^\s/\"'<>\\,;]{1,64})"
    r"(?:/projects/([^\s/\"'<>\\,;]{1,64}))?(?:/applications/([^\s/\"'<>\\,;]{1,64}))?",
    re.IGNORECASE,
)
_HOST = re.compile(r"\b((?:[a-z0-9-]{1,63}\.){1,6}(?:com|net|us|cn|io|org|dev|local|internal)\b)", re.IGNORECASE)
_AADSTS = re.compile(r"AADSTS\s?0{0,3}([1-9][0-9]{3,8})", re.IGNORECASE)
_REQUEST_ID = re.compile(
    r"(?:x-ms-(?:correlation-|client-|arm-)?request-id|apim-request-id|x-request-id|correlation[_ -]?id|request[_ -]?id"
    rf"|trace[_ -]?id|activity[_ -]?id|operation[_ -]?id|tracking[_ -]?id)[\"']?\s{{0,3}}[:=]?\s{{0,3}}[\"']?({GUID}"
    r"|[0-9a-fA-F]{32}|req_[A-Za-z0-9]{6,60})",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?"
    r"(?:Z|[+-][0-9:]{4,6})?"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] [A-Z][a-z]{2} 20[0-9]{2} [0-2][0-9]:[0-5][0-9]:[0-5][0-9] GMT)"
)
DOCS_HOSTS = (
    "aka.ms",
    "learn.microsoft.com",
    "docs.microsoft.com",
    "go.microsoft.com",
    "github.com",
    "w3.org",
    "w3c.org",
)
"""Hosts that stand in texts as a place to read, not as who was asked."""
_WHOLE_ACTION = re.compile(r"(?:/(?:read|write|delete|action)|\*)$", re.IGNORECASE)
"""How an action ends, unless it was broken over two lines."""
_PLACEHOLDER = re.compile(
    r"(?i)^(?:the|with|that|this|and|not|does|has|is|id|named|principal|access|used|object|type|of|for|in|at|to|or)$"
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names; every field is "" where it names none."""

    principal: str = ""
    action: str = ""
    operation: str = ""
    scope: str = ""
    tenant: str = ""
    audience: str = ""
    namespace: str = ""
    """Of a resource provider: `Microsoft.App`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Azure a text says that it happened; every field is "" where it does not."""

    url: str = ""
    """Address of the application or agent, as far as the text has it."""
    subscription: str = ""
    resource_group: str = ""
    account: str = ""
    project: str = ""
    application: str = ""
    kind: str = ""
    """`applications` or `agents` (new model)."""


def named(text: str) -> Named:
    """What an unescaped text names; it may have been broken into lines anywhere."""
    folded = fold(text)
    joined = join_lines(text)

    def first(patterns: tuple[re.Pattern[str], ...]) -> str:
        return _first(patterns, folded) or (_first(patterns, joined) if joined != folded else "")

    action = first(_ACTIONS)
    if action and joined != folded and not _WHOLE_ACTION.search(action):
        whole = _first(_ACTIONS, joined)
        action = whole if whole.startswith(action) and _WHOLE_ACTION.search(whole) else action
    return Named(
        principal=first(_PRINCIPALS),
        action=action,
        operation=first(_OPERATIONS),
        scope=first(_SCOPES),
        tenant=first(_TENANTS),
        audience=first(_AUDIENCES),
        namespace=first(_NAMESPACES),
    )


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> str:
    for pattern in patterns:
        for found in pattern.finditer(text):
            value = found.group(found.lastindex or 0).strip(".,;:()[]")
            if value and not _PLACEHOLDER.match(value):
                return clean(value)
    return ""


def place(text: str) -> Place:
    """Where it happened: the most precise endpoint address and resource id in an unescaped text."""
    url, account, project, application, kind = "", "", "", "", ""
    for found in _ENDPOINT.finditer(text):
        if not url or (found.group(5) and not application) or (found.group(3) and not project):
            url = found.group(0).rstrip(".,;:")
            account, project = found.group(1), found.group(3) or ""
            kind, application = (found.group(4) or "").lower(), found.group(5) or ""
    subscription, group = "", ""
    for found in _RESOURCE.finditer(text):
        if not subscription:
            subscription, group = found.group(1), found.group(2)
        account = account or found.group(3)
        project = project or found.group(4) or ""
        application = application or found.group(5) or ""
    if not account and (host := _ACCOUNT_HOST.search(text)):
        account = host.group(1)
    return Place(
        url=clean(url.split("?", 1)[0]),
        subscription=clean(subscription),
        resource_group=clean(group),
        account=clean(account),
        project=clean(project),
        application=clean(application),
        kind=kind,
    )


def hosts(text: str) -> tuple[str, ...]:
    """Host names in the text, in order, each once, at most ten."""
    found = dict.fromkeys(match.group(1).lower() for match in _HOST.finditer(text))
    return tuple(clean(host) for host in list(found)[:10])


def entra_codes(text: str) -> tuple[int, ...]:
    """The numbers of the AADSTS codes, in order, each once."""
    return tuple(dict.fromkeys(int(match.group(1)) for match in _AADSTS.finditer(text)))


def request_ids(text: str) -> tuple[str, ...]:
    """Request, correlation and trace ids, in order, each once, at most ten."""
    return tuple(list(dict.fromkeys(match.group(1) for match in _REQUEST_ID.finditer(text)))[:10])


def times(text: str) -> tuple[str, ...]:
    """Times as they were written, in order, each once, at most ten."""
    return tuple(list(dict.fromkeys(match.group(1) for match in _TIME.finditer(text)))[:10])
