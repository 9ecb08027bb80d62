"""Reading a target: addresses of the endpoint, of the management API and of portals, resource ids, triples, names."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from doctor.model.untrusted import clean
from doctor.target.forms import ARM, ARM_HOSTS, BARE, CLASSIC, PROJECT_PATH, SLASHED, is_portal
from doctor.target.nearest import misspelt_folder, nearest, right_form
from doctor.target.portal import from_id, from_portal
from doctor.target.record import Kind, MalformedTarget, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

_AGENT_ROUTES = {"", "endpoint", "versions", "microsoft365"}
_BELOW_ID = re.compile(r"/(?:providers/Microsoft\.Authorization/|agentDeployments/|overview$|users$)", re.IGNORECASE)
_FORMS = "an endpoint URL, an ARM resource id, account/project/name, or a bare name"


def parse(text: str, *, ai_suffixes: Sequence[str], allowed_hosts: Sequence[str] = ()) -> Target:
    """Read a target.

    Args:
        text: what the user wrote.
        ai_suffixes: host suffixes of Foundry endpoints: `services.ai.azure.com`.
        allowed_hosts: further hosts that the user vouches for (`--allow-host`).

    Raises:
        MalformedTarget: the text is none of the forms; it carries the nearest form that is one.
    """
    given = text.strip()
    try:
        return _read(given, ai_suffixes, allowed_hosts)
    except _Refused as error:
        raise MalformedTarget(str(error), _nearest(given, ai_suffixes, allowed_hosts)) from error


class _Refused(ValueError):  # noqa: N818 - it says why the text is refused
    """Why a text is no target."""


def _nearest(given: str, ai_suffixes: Sequence[str], allowed_hosts: Sequence[str]) -> str:
    """The right form of what was given: a target inside the text, else one made of its parts."""

    def reads(text: str) -> bool:
        try:
            _read(text, ai_suffixes, allowed_hosts)
        except _Refused:
            return False
        return True

    return clean(nearest(given, ai_suffixes[0] if ai_suffixes else "", reads))


def _read(given: str, ai_suffixes: Sequence[str], allowed_hosts: Sequence[str]) -> Target:
    if not given:
        raise _Refused(f"The target is empty. Give {_FORMS}.")
    if "://" in given:
        if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", given):
            raise _Refused(f"There is more than an address in {clean(given[:300])!r}.")
        return _from_url(given, ai_suffixes, allowed_hosts)
    if given.startswith("/") or given.lower().startswith("subscriptions/"):
        return _from_arm_id(given)
    if CLASSIC.fullmatch(given):
        raise _Refused(f"{given!r} is the id of a classic agent, which has no endpoint of its own.")
    if match := SLASHED.fullmatch(given):
        account, project, name = match.groups()
        return Target(given, Kind.APPLICATION, name=name, account=account, project=project, either=True)
    if BARE.fullmatch(given) and not given.lower().endswith(tuple(ai_suffixes)):
        return Target(given, Kind.APPLICATION, name=given, either=True)
    hint = " It looks like a URL without its https://." if re.match(r"[\w-]+(\.[\w-]+){2,}(/|$)", given) else ""
    raise _Refused(f"{clean(given[:300])!r} names no agent or application.{hint} Give {_FORMS}.")


def _from_arm_id(given: str) -> Target:
    whole = "/" + given.strip("/")
    match = ARM.match(whole)
    rest = whole[match.end() :] if match else ""
    if match is None or (rest and not _BELOW_ID.match(rest)):
        raise _Refused(
            f"{clean(given[:300])!r} is not the resource id of an agent, an application or a Foundry project."
        )
    return from_id(given, match)


def _from_url(given: str, ai_suffixes: Sequence[str], allowed_hosts: Sequence[str]) -> Target:
    url = _split(given)
    host = (url.hostname or "").lower().rstrip(".")
    if is_portal(host) or host in ARM_HOSTS:
        found = from_portal(given, url)
        if found is None:
            raise _Refused(f"This address of {host} holds no project: copy it from the agent's own page.")
        return found
    suffix = next((s for s in ai_suffixes if host.endswith("." + s)), "")
    if not suffix and host not in {h.lower().split(":")[0] for h in allowed_hosts}:
        raise _Refused(
            f"{clean(host)!r} is no host of a Foundry endpoint, so no token may go there."
            " Give the agent's own endpoint, or vouch for the host with --allow-host."
        )
    base = Target(
        given,
        Kind.UNKNOWN,
        account=host.split(".")[0],
        host=host,
        api_version=next(iter(parse_qs(url.query).get("api-version", [])), ""),
    )
    path = unquote(url.path).strip("/")
    match = PROJECT_PATH.match(path)
    if match is None:
        raise _Refused("The address has no /api/projects/PROJECT/agents/NAME (or …/applications/NAME) in its path.")
    found = _below_project(base, match, path[match.end() :].strip("/"))
    if not found.wrong_because:
        return found
    return replace(found, right_form=clean(right_form(given, suffix or ai_suffixes[0] if ai_suffixes else "")))


def _below_project(base: Target, match: re.Match[str], rest: str) -> Target:
    base = replace(base, project=match["project"])
    first, _, tail = rest.partition("/")
    if match["name"] is None:
        if not rest or rest.lower() in {"agents", "applications"}:
            return replace(base, kind=Kind.PROJECT)
        if first.lower() in {"agents", "applications"}:
            raise _Refused(f"{clean(tail[:100])!r} is no name of an agent or application.")
        if misspelt_folder(rest):
            raise _Refused(f"Below a project there is no {clean(first[:60])!r}, but agents and applications.")
        return replace(base, wrong_because="it is a path of the project's own API, not an agent's endpoint")
    found = replace(base, name=match["name"], path=rest)
    if match["type"].lower() == "agents":
        version = tail.split("/")[0] if first.lower() == "versions" else ""
        return replace(found, kind=Kind.AGENT, version=version, wrong_because=_no_agent_route(rest))
    wrong = first.lower() == "endpoint"
    why = "an agent's address has /endpoint in it, an application's has not" if wrong else ""
    return replace(found, kind=Kind.APPLICATION, wrong_because=why)


def _no_agent_route(path: str) -> str:
    """Why a path below an agent is none of its routes; "" when it is one."""
    first, _, tail = path.partition("/")
    if first.lower() == "protocols":
        return "an agent's address has /endpoint between its name and /protocols"
    if first.lower() not in _AGENT_ROUTES:
        return f"an agent has no route {clean(first[:60])!r}"
    below = tail.split("/")[0].lower()
    if first.lower() == "endpoint" and below not in {"", "sessions", "protocols"}:
        return "an agent's address goes on with /protocols after its /endpoint"
    return ""


def _split(given: str) -> SplitResult:
    try:
        url = urlsplit(given)
        host, port, user = url.hostname, url.port, url.username
    except ValueError as error:
        raise _Refused(f"{clean(given[:300])!r} is not a valid URL: {clean(str(error))}.") from error
    if url.scheme.lower() not in {"https", "wss"}:
        raise _Refused("The endpoint must be an https:// (or wss://) address; a token never goes over anything else.")
    if not host or user is not None or port not in {None, 443} or not re.fullmatch(r"[\w.-]+", host, re.ASCII):
        raise _Refused(
            f"{clean(given[:300])!r} is not an endpoint's address: it needs a host, and neither a user nor a port."
            " To reach it over another address, use --connect-to."
        )
    return url
