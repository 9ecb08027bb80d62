"""Scopes: what covers what, how far two are apart, and how one is named to people.

A scope is an ARM id. An assignment at a scope holds for everything below it, by whole path segments and in any letter
case; `/` is the root of the tenant, above every management group (source: Microsoft Learn, "Understand scope for
Azure RBAC").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from doctor.model.untrusted import clean

_MANAGEMENT = ("providers", "microsoft.management", "managementgroups")


class ScopeKind(Enum):
    """The levels of the hierarchy, widest first."""

    ROOT = "the root of the tenant"
    MANAGEMENT_GROUP = "management group"
    SUBSCRIPTION = "subscription"
    RESOURCE_GROUP = "resource group"
    RESOURCE = "resource"
    OTHER = "scope"


@dataclass(frozen=True, slots=True)
class Scope:
    """One parsed scope."""

    segments: tuple[str, ...]
    """Lower-case path segments, for comparison."""
    shown: tuple[str, ...]
    """The same segments as they were written."""
    kind: ScopeKind


@lru_cache(maxsize=1 << 15)
def parse(text: str) -> Scope | None:
    """The scope that the text names; None for an empty one, which must never be taken for the root."""
    if not text.strip():
        return None
    shown = tuple(segment for segment in text.strip().split("/") if segment)
    segments = tuple(segment.lower() for segment in shown)
    return Scope(segments, shown, _kind(segments))


def _kind(segments: tuple[str, ...]) -> ScopeKind:
    if not segments:
        return ScopeKind.ROOT
    if segments[:3] == _MANAGEMENT and len(segments) == 4:
        return ScopeKind.MANAGEMENT_GROUP
    if segments[0] == "subscriptions":
        if len(segments) == 2:
            return ScopeKind.SUBSCRIPTION
        if len(segments) == 4 and segments[2] == "resourcegroups":
            return ScopeKind.RESOURCE_GROUP
    return ScopeKind.RESOURCE if "providers" in segments and len(segments) > 3 else ScopeKind.OTHER


def same(left: str, right: str) -> bool:
    """Whether both texts name one scope, whatever their letter case and trailing slashes."""
    one, other = parse(left), parse(right)
    return one is not None and other is not None and one.segments == other.segments


def covers(scope: str, resource: str, ancestors: tuple[str, ...] = ()) -> bool:
    """Whether an assignment at the scope holds for the resource.

    Args:
        scope: ARM id of the assignment's scope.
        resource: ARM id of what is acted on.
        ancestors: management groups above the resource's subscription. Without them a management group in an answer
            for the subscription is taken to be above it, since ARM returns only those (azure-docs
            role-assignments-list-rest.md).
    """
    upper, lower = parse(scope), parse(resource)
    if upper is None or lower is None:
        return False
    if lower.segments[: len(upper.segments)] == upper.segments:
        return True
    if upper.kind is not ScopeKind.MANAGEMENT_GROUP or lower.segments[:1] != ("subscriptions",):
        return False
    return not ancestors or any(same(scope, ancestor) for ancestor in ancestors)


def shared_depth(left: str, right: str) -> int:
    """How many leading segments two scopes have in common: more is nearer."""
    one, other = parse(left), parse(right)
    if one is None or other is None:
        return 0
    depth = 0
    for mine, theirs in zip(one.segments, other.segments):  # noqa: B905 - the shorter one ends the comparison
        if mine != theirs:
            break
        depth += 1
    return depth


_NOUNS = {
    "subscriptions": "subscription",
    "resourcegroups": "resource group",
    "accounts": "account",
    "projects": "project",
    "applications": "application",
    "agents": "agent",
    "agentdeployments": "deployment",
    "storageaccounts": "storage account",
    "containers": "container",
    "searchservices": "search service",
    "vaults": "vault",
    "registries": "registry",
    "databaseaccounts": "Cosmos DB account",
    "workspaces": "workspace",
    "sites": "app",
    "workflows": "logic app",
    "managementgroups": "management group",
}


def _noun(type_segment: str) -> str:
    word = clean(type_segment)
    # One of the indexes, factories, queues is an index, a factory, a queue.
    one = re.sub(r"(?i)(?<=x)es$|(?<=ss)es$|(?<!s)s$", "", re.sub(r"(?i)ies$", "y", word))
    return _NOUNS.get(type_segment.lower(), one)


def describe(text: str) -> str:
    """The scope in words: "application support", "resource group rg1", "the root of the tenant"."""
    scope = parse(text)
    if scope is None:
        return "an unknown scope"
    if scope.kind is ScopeKind.ROOT:
        return ScopeKind.ROOT.value
    if len(scope.segments) < 2:
        return clean(text)
    return f"{_noun(scope.shown[-2])} {clean(scope.shown[-1])}"


def how_far(have: str, want: str) -> str:
    """How the scope that is there lies to the one that is needed: "another project (p2)", "only a part of it (…)"."""
    one, other = parse(have), parse(want)
    if one is None or other is None:
        return "a scope that could not be read"
    if one.kind is ScopeKind.MANAGEMENT_GROUP:
        return f"{describe(have)}, which is not above this subscription"
    depth = shared_depth(have, want)
    if depth == len(other.segments):
        return f"{describe(have)}, which is only a part of {describe(want)}"
    # The name that differs stands after its type; a type that differs stands after a name.
    at = depth if depth % 2 else depth + 1
    both = at < min(len(one.segments), len(other.segments))
    if not both or one.segments[at - 1] != other.segments[at - 1] or one.segments[at - 1] == "providers":
        return f"{describe(have)}, which is another kind of resource beside it"
    near = f"another {_noun(one.shown[at - 1])} ({clean(one.shown[at])})"
    return near if at == len(one.segments) - 1 else f"{describe(have)} of {near}"
