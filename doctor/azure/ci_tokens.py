"""Tokens that a CI system hands to its jobs: where they are asked for, and that the key to them goes nowhere else.

GitHub Actions: docs.github.com, "OpenID Connect reference" (ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN, `audience`). Azure
Pipelines: azure-identity's AzurePipelinesCredential (SYSTEM_OIDCREQUESTURI, SYSTEM_ACCESSTOKEN) and the variables that
the AzureCLI and AzurePowerShell tasks set for their service connection (AZURESUBSCRIPTION_*).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.azure.transport import Transport

GITHUB = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
PIPELINES = ("SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN")
CI_LABELS = {"github": "GitHub Actions", "azure-pipelines": "Azure Pipelines"}
_OK = 200


class NotThere(Exception):  # noqa: N818 - the token service is not there
    """The job has no such token service, or may not use it; the message says how it gets it."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The service connection of a task in Azure Pipelines."""

    tenant: str
    client: str
    id: str
    access_token: str


def is_own_service(url: str, token: str, environ: Mapping[str, str]) -> bool:
    """Whether this is the CI system's own token service, asked with the key that it gave for this."""
    for address, key in (GITHUB, PIPELINES):
        service = environ.get(address, "")
        if token and token == environ.get(key) and service.startswith("https://"):
            known, asked = urlsplit(service), urlsplit(url)
            if (known.netloc, known.path.rstrip("/")) == (asked.netloc, asked.path.rstrip("/")):
                return True
    return False


def github_token(transport: Transport, audience: str, environ: Mapping[str, str]) -> str:
    """The job's id token for an audience, asked for anew: it lives five minutes.

    Raises:
        NotThere: the job may not ask for one.
        NoAnswer: the token service did not answer.
        ValueError: it answered something else.
    """
    url, key = (environ.get(name, "") for name in GITHUB)
    if not url or not key:
        raise NotThere(
            "Unable to get ACTIONS_ID_TOKEN_REQUEST_URL: the job needs `permissions: id-token: write`, and so does the "
            "workflow that calls it; a pull request from a fork never gets it."
        )
    joined = f"{url}{'&' if '?' in url else '?'}audience={quote(audience, safe='')}"
    answer = transport.send("GET", joined, {"Authorization": f"Bearer {key}", "Accept": "application/json"})
    if answer.status != _OK:
        raise ValueError(f"GitHub's token service answered {answer.status}.")
    token = json.loads(answer.body).get("value")
    if not isinstance(token, str):
        raise ValueError("GitHub's token service answered without a token.")  # noqa: TRY004 - what it says is wrong
    return token


def github_identity(environ: Mapping[str, str]) -> tuple[str, str]:
    """Tenant and application as which the job signs in.

    Raises:
        NotThere: they are not set.
    """
    missing = [name for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID") if not environ.get(name)]
    if missing:
        raise NotThere(f"{' and '.join(missing)} must say as which application the job signs in; set them in its env.")
    return environ["AZURE_TENANT_ID"], environ["AZURE_CLIENT_ID"]


def pipelines_connection(environ: Mapping[str, str]) -> Connection:
    """The service connection of the task that runs us.

    Raises:
        NotThere: something that the sign-in needs is not set; the message names it.
    """
    names = {
        "tenant": ("AZURESUBSCRIPTION_TENANT_ID", "AZURE_TENANT_ID"),
        "client": ("AZURESUBSCRIPTION_CLIENT_ID", "AZURE_CLIENT_ID"),
        "id": ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",),
        "access_token": ("SYSTEM_ACCESSTOKEN",),
    }
    found = {part: next((environ[name] for name in tried if environ.get(name)), "") for part, tried in names.items()}
    missing = [names[part][0] for part, value in found.items() if not value]
    if missing:
        raise NotThere(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set: run in a task with an Azure service "
            "connection (AzureCLI@2), and map SYSTEM_ACCESSTOKEN: $(System.AccessToken) in its env."
        )
    return Connection(**found)
