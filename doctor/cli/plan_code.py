"""A plan as code: a shell script of `az` commands, Bicep or Terraform. Only what is missing is written.

What code cannot do stands in a comment, so that nobody takes the code for the whole plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.changes import bash, bicep, terraform
from doctor.model.change import AddNativeRole, GrantRole, SetAccessPolicy
from doctor.model.plan import PLACEHOLDER, State
from doctor.model.resource_id import ResourceId
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from doctor.model.change import Change
    from doctor.model.plan import Grant, Plan


def _missing(plan: Plan) -> list[Grant]:
    return [one for one in plan.all_grants if one.state is not State.PRESENT]


def _identitys(plan: Plan) -> list[Grant]:
    """Those of the agent's identity: a template has one parameter, and people are no part of it."""
    return [one for one in plan.grants if one.state is not State.PRESENT]


def _changes(grants: Iterable[Grant], able: Callable[[Change], object]) -> tuple[list[Grant], dict[Change, str]]:
    """The grants that a dialect can say, and each change once with its comment.

    What several uses need of one vault is one change: a policy replaces what was set for a kind of object, so that a
    second one would undo the first.
    """
    said: list[Grant] = []
    titles: dict[Change, str] = {}
    policies: dict[str, SetAccessPolicy] = {}
    for one in grants:
        change = one.fix.change if one.fix else None
        if change is None or not able(change):
            continue
        said.append(one)
        title = f"{clean(one.subject)}: {clean(one.fix.title if one.fix else one.role)}"
        if isinstance(change, SetAccessPolicy):
            before = policies.get(change.vault.lower())
            title = titles.pop(before) if before else title
            change = policies[change.vault.lower()] = _both(before, change) if before else change
        titles.setdefault(change, title)
    return said, titles


def _both(one: SetAccessPolicy, other: SetAccessPolicy) -> SetAccessPolicy:
    mine, theirs = dict(one.verbs), dict(other.verbs)
    verbs = {kind: dict.fromkeys((*mine.get(kind, ()), *theirs.get(kind, ()))) for kind in {**mine, **theirs}}
    return replace(one, verbs=tuple((kind, tuple(names)) for kind, names in verbs.items()))


def _said(plan: Plan, written: Iterable[Grant], mark: str) -> list[str]:
    """Comments on what the code leaves out."""
    done = list(written)
    left = [one for one in _missing(plan) if one not in done]
    lines = [f"{mark} By hand, {one.subject}: {one.reason or one.use or one.kind}" for one in left]
    lines += [f"{mark} Not read, so grants may be missing here: {line}" for line in plan.unread]
    return [clean(line) for line in lines]


def script(plan: Plan) -> str:
    """A POSIX shell script; it stops at the first command that fails."""
    able, changes = _changes(_missing(plan), bash.write)
    lines = ["#!/bin/sh", "# Grants for the agent's new identity.", "set -eu"]
    if plan.principal == PLACEHOLDER:
        lines.append(f': "${{{PLACEHOLDER}:?the object id of the new identity}}"')
    for change, title in changes.items():
        lines += ["", f"# {title}", bash.write(change, {PLACEHOLDER})]
    return "\n".join([*lines, "", *_said(plan, able, "#")]).rstrip() + "\n"


def bicep_files(plan: Plan) -> str:
    """One Bicep file for each resource group, each headed by the command that deploys it."""
    able, changes = _changes(_identitys(plan), bicep.able)
    groups: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        at = _resource(change)
        groups.setdefault((at.after("subscriptions"), at.resource_group), []).append(change)
    blocks = []
    for (subscription, group), mine in groups.items():
        where = f"--subscription {bash.quoted(subscription)} --resource-group {bash.quoted(group)}"
        blocks += [
            f"// A file of its own: az deployment group create {where} --template-file FILE",
            _bicep_principal(plan),
            "",
        ]
        for number, change in enumerate(mine, 1):
            blocks += [f"// {changes[change]}", *bicep.block(change, str(number), "agentObjectId")]
    text = "\n".join([*blocks, *_said(plan, able, "//")]).rstrip()
    return f"{text or '// Nothing is missing.'}\n"


def _resource(change: Change) -> ResourceId:
    match change:
        case GrantRole(scope=resource) | AddNativeRole(account=resource) | SetAccessPolicy(vault=resource):
            return ResourceId.read(resource)
        case _:
            raise AssertionError(change)


def _bicep_principal(plan: Plan) -> str:
    default = "" if plan.principal == PLACEHOLDER else f" = {bicep.text(plan.principal)}"
    return f"param agentObjectId string{default}"


def terraform_file(plan: Plan) -> str:
    """Terraform for the provider `azurerm`."""
    able, changes = _changes(_identitys(plan), terraform.able)
    known = plan.principal != PLACEHOLDER
    typed = ["  type    = string", f"  default = {terraform.text(plan.principal)}"] if known else ["  type = string"]
    lines = ['variable "agent_object_id" {', *typed, "}", ""]
    if any(isinstance(change, SetAccessPolicy) for change in changes):
        lines += terraform.TENANT
    for number, (change, title) in enumerate(changes.items(), 1):
        lines += [f"# {title}", *terraform.block(change, f"agent_{number}", "var.agent_object_id")]
    return "\n".join([*lines, *_said(plan, able, "#")]).rstrip() + "\n"


WRITERS: dict[str, Callable[[Plan], str]] = {"az": script, "bicep": bicep_files, "terraform": terraform_file}
"""Format → who writes it."""
