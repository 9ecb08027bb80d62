"""Targets that keep lists of their own, through the real command against the simulated Azure; and the unreadable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from doctor.simulator import Simulator
from tests.check.cli import check
from tests.downstream import world as w
from tests.downstream.test_simulated import HEALTHY, IDENTITIES, TOGETHER, inline, tables, tool

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Kept:
    """A target that admits `WHO`, and what is found where it admits somebody else."""

    arm_type: str
    target: str
    audience: str
    properties: dict[str, Any]
    without: str
    """Status where another identity is in the list."""
    child: str = ""
    child_properties: dict[str, Any] | None = None
    kind: str = ""


WHO = "${principal:WHO}"
CLAIMS = {"iss": "https://sts.windows.net/", "aud": "https://logic.azure.com", "oid": WHO}
STORES = {
    "vault": Kept(
        "Microsoft.KeyVault/vaults",
        "https://vault.vault.azure.net",
        "https://vault.azure.net",
        {
            "enableRbacAuthorization": False,
            "accessPolicies": [{"tenantId": "t", "objectId": WHO, "permissions": {"secrets": ["get"]}}],
        },
        "fail",
    ),
    "orders": Kept(
        "Microsoft.DocumentDB/databaseAccounts",
        "https://orders.documents.azure.com:443/",
        "https://cosmos.azure.com",
        {"disableLocalAuth": True, "publicNetworkAccess": "Enabled"},
        "fail",
        "sqlRoleAssignments/5e0f3d0c-1f0e-4b57-9d0a-0c5c5f1f2a11",
        {
            "roleDefinitionId": "${scope:orders}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000001",
            "principalId": WHO,
            "scope": "${scope:orders}",
        },
    ),
    "site": Kept(
        "Microsoft.Web/sites",
        "https://site.azurewebsites.net/mcp",
        "api://shop",
        {"state": "Running", "publicNetworkAccess": "Enabled", "defaultHostName": "site.azurewebsites.net"},
        "fail",
        "config/authsettingsV2",
        {
            "platform": {"enabled": True},
            "globalValidation": {"requireAuthentication": True, "unauthenticatedClientAction": "Return401"},
            "identityProviders": {
                "azureActiveDirectory": {
                    "enabled": True,
                    "registration": {"clientId": "reg-client"},
                    "validation": {
                        "allowedAudiences": ["api://shop"],
                        "defaultAuthorizationPolicy": {"allowedPrincipals": {"identities": [WHO]}},
                    },
                }
            },
        },
        "functionapp",
    ),
    "flow": Kept(
        "Microsoft.Logic/workflows",
        "https://prod-1.westeurope.logic.azure.com/workflows/x",
        "https://logic.azure.com",
        {
            "state": "Enabled",
            "accessControl": {
                "triggers": {
                    "openAuthenticationPolicies": {
                        "policies": {"p": {"claims": [{"name": n, "value": v} for n, v in CLAIMS.items()]}}
                    }
                }
            },
        },
        "unknown",
    ),
    "pg": Kept(
        "Microsoft.DBforPostgreSQL/flexibleServers",
        "https://pg.postgres.database.azure.com",
        "https://ossrdbms-aad.database.windows.net",
        {"authConfig": {"activeDirectoryAuth": "Enabled"}, "network": {"publicNetworkAccess": "Enabled"}},
        "unknown",
        "administrators/11111111-1111-1111-1111-111111111111",
        {"objectId": WHO},
    ),
    "sql": Kept(
        "Microsoft.Sql/servers",
        "https://sql.database.windows.net",
        "https://database.windows.net/",
        {"administrators": {"sid": WHO}, "publicNetworkAccess": "Enabled"},
        "unknown",
    ),
}


def found(folder: Path, who: str) -> dict[str, dict[str, Any]]:
    """The result about each store, when it admits `who`."""
    tools = [{"type": "mcp", "server_label": name, "project_connection_id": name} for name in STORES]
    text = HEALTHY + f"[agents.helpdesk-agent]\ntools = {inline(tools)}\n"
    for name, one in STORES.items():
        text += (
            f'[connections.{name}]\nauth_type = "AgenticIdentityToken"\ncategory = "RemoteTool"\n'
            f"target = {inline(one.target)}\naudience = {inline(one.audience)}\nresource = {inline(name)}\n"
            f"metadata = {{ ResourceId = {inline(f'${{scope:{name}}}')} }}\n"
            f"[resources.{name}]\ntype = {inline(one.arm_type)}\nkind = {inline(one.kind)}\n"
            f"properties = {inline(one.properties)}\n"
        )
        if one.child:
            text += f"[resources.{name}.children.{inline(one.child)}]\nproperties = {inline(one.child_properties)}\n"
    file = folder / "stores.toml"
    file.write_text(text.replace("WHO", who) + '[expect]\nverdict = "pass"\nexit_code = 0\n')
    with Simulator(str(file)) as azure:
        ran = check(azure, folder, "--select", "downstream-access")
    return {one["subject"]: one for one in ran.document["results"] if one["check"] == "downstream-access"}


def test_who_is_in_the_list_is_admitted(tmp_path: Path) -> None:
    for name, result in found(tmp_path, "application-agent").items():
        assert result["status"] == "pass", (name, result)


@pytest.mark.parametrize("who", ["project-agent", "project-identity"])
def test_another_in_the_list_helps_nobody(who: str, tmp_path: Path) -> None:
    for name, result in found(tmp_path, who).items():
        assert result["status"] == STORES[name].without, (name, result)
        assert result["cause"] in {"native-role-missing", "not-checkable"}, (name, result)


def test_no_kind_passes_or_fails_where_it_may_not_be_read(tmp_path: Path) -> None:
    """The caller reads its own resource group; the downstream resources are in another."""
    tools = [tool(name, case) for name, case in TOGETHER.items()]
    text = HEALTHY + f"[agents.helpdesk-agent]\ntools = {inline(tools)}\n"
    for name, case in TOGETHER.items():
        one = tables(name, case, IDENTITIES.get(case.caller, ""), off=False)
        text += one.replace(f"[resources.{name}]\n", f'[resources.{name}]\nresource_group = "rg-elsewhere"\n', 1)
    text += '[grants.caller-reads]\nscope = "group"\n[expect]\nverdict = "unknown"\nexit_code = 3\n'
    file = tmp_path / "unreadable.toml"
    file.write_text(text)
    with Simulator(str(file)) as azure:
        ran = check(azure, tmp_path, "--select", "downstream-access")
    results = [one for one in ran.document["results"] if one["subject"] in TOGETHER]
    own = {"foundry-project"}  # in the caller's own resource group, as part of its own account
    assert len(results) == len(TOGETHER)
    for one in results:
        assert one["subject"] in own or one["status"] == "unknown", one
    assert ran.exit_code == 3
    assert w.APP in IDENTITIES
