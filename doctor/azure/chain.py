"""azure-identity's credentials, as the links of a chain that can be asked one by one.

The default chain is `DefaultAzureCredential`'s own list, so AZURE_TOKEN_CREDENTIALS narrows it as everywhere else. As
there, an unavailable credential lets the chain go on, a developer tool that is refused too, and a refused deployed
credential (environment, workload identity, managed identity) stops it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from doctor.azure.request import REQUEST_SECONDS
from doctor.azure.sdk import SdkTransport

if TYPE_CHECKING:
    from doctor.azure.clouds import Cloud
    from doctor.azure.transport import Transport

KINDS = ("default", "cli", "env", "managed-identity", "workload-identity", "azd", "interactive")
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


def build_chain(  # noqa: PLR0911 - one return for each kind
    kind: str, transport: Transport, cloud: Cloud, tenant: str
) -> tuple[Link, ...]:
    """The credentials of a kind, with everything they send going through our transport.

    Raises:
        ValueError: azure-identity refuses its settings (for example AZURE_TOKEN_CREDENTIALS); the message says which.
    """
    from azure import identity  # noqa: PLC0415 - costs 0.2 s, and only a run that asks for a token needs it

    wire: dict[str, Any] = {
        "transport": SdkTransport(transport),
        "retry_total": 0,
        "read_timeout": REQUEST_SECONDS,
        "additionally_allowed_tenants": ["*"],
    }
    # The hosts come from our own list of clouds: asking Entra whether they are its own is a round trip for nothing.
    entra = {**wire, "authority": cloud.authority_host, "disable_instance_discovery": True}
    tools: dict[str, Any] = {"process_timeout": PROCESS_SECONDS, "additionally_allowed_tenants": ["*"]}
    match kind:
        case "default":
            made = identity.DefaultAzureCredential(**entra, process_timeout=tools["process_timeout"])
            return tuple(_link(one) for one in made.credentials)
        case "cli":
            return (_link(identity.AzureCliCredential(**tools)),)
        case "azd":
            return (_link(identity.AzureDeveloperCliCredential(**tools)),)
        case "env":
            return (_link(identity.EnvironmentCredential(**entra)),)
        case "workload-identity":
            return (_link(identity.WorkloadIdentityCredential(**entra, **({"tenant_id": tenant} if tenant else {}))),)
        case "managed-identity":
            return (_link(_managed_identity(identity, wire)),)
        case "interactive":
            named = {"tenant_id": tenant} if tenant else {}
            return (_link(identity.InteractiveBrowserCredential(**entra, **named, timeout=INTERACTIVE_SECONDS)),)
        case _:
            raise ValueError(f"{kind!r} is no kind of credential; there are {', '.join(KINDS)}.")


def _managed_identity(identity: Any, wire: dict[str, Any]) -> Any:
    import os  # noqa: PLC0415 - azure-identity reads the same variable for its default chain

    return identity.ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID") or None, **wire)


def _link(credential: Any) -> Link:
    name = type(credential).__name__
    if name == "FailedDACCredential":
        # A stand-in of azure-identity for a credential whose settings are incomplete.
        return Link(LABELS["WorkloadIdentityCredential"], credential, stops=False)
    return Link(LABELS.get(name, name), credential, name in _DEPLOYED)
