"""azure-identity's credentials, as the links of a chain that can be asked one by one.

The default chain is `DefaultAzureCredential`'s own list, so AZURE_TOKEN_CREDENTIALS narrows it as everywhere else. As
there, an unavailable credential lets the chain go on, a developer tool that is refused too, and a refused deployed
credential (environment, workload identity, managed identity) stops it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from doctor.azure.ci_tokens import github_identity, github_token, pipelines_connection
from doctor.azure.request import REQUEST_SECONDS
from doctor.azure.sdk import SdkTransport
from doctor.azure.settings import certificate_problem
from doctor.model.untrusted import visible

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.azure.clouds import Cloud
    from doctor.azure.transport import Transport

KINDS = (
    "default", "cli", "env", "managed-identity", "workload-identity", "azd", "interactive", "device-code",
    "azure-pipelines", "github", "powershell", "broker",
)  # fmt: skip
PROCESS_SECONDS = 20
"""For `az` and its like; whoever waits for the token waits no longer than the own deadline."""
INTERACTIVE_SECONDS = 120

LABELS = {
    "EnvironmentCredential": "environment variables",
    "WorkloadIdentityCredential": "workload identity",
    "ManagedIdentityCredential": "managed identity",
    "SharedTokenCacheCredential": "shared token cache",
    "VisualStudioCodeCredential": "Visual Studio Code",
    "AzureCliCredential": "Azure CLI",
    "AzurePowerShellCredential": "Azure PowerShell",
    "AzureDeveloperCliCredential": "Azure Developer CLI",
    "InteractiveBrowserCredential": "browser",
    "BrokerCredential": "broker",
    "InteractiveBrowserBrokerCredential": "broker",
    "DeviceCodeCredential": "device code",
    "AzurePipelinesCredential": "Azure Pipelines",
    "ClientAssertionCredential": "GitHub Actions",
}
_DEPLOYED = {"EnvironmentCredential", "WorkloadIdentityCredential", "ManagedIdentityCredential"}


@dataclass(frozen=True, slots=True)
class Link:
    """One credential of the chain."""

    label: str
    credential: Any
    """A TokenCredential of azure-identity."""
    stops: bool
    """A refusal of this one ends the chain."""


def build_chain(kind: str, transport: Transport, cloud: Cloud, tenant: str) -> tuple[Link, ...]:
    """The credentials of a kind, with everything they send going through our transport.

    Raises:
        ValueError: azure-identity refuses its settings (for example AZURE_TOKEN_CREDENTIALS); the message says which.
        NotThere: the CI system has no token service for this job; the message says what is missing.
    """
    from azure import identity  # noqa: PLC0415 - costs 0.2 s, and only a run that asks for a token needs it

    if kind in {"default", "env"} and (why := certificate_problem(os.environ)):
        raise ValueError(why)
    wire: dict[str, Any] = {
        "transport": SdkTransport(transport),
        "retry_total": 0,
        "read_timeout": REQUEST_SECONDS,
        "additionally_allowed_tenants": ["*"],
    }
    # The hosts come from our own list of clouds: asking Entra whether they are its own is a round trip for nothing.
    entra = {**wire, "authority": cloud.authority_host, "disable_instance_discovery": True}
    if kind == "default":
        made = identity.DefaultAzureCredential(**entra, process_timeout=PROCESS_SECONDS)
        return tuple(_link(one) for one in made.credentials)
    named = {"tenant_id": tenant} if tenant else {}
    if (tool := _of_a_tool(identity, kind)) is not None:
        return (_link(tool),)
    if kind in {"azure-pipelines", "github"}:
        return (_link(_of_ci(identity, kind, transport, cloud, entra)),)
    return (_link(_of_entra(identity, kind, wire, entra, named)),)


def _of_a_tool(identity: Any, kind: str) -> Any:
    """The credential that asks a command on this machine; None for another kind."""
    tools = {
        "cli": identity.AzureCliCredential,
        "azd": identity.AzureDeveloperCliCredential,
        "powershell": identity.AzurePowerShellCredential,
    }
    if kind not in tools:
        return None
    return tools[kind](process_timeout=PROCESS_SECONDS, additionally_allowed_tenants=["*"])


def _of_entra(identity: Any, kind: str, wire: dict[str, Any], entra: dict[str, Any], named: dict[str, str]) -> Any:
    """The credential that asks Entra or a metadata endpoint, or a person."""
    match kind:
        case "env":
            return identity.EnvironmentCredential(**entra)
        case "workload-identity":
            return identity.WorkloadIdentityCredential(**entra, **named)
        case "managed-identity":
            client = os.environ.get("AZURE_CLIENT_ID") or None  # as azure-identity's default chain does
            return identity.ManagedIdentityCredential(client_id=client, **wire)
        case "interactive":
            return identity.InteractiveBrowserCredential(**entra, **named, timeout=INTERACTIVE_SECONDS)
        case "device-code":
            return identity.DeviceCodeCredential(
                **entra, **named, timeout=INTERACTIVE_SECONDS, prompt_callback=_show_code
            )
        case "broker":
            return _broker(entra, named)
        case _:
            raise ValueError(f"{kind!r} is no kind of credential; there are {', '.join(KINDS)}.")


def _of_ci(identity: Any, kind: str, transport: Transport, cloud: Cloud, entra: dict[str, Any]) -> Any:
    """The credential that exchanges the CI system's own token for one of Entra."""
    if kind == "azure-pipelines":
        connection = pipelines_connection(os.environ)
        return identity.AzurePipelinesCredential(
            tenant_id=connection.tenant,
            client_id=connection.client,
            service_connection_id=connection.id,
            system_access_token=connection.access_token,
            **entra,
        )
    tenant, client = github_identity(os.environ)
    return identity.ClientAssertionCredential(
        tenant, client, lambda: github_token(transport, cloud.federation_audience, os.environ), **entra
    )


def _broker(entra: dict[str, Any], named: dict[str, str]) -> Any:
    try:
        broker = import_module("azure.identity.broker")
    except ImportError:
        raise ValueError(
            "--credential broker needs the package azure-identity-broker; install it beside this one."
        ) from None
    window = import_module("msal").PublicClientApplication.CONSOLE_WINDOW_HANDLE
    return broker.InteractiveBrowserBrokerCredential(
        **entra, **named, parent_window_handle=window, use_default_broker_account=True
    )


def _show_code(address: str, code: str, _expires: datetime) -> None:
    """Tell the person where to sign in; whoever asked for this kind sits before the terminal."""
    sys.stderr.write(f"To sign in, open {visible(address)} and enter the code {visible(code)}\n")
    sys.stderr.flush()


def _link(credential: Any) -> Link:
    name = type(credential).__name__
    if name == "FailedDACCredential":
        # A stand-in of azure-identity for a credential whose settings are incomplete.
        return Link(LABELS["WorkloadIdentityCredential"], credential, stops=False)
    return Link(LABELS.get(name, name), credential, name in _DEPLOYED)
