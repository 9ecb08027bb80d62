"""Who calls: by the tool's type first, then by the authentication type of its connection (`callers.toml`)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from doctor.downstream import toml
from doctor.downstream.dependency import Caller, Who
from doctor.model.data_file import Table
from doctor.model.diagnosis import Confidence
from doctor.model.identity import IdentityRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.model.foundry import Connection

AGENT = "agent"
BY_CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who calls in one case: `who` is a caller's name in `callers.toml`."""

    who: str
    confidence: Confidence = Confidence.HIGH
    others: tuple[str, ...] = ()
    sure_for: tuple[str, ...] = ()
    """Categories of connection for which the sources leave no doubt."""
    unknown_for: tuple[str, ...] = ()
    """Categories of connection for which no source says who calls."""
    note: str = ""
    needs_audience: bool = False


@dataclass(frozen=True, slots=True)
class ToolRule:
    """How a type of tool is read: dotted paths in its JSON, below each of `each`."""

    rule: Rule
    kind: str = ""
    each: tuple[str, ...] = ()
    connection: str = ""
    target: str = ""
    audience: str = ""
    label: str = ""
    child: str = ""
    asset: str = ""
    """Path of an index asset's id, which names a connection in its turn."""
    memory: str = ""
    toolbox: str = ""
    toolbox_version: str = ""
    scenarios: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Paths of which each part must show at least one, or nothing is known of what it calls."""
    optional: bool = False
    """The tool may have none of `each`."""

    categories: tuple[str, ...] = ()
    """Categories of connection that the tool can use; empty where the sources name none."""
    else_metadata: Mapping[str, str] = field(default_factory=dict)
    """Metadata that makes a plain ApiKey connection one of them."""

    @property
    def part_fields(self) -> tuple[str, ...]:
        """Paths of text below each part."""
        return tuple(filter(None, (self.connection, self.target, self.audience, self.child, self.asset)))

    @property
    def own_fields(self) -> tuple[str, ...]:
        """Paths of text in the tool itself."""
        return tuple(filter(None, (self.memory, self.toolbox, self.toolbox_version)))


@dataclass(frozen=True, slots=True)
class Callers:
    """The whole table; keys in lower case."""

    auth: Mapping[str, Rule]
    tools: Mapping[str, ToolRule]
    not_private: frozenset[str] = frozenset()
    """Types of tools, and kinds of targets, that do not work through a private link."""


@lru_cache(maxsize=1)
def table() -> Callers:
    """The bundled table of callers."""
    file = resources.files("doctor.downstream") / "callers.toml"
    document = Table(toml.loads(file.read_text(encoding="utf-8")), "callers.toml")
    document.text("dated")
    auth = {name.lower(): rule for names, rule in map(_auth, document.tables("auth")) for name in names}
    tools = {name.lower(): rule for names, rule in map(_tool, document.tables("tool")) for name in names}
    private = document.table("not_with_private_link")
    excluded = (*private.texts("tools"), *private.texts("kinds")) if private else ()
    document.end()
    return Callers(auth, tools, frozenset(excluded))


def works_privately(tool: str, kind: str) -> bool:
    """Whether a tool works where the account is reached through a private link only, as far as it is documented."""
    return not table().not_private & {tool.lower(), kind}


def _auth(raw: Table) -> tuple[tuple[str, ...], Rule]:
    found = raw.texts("names", None), _rule(raw)
    raw.end()
    return found


def _rule(raw: Table) -> Rule:
    return Rule(
        raw.text("caller"),
        raw.choice("confidence", Confidence, Confidence.HIGH),
        raw.texts("others"),
        tuple(name.lower() for name in raw.texts("sure_for")),
        tuple(name.lower() for name in raw.texts("unknown_for")),
        raw.text("note", ""),
        raw.flag("needs_audience"),
    )


def _tool(raw: Table) -> tuple[tuple[str, ...], ToolRule]:
    plain = ("kind", "connection", "target", "audience", "label", "child", "asset", "memory", "toolbox")
    metadata = raw.table("else_metadata")
    found = ToolRule(
        _rule(raw),
        each=raw.texts("each"),
        scenarios=raw.texts("scenarios"),
        toolbox_version=raw.text("toolbox_version", ""),
        needs=raw.texts("needs"),
        optional=raw.flag("optional"),
        categories=raw.texts("categories"),
        else_metadata={key: metadata.text(key) for key in metadata.names()} if metadata else {},
        **{name: raw.text(name, "") for name in plain},
    )
    types = raw.texts("types", None)
    raw.end()
    return types, found


def plain_auth_type(auth_type: str) -> str:
    """The authentication type without its preview suffix, in lower case."""
    return auth_type.lower().removesuffix("_preview")


def by_connection(connection: Connection | None, agent: IdentityRole) -> Caller:
    """Who calls through a connection. Without one, the tool sends what it carries itself, or nothing.

    Args:
        connection: the connection, where the tool has one.
        agent: with which identity the agent acts: the application's, its own, or the project's shared one.
    """
    if connection is None:
        return Caller(Who.NOBODY)
    rule = table().auth.get(plain_auth_type(connection.auth_type))
    if rule is None:
        known = f"The authentication type {connection.auth_type} is not known." if connection.auth_type else ""
        note = known or "The connection does not say how it authenticates."
        return Caller(Who.UNKNOWN, confidence=Confidence.LOW, note=note)
    if connection.category.lower() in rule.unknown_for:
        note = f"Who calls through a {connection.category} connection with {connection.auth_type} is not documented."
        return Caller(Who.UNKNOWN, confidence=Confidence.LOW, note=note)
    caller = of_rule(rule, agent)
    if connection.category.lower() in rule.sure_for:
        caller = replace(caller, confidence=Confidence.HIGH, others=(), note="")
    if plain_auth_type(connection.auth_type) == "managedidentity":
        return _managed_identity(connection, caller)
    return caller


def _managed_identity(connection: Connection, caller: Caller) -> Caller:
    if connection.credential_resource_id:
        return Caller(Who.USER_ASSIGNED)
    if connection.client_id:
        note = "The connection names a managed identity by its client id alone."
        return Caller(Who.USER_ASSIGNED, confidence=Confidence.MEDIUM, note=note)
    return caller


def of_rule(rule: Rule, agent: IdentityRole) -> Caller:
    """The caller that a rule of the table names."""
    others = tuple(dict.fromkeys(_role(name, agent) for name in rule.others))
    if rule.who in {one.value for one in Who}:
        return Caller(Who(rule.who), None, rule.confidence, others, rule.note, rule.needs_audience)
    role = _role(rule.who, agent)
    others = tuple(one for one in others if one is not role)
    note = rule.note
    if rule.who == AGENT and role is not IdentityRole.APPLICATION_AGENT:
        # What contradicts the documentation was seen of published applications only.
        others, note = (), note if rule.confidence is not Confidence.HIGH else ""
    return Caller(Who.IDENTITY, role, rule.confidence, others, note, rule.needs_audience)


def _role(name: str, agent: IdentityRole) -> IdentityRole:
    return agent if name == AGENT else IdentityRole(name)


def for_tool(rule: ToolRule, connection: Connection | None, agent: IdentityRole, openapi_auth: str = "") -> Caller:
    """Who calls for a tool of this type.

    Args:
        rule: the tool type's entry in the table.
        connection: the tool's connection, where it has one.
        agent: with which identity the agent acts.
        openapi_auth: `auth.type` of an OpenAPI tool: anonymous, project_connection or managed_identity.
    """
    if rule.rule.who == "openapi":
        if openapi_auth == "managed_identity":
            note = "Documentation of 2025 named the project's managed identity instead."
            others = (IdentityRole.PROJECT_MANAGED_IDENTITY,)
            role = IdentityRole.ACCOUNT_MANAGED_IDENTITY
            return Caller(Who.IDENTITY, role, others=others, note=note, needs_audience=True)
        return by_connection(connection, agent)
    if rule.rule.who == BY_CONNECTION:
        return by_connection(connection, agent)
    if rule.rule.who == Who.PLATFORM.value and connection is not None:
        return by_connection(connection, agent)
    return of_rule(rule.rule, agent)
