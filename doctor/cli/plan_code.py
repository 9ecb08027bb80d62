"""A plan as code: a shell script of `az` commands, Bicep or Terraform. Only what is missing is written.

What code cannot do stands in a comment, so that nobody takes the code for the whole plan.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.downstream import State, Store
from doctor.downstream.plan import PLACEHOLDER
from doctor.downstream.resolve import part, resource_name, resource_type
from doctor.downstream.shell import word
from doctor.model.untrusted import clean
from doctor.rbac.commands import bicep_text, hcl_text, is_resource, role_definition_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from doctor.downstream import Grant, Plan

_RIGHTS = re.compile(r" (?=--(?:secret|key|certificate)-permissions )")
"""Where the permissions of an access policy begin in a command."""
_ALONE = re.compile(rf"(?<=\s){PLACEHOLDER}(?=\s|$)")


def _missing(plan: Plan) -> list[Grant]:
    return [one for one in plan.grants if one.state is not State.PRESENT]


def _said(plan: Plan, written: Iterable[Grant], mark: str) -> list[str]:
    """Comments on what the code leaves out."""
    done = list(written)
    left = [one for one in _missing(plan) if one not in done]
    lines = [f"{mark} By hand, {one.subject}: {one.reason or one.use or one.kind}" for one in left]
    lines += [f"{mark} Not read, so grants may be missing here: {line}" for line in plan.unread]
    return [clean(line) for line in lines]


def _once(grants: Iterable[Grant]) -> list[Grant]:
    """Each grant once, whoever needs it; what several uses need of one vault as one policy."""
    found: dict[tuple[Store, str, str], Grant] = {}
    for one in grants:
        key = (one.store, one.scope.lower(), one.role_guid)
        before = found.get(key)
        if before is not None:
            stores = dict.fromkeys((*before.permissions, *one.permissions))
            both = {
                store: tuple(dict.fromkeys((*before.permissions.get(store, ()), *one.permissions.get(store, ()))))
                for store in stores
            }
            found[key] = replace(before, permissions=both)
        else:
            found[key] = one
    return [*found.values()]


def _commands(grants: Iterable[Grant]) -> dict[str, str]:
    """Each command once, with its comment; what several uses need of one vault as one command.

    `az keyvault set-policy` replaces what was set for a kind of object, so a second one would undo the first.
    """
    rights: dict[str, dict[str, None]] = {}
    titles: dict[str, str] = {}
    for one in grants:
        if one.fix is None:
            continue
        head, *flags = _RIGHTS.split(one.fix.command)
        rights.setdefault(head, {}).update(dict.fromkeys(" ".join(flag.split()) for flag in flags if flag.strip()))
        titles.setdefault(head, f"# {clean(one.subject)}: {clean(one.fix.title)}")
    return {f"{head}{_flags(said)}": titles[head] for head, said in rights.items()}


def _flags(said: Iterable[str]) -> str:
    """The permissions of an access policy, those for one kind of object together."""
    merged: dict[str, dict[str, None]] = {}
    for one in said:
        flag, *names = one.split()
        merged.setdefault(flag, {}).update(dict.fromkeys(names))
    return "".join(f" {' '.join((flag, *names))}" for flag, names in merged.items())


def script(plan: Plan) -> str:
    """A POSIX shell script; it stops at the first command that fails."""
    able = [one for one in _missing(plan) if one.fix and one.fix.command]
    lines = ["#!/bin/sh", "# Grants for the agent's new identity.", "set -eu"]
    if plan.principal == PLACEHOLDER:
        lines.append(f': "${{{PLACEHOLDER}:?the object id of the new identity}}"')
    for command, title in _commands(able).items():
        lines += ["", title, _ALONE.sub(f'"${PLACEHOLDER}"', command)]
    return "\n".join([*lines, "", *_said(plan, able, "#")]).rstrip() + "\n"


def bicep(plan: Plan) -> str:
    """One Bicep file for each resource group, each headed by the command that deploys it."""
    able = [one for one in _missing(plan) if one.role and (one.store is not Store.RBAC or is_resource(one.scope))]
    groups: dict[tuple[str, str], list[Grant]] = {}
    for one in _once(able):
        key = (part(one.resource_id, "subscriptions"), part(one.resource_id, "resourceGroups"))
        groups.setdefault(key, []).append(one)
    blocks = []
    for (subscription, group), grants in groups.items():
        where = f"--subscription {word(subscription)} --resource-group {word(group)}"
        blocks += [
            f"// A file of its own: az deployment group create {where} --template-file FILE",
            _bicep_principal(plan),
            "",
            *(line for number, one in enumerate(grants, 1) for line in _bicep_grant(one, number)),
        ]
    text = "\n".join([*blocks, *_said(plan, able, "//")]).rstrip()
    return f"{text or '// Nothing is missing.'}\n"


def _bicep_principal(plan: Plan) -> str:
    default = "" if plan.principal == PLACEHOLDER else f" = {bicep_text(plan.principal)}"
    return f"param agentObjectId string{default}"


def _bicep_grant(grant: Grant, number: int) -> list[str]:
    """The existing resource and the grant on it."""
    if grant.store is Store.COSMOS:
        return _bicep_cosmos(grant, number)
    if grant.store is Store.KEY_VAULT:
        return _bicep_policy(grant, number)
    role = bicep_text(role_definition_id(grant.role_guid, grant.scope))
    name = "/".join(_names(grant.scope))
    kind = f"{resource_type(grant.scope)}@{grant.api_version}"
    return [
        f"// {clean(grant.subject)}: {clean(grant.role)}",
        f"resource target{number} {bicep_text(kind)} existing = {{",
        f"  name: {bicep_text(name)}",
        "}",
        f"resource grant{number} 'Microsoft.Authorization/roleAssignments@2022-04-01' = {{",
        f"  name: guid(target{number}.id, agentObjectId, {bicep_text(grant.role_guid)})",
        f"  scope: target{number}",
        "  properties: {",
        "    principalId: agentObjectId",
        "    principalType: 'ServicePrincipal'",
        f"    roleDefinitionId: {role}",
        "  }",
        "}",
        "",
    ]


def _bicep_cosmos(grant: Grant, number: int) -> list[str]:
    below = grant.scope[len(grant.resource_id) :]
    scope = f"'${{target{number}.id}}{bicep_text(below)[1:-1]}'" if below else f"target{number}.id"
    definition = f"'${{target{number}.id}}/sqlRoleDefinitions/{grant.role_guid}'"
    return [
        f"// {clean(grant.subject)}: {clean(grant.role)}",
        f"resource target{number} 'Microsoft.DocumentDB/databaseAccounts@{grant.api_version}' existing = {{",
        f"  name: {bicep_text(resource_name(grant.resource_id))}",
        "}",
        f"resource grant{number} 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@{grant.api_version}' = {{",
        f"  parent: target{number}",
        f"  name: guid(target{number}.id, agentObjectId, '{grant.role_guid}')",
        "  properties: {",
        "    principalId: agentObjectId",
        f"    roleDefinitionId: {definition}",
        f"    scope: {scope}",
        "  }",
        "}",
        "",
    ]


def _bicep_policy(grant: Grant, number: int) -> list[str]:
    rights = [
        f"          {store}: [{', '.join(bicep_text(name) for name in names)}]"
        for store, names in grant.permissions.items()
    ]
    return [
        f"// {clean(grant.subject)}: {clean(grant.role)}",
        f"resource grant{number} 'Microsoft.KeyVault/vaults/accessPolicies@{grant.api_version}' = {{",
        f"  name: {bicep_text(resource_name(grant.resource_id) + '/add')}",
        "  properties: {",
        "    accessPolicies: [",
        "      {",
        "        tenantId: subscription().tenantId",
        "        objectId: agentObjectId",
        "        permissions: {",
        *rights,
        "        }",
        "      }",
        "    ]",
        "  }",
        "}",
        "",
    ]


def _names(scope: str) -> list[str]:
    """The names in a scope, from the resource down: account, default, container."""
    segments = [one for one in scope.split("/") if one]
    at = len(segments) - 1 - [one.lower() for one in segments][::-1].index("providers")
    return segments[at + 3 :: 2]


def terraform(plan: Plan) -> str:
    """Terraform for the provider `azurerm`."""
    able = [one for one in _missing(plan) if one.role]
    known = plan.principal != PLACEHOLDER
    typed = ["  type    = string", f"  default = {hcl_text(plan.principal)}"] if known else ["  type = string"]
    lines = ['variable "agent_object_id" {', *typed, "}", ""]
    if any(one.store is Store.KEY_VAULT for one in able):
        lines += ['data "azurerm_client_config" "current" {}', ""]
    for number, one in enumerate(_once(able), 1):
        lines += _terraform_grant(one, number)
    return "\n".join([*lines, *_said(plan, able, "#")]).rstrip() + "\n"


def _terraform_grant(grant: Grant, number: int) -> list[str]:
    head = f"# {clean(grant.subject)}: {clean(grant.role)}"
    if grant.store is Store.COSMOS:
        definition = f"{grant.resource_id}/sqlRoleDefinitions/{grant.role_guid}"
        fields = {
            "resource_group_name": hcl_text(part(grant.resource_id, "resourceGroups")),
            "account_name": hcl_text(resource_name(grant.resource_id)),
            "role_definition_id": hcl_text(definition),
            "principal_id": "var.agent_object_id",
            "scope": hcl_text(grant.scope),
        }
        return [head, *_block("azurerm_cosmosdb_sql_role_assignment", number, fields)]
    if grant.store is Store.KEY_VAULT:
        fields = {
            "key_vault_id": hcl_text(grant.resource_id),
            "tenant_id": "data.azurerm_client_config.current.tenant_id",
            "object_id": "var.agent_object_id",
        }
        singular = {"secrets": "secret", "keys": "key", "certificates": "certificate"}
        for store, names in grant.permissions.items():
            fields[f"{singular[store]}_permissions"] = (
                "[" + ", ".join(hcl_text(name[:1].upper() + name[1:]) for name in names) + "]"
            )
        return [head, *_block("azurerm_key_vault_access_policy", number, fields)]
    fields = {
        "scope": hcl_text(grant.scope),
        "role_definition_id": hcl_text(role_definition_id(grant.role_guid, grant.scope)),
        "principal_id": "var.agent_object_id",
        "principal_type": hcl_text("ServicePrincipal"),
    }
    return [head, *_block("azurerm_role_assignment", number, fields)]


def _block(kind: str, number: int, fields: Mapping[str, str]) -> list[str]:
    size = max(len(name) for name in fields)
    return [
        f'resource "{kind}" "agent_{number}" {{',
        *(f"  {name:<{size}} = {value}" for name, value in fields.items()),
        "}",
        "",
    ]


WRITERS: dict[str, Callable[[Plan], str]] = {"az": script, "bicep": bicep, "terraform": terraform}
"""Format → who writes it."""
