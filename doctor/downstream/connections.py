"""What is wrong with a connection itself, before anybody's rights matter."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from doctor import changes
from doctor.downstream import identities, resolve
from doctor.downstream.dependency import CAPABILITY_HOST, Dependency, Who
from doctor.downstream.kind import Store
from doctor.model.cause import Cause
from doctor.model.change import PutConnection
from doctor.model.diagnosis import Confidence
from doctor.model.finding import failed, unknown, warned
from doctor.model.fix import Fix
from doctor.model.status import Status
from doctor.model.untrusted import clean
from doctor.model.wording import capital

if TYPE_CHECKING:
    from doctor.downstream.kind import Kind
    from doctor.model.finding import Finding
    from doctor.model.foundry import Connection

_PATCH = "2025-04-01-preview"
_PLACEHOLDER = "https://placeholder"


def broken(dependency: Dependency, kind: Kind | None) -> Finding | None:
    """What makes the connection useless, or None.

    A missing connection, an error that Foundry recorded, a placeholder for a target, a consent that was not given, a
    missing audience, and one that is the server's address where the service's id is wanted.
    """
    if dependency.problem is not None:
        return _absent(dependency)
    connection = dependency.connection
    if connection is None:
        return _audience(dependency, kind)
    return (
        _in_itself(connection)
        or _unconsented(connection)
        or _of_standard_setup(dependency, connection)
        or _category(dependency, connection)
        or _audience(dependency, kind)
    )


def _in_itself(connection: Connection) -> Finding | None:
    if connection.malformed:
        summary = f"Connection {clean(connection.name)} was not understood: {clean('; '.join(connection.malformed))}"
        return unknown(Cause.UNRECOGNISED, summary, evidence=_seen(connection))
    if connection.error:
        summary = f"Connection {clean(connection.name)} is in error: {clean(connection.error)}"
        return failed(Cause.CONNECTION_BROKEN, summary, evidence=_seen(connection))
    if connection.target.lower().rstrip("/") == _PLACEHOLDER:
        summary = (
            f"Connection {clean(connection.name)} has a placeholder for a target: its tools are not registered yet"
        )
        return failed(Cause.CONNECTION_BROKEN, summary, evidence=_seen(connection), fixes=(_finish(connection),))
    return None


def _unconsented(connection: Connection) -> Finding | None:
    if connection.overall_status.lower() != "unauthenticated":
        return None
    summary = f"Nobody has signed in to connection {clean(connection.name)} yet: its status is Unauthenticated"
    return failed(Cause.CONSENT_MISSING, summary, evidence=_seen(connection), fixes=(_finish(connection),))


def _of_standard_setup(dependency: Dependency, connection: Connection) -> Finding | None:
    """What a capability host can use: Cosmos DB with Entra ID alone, named by metadata.ResourceId.

    Source: microsoft-foundry/foundry-samples pull request 663, for six set-ups.
    """
    if dependency.tool != CAPABILITY_HOST:
        return None
    plain, name = identities.plain_auth_type(connection.auth_type), clean(connection.name)
    fix = Fix(title=f"Make connection {name} anew with authType AAD and metadata.ResourceId")
    if dependency.kind == "cosmos_nosql" and plain not in {"aad", "entraid"}:
        summary = f"Connection {name} of the capability host uses {clean(connection.auth_type) or 'no authType'}; for"
        summary = f"{summary} Cosmos DB only AAD works there, whatever the key or the roles"
        return failed(Cause.CONNECTION_BROKEN, summary, evidence=_seen(connection), fixes=(fix,))
    if dependency.kind == "cosmos_nosql" and not resolve.metadata_id(connection):
        summary = f"Connection {name} of the capability host has no metadata.ResourceId, which it needs for Cosmos DB"
        return failed(Cause.CONNECTION_BROKEN, summary, evidence=_seen(connection), fixes=(fix,))
    if plain not in {"aad", "entraid"}:
        summary = f"Connection {name} of the capability host uses {clean(connection.auth_type) or 'no authType'}; that"
        summary = f"{summary} anything but AAD works there is not documented"
        return unknown(Cause.CONNECTION_BROKEN, summary, evidence=_seen(connection), fixes=(fix,))
    return None


def _category(dependency: Dependency, connection: Connection) -> Finding | None:
    """A connection of a category that the tool cannot use."""
    rule = identities.table().tools.get(dependency.tool)
    if rule is None or not rule.categories:
        return None
    named = connection.category.lower()
    if named in {one.lower() for one in rule.categories}:
        return None
    written = {key: value.lower() for key, value in connection.metadata.items()}
    if rule.else_metadata and named == "apikey" and rule.else_metadata.items() <= written.items():
        return None
    summary = (
        f"Connection {clean(connection.name)} is of category {clean(connection.category) or 'none'}, and the"
        f" {clean(dependency.tool)} tool uses {' or '.join(rule.categories)} only"
    )
    fix = Fix(title=f"Make connection {clean(connection.name)} anew with category {rule.categories[0]}")
    if named == "apikey" and rule.else_metadata.keys() & written.keys():
        return unknown(Cause.CONNECTION_BROKEN, summary, evidence=_seen(connection), fixes=(fix,))
    return failed(Cause.CONNECTION_BROKEN, summary, evidence=_seen(connection), fixes=(fix,))


def contradicted(finding: Finding, contradiction: str) -> Finding:
    """The finding about the resource that is called, where the connection's metadata names another one."""
    if not contradiction:
        return finding
    if finding.status is not Status.PASS:
        return replace(finding, evidence=(capital(contradiction), *finding.evidence))
    summary = f"{finding.summary}; but {contradiction}"
    return warned(Cause.CONNECTION_BROKEN, summary, evidence=finding.evidence, decisions=finding.decisions)


