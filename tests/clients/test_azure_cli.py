"""azure-cli against the simulated Azure: it signs in, lists role assignments by names and roles, and reads by REST.

azure-cli is large: it has a dependency group of its own, and without it these tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.simulator import Simulator
from doctor.simulator.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_AZ = shutil.which(
    "az", path=f"{Path(__file__).parents[2] / '.venv-az' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
)
pytestmark = pytest.mark.skipif(_AZ is None, reason="azure-cli is not installed (`python3 dev.py az`)")


@pytest.fixture(scope="module")
def az(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Run az, signed in to a simulator through its proxy; what it prints is JSON."""
    home = tmp_path_factory.mktemp("az")
    with Simulator("healthy") as azure, Proxy(azure.port) as proxy:
        environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AZURE_")},
            "HTTPS_PROXY": proxy.url,
            "REQUESTS_CA_BUNDLE": str(azure.ca_file),
            "AZURE_CONFIG_DIR": str(home),
            "AZURE_CORE_COLLECT_TELEMETRY": "false",
            "AZURE_CORE_LOGIN_EXPERIENCE_V2": "false",
        }

        def run(*words: str) -> Any:
            command = [str(_AZ), *words, "--output", "json"]
            done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
            assert done.returncode == 0, done.stderr[-2000:]
            return json.loads(done.stdout or "null")

        run.azure = azure  # type: ignore[attr-defined]  # the tests need its ids
        given = azure.environ
        run(
            "login",
            "--service-principal",
            *("--username", given["AZURE_CLIENT_ID"]),
            *("--password", given["AZURE_CLIENT_SECRET"]),
            *("--tenant", given["AZURE_TENANT_ID"]),
        )
        yield run


def test_az_shows_the_subscription(az: Callable[..., Any]) -> None:
    assert az("account", "show")["name"] == "production"


def test_az_lists_role_assignments_with_names(az: Callable[..., Any]) -> None:
    found = az("role", "assignment", "list", "--all")
    assert {one["roleDefinitionName"] for one in found} >= {"Foundry User", "Reader", "Storage Blob Data Reader"}
    assert "dana@contoso.example" in {one["principalName"] for one in found}


def test_az_finds_an_assignee_by_mail_address_and_by_object_id(az: Callable[..., Any]) -> None:
    by_name = az("role", "assignment", "list", "--all", "--assignee", "dana@contoso.example")
    caller = az.azure.state.directory.id("caller")  # type: ignore[attr-defined]
    by_id = az("role", "assignment", "list", "--all", "--assignee-object-id", caller)
    assert {one["id"] for one in by_name} == {one["id"] for one in by_id} != set()


def test_az_makes_and_removes_a_role_assignment(az: Callable[..., Any]) -> None:
    azure = az.azure  # type: ignore[attr-defined]
    azure.state.assign("caller", "Role Based Access Control Administrator", "subscription")
    scope, who = azure.state.places.application, azure.state.directory.id("application-agent")
    subject = ("--role", "Reader", "--scope", scope)
    made = az(
        "role", "assignment", "create", *subject, "--assignee-object-id", who, "--assignee-principal-type",
        "ServicePrincipal",
    )  # fmt: skip
    assert made["principalId"] == who
    az("role", "assignment", "delete", "--ids", made["id"])
    assert not az("role", "assignment", "list", "--scope", scope, "--assignee-object-id", who)


def test_az_rest_reads_the_application(az: Callable[..., Any]) -> None:
    path = az.azure.state.places.application  # type: ignore[attr-defined]
    assert az("rest", "--url", f"https://management.azure.com{path}?api-version=2025-12-01")["name"] == "helpdesk"
