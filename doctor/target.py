"""What the user asks about, read from any of the forms in which people name an application.

Forms: an endpoint URL (any path below the application), an ARM resource id, `account/project/application`, or a bare
application name. A new-model agent is named by its endpoint URL (`…/agents/NAME/endpoint/…`) or by the id that role
assignments use for it (`…/projects/PROJECT/agents/NAME`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Sequence


class Kind(str, Enum):
    """What the target turned out to be."""

    APPLICATION = "agent-application"
    AGENT = "agent"
    UNKNOWN = "unknown"


class MalformedTarget(ValueError):  # noqa: N818 - it names what is malformed
    """The text names no application; the message says what it is and what would do."""


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of the target that its text gives; the rest is "" and is looked up."""

    given: str
    kind: Kind
    name: str = ""
    """The application's name (or the agent's); "" when the address is not that of an application."""
    account: str = ""
    """The account's name, or of a URL the first label of its host: its custom subdomain."""
    project: str = ""
    subscription: str = ""
    resource_group: str = ""
    host: str = ""
    path: str = ""
    """Of a URL: the path below the application, without slashes at its ends."""
    api_version: str = ""
    wrong_because: str = ""
    """Why a valid Azure address is not an application's; "" when it is."""

    @property
    def is_url(self) -> bool:
        """Whether the user gave an address."""
        return bool(self.host)


_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9_-])?"
_SLASHED = re.compile(rf"({_NAME})/({_NAME})/({_NAME})")
_BARE = re.compile(_NAME)
_ARM = re.compile(
    r"/subscriptions/(?P<subscription>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"/resourceGroups/(?P<group>[\w().-]{1,90})"
    rf"/providers/Microsoft\.CognitiveServices/accounts/(?P<account>{_NAME})"
    rf"/projects/(?P<project>{_NAME})/(?P<type>applications|agents)/(?P<name>{_NAME})",
    re.IGNORECASE,
)
_PROJECT_PATH = re.compile(rf"api/projects/(?P<project>{_NAME})(?:/(?P<type>applications|agents)/(?P<name>{_NAME}))?")
_AZURE_SUFFIXES = (
    ".azure.com", ".azure.us", ".azure.cn", ".windows.net", ".azure-api.net", ".azurewebsites.net",
    ".microsoft.com", ".usgovcloudapi.net", ".chinacloudapi.cn", ".microsoftonline.com",
)  # fmt: skip


def parse(text: str, *, ai_suffixes: Sequence[str], allowed_hosts: Sequence[str] = ()) -> Target:
    """Read a target.

    Args:
        text: what the user wrote.
        ai_suffixes: host suffixes of Foundry endpoints: `services.ai.azure.com`.
        allowed_hosts: further hosts that the user vouches for (`--allow-host`).

    Raises:
        MalformedTarget: the text is none of the forms.
    """
    given = text.strip()
    if not given:
        raise MalformedTarget(
            "The target is empty. Give an endpoint URL, a resource id or account/project/application."
        )
    if "://" in given:
        return _from_url(given, ai_suffixes, allowed_hosts)
    if given.startswith("/") or given.lower().startswith("subscriptions/"):
        return _from_arm_id(given)
    if match := _SLASHED.fullmatch(given):
        account, project, name = match.groups()
        return Target(given, Kind.APPLICATION, name=name, account=account, project=project)
    if "/" not in given and _BARE.fullmatch(given) and not given.lower().endswith(tuple(ai_suffixes)):
        return Target(given, Kind.APPLICATION, name=given)
    hint = " It looks like a URL without its https://." if re.match(r"[\w-]+(\.[\w-]+){2,}(/|$)", given) else ""
    raise MalformedTarget(
        f"{clean(given)!r} names no application.{hint} Give an endpoint URL, an ARM resource id,"
        " account/project/application, or the application's bare name."
    )


def _from_arm_id(given: str) -> Target:
    match = _ARM.fullmatch("/" + given.strip("/"))
    if match is None:
        raise MalformedTarget(
            f"{clean(given)!r} is not the resource id of an application. It has the form /subscriptions/…"
            "/resourceGroups/…/providers/Microsoft.CognitiveServices/accounts/ACCOUNT/projects/PROJECT/applications/APPLICATION."
        )
    return Target(
        given,
        Kind.APPLICATION if match["type"].lower() == "applications" else Kind.AGENT,
        name=match["name"],
        account=match["account"],
        project=match["project"],
        subscription=match["subscription"].lower(),
        resource_group=match["group"],
    )


def _from_url(given: str, ai_suffixes: Sequence[str], allowed_hosts: Sequence[str]) -> Target:
    url = _split(given)
    host = (url.hostname or "").lower().rstrip(".")
    version = next(iter(parse_qs(url.query).get("api-version", [])), "")
    suffix = next((s for s in ai_suffixes if host.endswith("." + s)), "")
    allowed = host in {h.lower().split(":")[0] for h in allowed_hosts}
    if not suffix and not allowed and not host.endswith(_AZURE_SUFFIXES):
        raise MalformedTarget(
            f"{clean(host)!r} is no Azure host, so no token may go there. Give the application's endpoint"
            f" (https://ACCOUNT.{ai_suffixes[0] if ai_suffixes else 'services.ai.azure.com'}/…),"
            " or vouch for the host with --allow-host."
        )
    base = Target(given, Kind.UNKNOWN, account=host.split(".")[0], host=host, api_version=version)
    if not suffix and not allowed:
        return _wrong(base, f"{clean(host)} is an Azure address, but not a Foundry endpoint")
    path = unquote(url.path).strip("/")
    match = _PROJECT_PATH.match(path)
    if match is None or (match.end() < len(path) and path[match.end()] != "/"):
        return _wrong(base, "the path has no /api/projects/PROJECT/applications/APPLICATION in it")
    return _below_project(base, match, path[match.end() :].strip("/"))


def _below_project(base: Target, match: re.Match[str], rest: str) -> Target:
    base = replace(base, project=match["project"])
    if match["name"] is None:
        what = "the project's endpoint" if not rest else "a path of the project's own API"
        return _wrong(base, f"it is {what}, not an application's")
    if match["type"] == "agents" and rest.split("/", maxsplit=1)[0] != "endpoint":
        return _wrong(
            replace(base, kind=Kind.AGENT), "it is the management path of an agent, whose endpoint ends in /endpoint/…"
        )
    kind = Kind.APPLICATION if match["type"] == "applications" else Kind.AGENT
    return replace(base, kind=kind, name=match["name"], path=rest)


def _wrong(base: Target, why: str) -> Target:
    return replace(base, wrong_because=why)


def _split(given: str) -> SplitResult:
    try:
        url = urlsplit(given)
        host, port, user = url.hostname, url.port, url.username
    except ValueError as error:
        raise MalformedTarget(f"{clean(given)!r} is not a valid URL: {clean(str(error))}.") from error
    if url.scheme.lower() != "https":
        raise MalformedTarget("The endpoint must be an https:// address; a token never goes over anything else.")
    if not host or user is not None or port not in {None, 443}:
        raise MalformedTarget(
            f"{clean(given)!r} is not an endpoint's address: it needs a host, and neither a user nor a port."
            " To reach it over another address, use --connect-to."
        )
    return url