def _absent(dependency: Dependency) -> Finding:
    problem = dependency.problem
    assert problem is not None  # noqa: S101 - for the type checker; the only caller has looked
    asked = f"The {clean(dependency.tool)} tool" if dependency.tool != "model" else "The agent's model"
    if problem.cause is not Cause.CONNECTION_MISSING:
        summary = f"{asked} uses connection {clean(dependency.subject)}, which could not be read: {problem.summary}"
        return unknown(problem.cause, summary, evidence=problem.evidence, fixes=problem.fixes)
    summary = (
        f"{asked} names connection {clean(dependency.subject)}, which its project does not have: {problem.summary}"
    )
    if dependency.tool == "model":
        summary += "; a model's own name may hold a slash too"
        return unknown(Cause.CONNECTION_MISSING, summary, evidence=problem.evidence)
    fix = Fix(title=f"Create connection {clean(dependency.subject)}, or name an existing one in the tool")
    return failed(Cause.CONNECTION_MISSING, summary, evidence=problem.evidence, fixes=(fix,))


def _audience(dependency: Dependency, kind: Kind | None) -> Finding | None:
    """A missing or wrong audience: of the connection, or of a tool that carries its own."""
    if not dependency.caller.needs_audience or dependency.caller.who is Who.UNKNOWN:
        return None
    connection, audience = dependency.connection, dependency.audience
    holder = f"Connection {clean(connection.name)}" if connection else f"The {clean(dependency.tool)} tool"
    fixes = (_set_audience(connection, kind),) if connection else (_name_audience(dependency, kind),)
    seen = _seen(connection) if connection else (f"audience {clean(audience) or 'not said'}",)
    if not audience:
        summary = f"{holder} says no audience, so no token can be made for its target"
        cause = Cause.CONNECTION_BROKEN if connection else Cause.WRONG_AUDIENCE
        return failed(cause, summary, evidence=seen, fixes=fixes)
    host = resolve.place(dependency.target).host
    if host and accepted(audience, dependency.target, kind) is None and (kind is None or kind.store is Store.PERSON):
        return _own_address(dependency, holder, fixes)
    return _refused(dependency, kind, f"{holder} asks for tokens for {clean(audience)}", seen, fixes)


def _refused(
    dependency: Dependency, kind: Kind | None, asks: str, seen: tuple[str, ...], fixes: tuple[Fix, ...]
) -> Finding | None:
    """What an audience is worth that the kind's targets do not accept."""
    audience, host = dependency.audience, resolve.place(dependency.target).host
    if kind is None or not kind.audiences:
        return None
    here = kind.audiences_at(host)
    if not here:
        summary = f"{asks}; which audience is right at {clean(host)} is not known"
        return unknown(Cause.WRONG_AUDIENCE, summary, evidence=seen)
    if accepted(audience, dependency.target, kind) is not False:
        return None
    if audience.lower().rstrip("/") in {one.lower().rstrip("/") for one in kind.all_audiences if one not in here}:
        return failed(
            Cause.WRONG_AUDIENCE, f"{asks}, which is the audience of another cloud", evidence=seen, fixes=fixes
        )
    summary = f"{asks}, which its target does not accept"
    if host and resolve.place(audience).host == host:
        summary = f"{asks}, the server's address; it must be the id of the service behind it"
    sure = kind.audience_confidence == Confidence.HIGH.value and not audience.endswith("/.default")
    return (failed if sure else unknown)(Cause.WRONG_AUDIENCE, summary, evidence=seen, fixes=fixes)


def _own_address(dependency: Dependency, holder: str, fixes: tuple[Fix, ...]) -> Finding | None:
    """An audience that is the address of a server of which nothing else is known."""
    audience, target = dependency.audience.lower().rstrip("/"), dependency.target.lower().rstrip("/")
    if resolve.place(audience).host != resolve.place(target).host:
        return None
    seen = (f"target {clean(dependency.target)}", f"audience {clean(dependency.audience)}")
    if audience == target:
        summary = f"{holder} names the server's address as audience; it must be the id of the service behind it"
        return failed(Cause.WRONG_AUDIENCE, summary, evidence=seen, fixes=fixes)
    summary = f"{holder} names the server's host as audience; that is right only if the service's id is called so"
    return unknown(Cause.WRONG_AUDIENCE, summary, evidence=seen, fixes=fixes)


def accepted(audience: str, target: str, kind: Kind | None) -> bool | None:
    """Whether targets of this kind accept tokens for the audience; None when each target has its own."""
    if kind is None or not kind.audiences:
        return None
    host = resolve.place(target).host
    wanted = {one.lower().rstrip("/") for one in kind.audiences_at(host)}
    if audience.lower().rstrip("/") in wanted:
        return True
    if kind.own_host_audience and resolve.place(audience).host == host:
        return True
    # Behind a server's own name, or where no source names an audience, any may be right.
    return None if not wanted or (host and not any(host.endswith(one.suffix) for one in kind.hosts)) else False


def _seen(connection: Connection) -> tuple[str, ...]:
    lines = {
        "category": connection.category,
        "authentication": connection.auth_type,
        "target": connection.target,
        "audience": connection.audience,
        "status": connection.overall_status,
    }
    return tuple(f"{name} {clean(value)}" for name, value in lines.items() if value)


def _set_audience(connection: Connection, kind: Kind | None) -> Fix:
    """The audience that the target takes; where it is not known, a person must find it out."""
    name = clean(connection.name)
    audience = next(iter(kind.audiences_at(resolve.place(connection.target).host) if kind else ()), "")
    if not audience:
        return Fix(title=f"Set the audience of connection {name} to the application id URI of the service behind it")
    before = _audience_body(connection.audience) if connection.audience else ""
    change = PutConnection(connection.id, _audience_body(audience), _PATCH, exists=True, old=before)
    needs = "Microsoft.CognitiveServices/accounts/projects/connections/write, as Foundry Project Manager has"
    return changes.fix(change, f"Set the audience of connection {name} to {audience}", needs=needs)


def _audience_body(audience: str) -> str:
    return json.dumps({"properties": {"audience": audience}})


def _name_audience(dependency: Dependency, kind: Kind | None) -> Fix:
    audience = kind.audiences[0] if kind and kind.audiences else "the application id URI of the service behind it"
    return Fix(title=f"Set the audience in the {clean(dependency.label or dependency.tool)} tool to {audience}")


def _finish(connection: Connection) -> Fix:
    return Fix(title=f"Open connection {clean(connection.name)} in the Foundry portal, sign in and finish its set-up")


def demoted(finding: Finding, reason: str) -> Finding:
    """A fail that is not certain, as the unknown that it is."""
    if finding.status is not Status.FAIL or finding.cause is None:
        return finding
    return unknown(
        finding.cause,
        f"{finding.summary} ({reason})",
        required=finding.required,
        evidence=finding.evidence,
        fixes=finding.fixes,
        because_of=finding.because_of,
        decisions=finding.decisions,
    )
