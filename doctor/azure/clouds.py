"""The Azure clouds: their hosts and scopes, and which hosts may see a token of which audience.

Source of the endpoints: azure-government.md and foundry-azure-government.md of MicrosoftDocs/azure-ai-docs (June 2026)
for US Government, the public Azure documentation for the others; read in November 2026. None = not documented; nothing
is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Cloud:
    """One Azure cloud."""

    key: str
    """`public`, `usgovernment` or `china`."""
    title: str
    cli_name: str
    """The name of this cloud in `az cloud set --name`."""
    authority_host: str
    """Entra, with scheme: `https://login.microsoftonline.com`."""
    arm_endpoint: str
    arm_scope: str
    ai_scope: str | None
    """Scope of the Foundry data plane; None where Foundry endpoints are not documented for the cloud."""
    ai_suffix: str | None
    """Foundry accounts are at `{account}.{ai_suffix}`."""
    arm_audiences: tuple[str, ...]
    """Every form in which Entra writes the audience of a token for ARM."""
    ai_audiences: tuple[str, ...]
    federation_audience: str
    """Audience of the assertion in a workload identity federation."""
    privatelink_zones: tuple[str, ...] | None = None
    foundry_portal: str | None = None
    azure_portal: str | None = None
    hosted_agents: bool | None = None
    not_available: tuple[str, ...] = ()

    @property
    def arm_host(self) -> str:
        """Host name of Azure Resource Manager."""
        return urlsplit(self.arm_endpoint).hostname or ""

    @property
    def authority(self) -> str:
        """Host name of Entra."""
        return urlsplit(self.authority_host).hostname or ""


# A version 2 token names the application id of its resource: that of "Windows Azure Service Management API", and
# that of "Azure Machine Learning Services", which is how Entra knows https://ai.azure.com.
_ARM_APP = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
_AI_APP = "18a66f5f-dbdf-4c17-9dd7-1634712a9cbe"

PUBLIC = Cloud(
    key="public",
    title="Azure",
    cli_name="AzureCloud",
    authority_host="https://login.microsoftonline.com",
    arm_endpoint="https://management.azure.com",
    arm_scope="https://management.azure.com/.default",
    ai_scope="https://ai.azure.com/.default",
    ai_suffix="services.ai.azure.com",
    arm_audiences=("https://management.azure.com", "https://management.core.windows.net", _ARM_APP),
    ai_audiences=("https://ai.azure.com", _AI_APP),
    federation_audience="api://AzureADTokenExchange",
    privatelink_zones=(
        "privatelink.services.ai.azure.com",
        "privatelink.openai.azure.com",
        "privatelink.cognitiveservices.azure.com",
    ),
    foundry_portal="https://ai.azure.com",
    hosted_agents=True,
)
US_GOVERNMENT = Cloud(
    key="usgovernment",
    title="Azure US Government",
    cli_name="AzureUSGovernment",
    authority_host="https://login.microsoftonline.us",
    arm_endpoint="https://management.usgovcloudapi.net",
    arm_scope="https://management.usgovcloudapi.net/.default",
    ai_scope="https://ai.azure.us/.default",
    ai_suffix="services.ai.azure.us",
    arm_audiences=("https://management.usgovcloudapi.net", "https://management.core.usgovcloudapi.net", _ARM_APP),
    ai_audiences=("https://ai.azure.us", _AI_APP),
    federation_audience="api://AzureADTokenExchangeUSGov",
    foundry_portal="https://ai.azure.us/nextgen",
    azure_portal="https://portal.azure.us",
    hosted_agents=False,
    not_available=(
        "Hosted agents",
        "MCP tool",
        "A2A tool",
        "OpenAPI tool",
        "Bing grounding",
        "SharePoint",
        "Fabric",
        "publishing to Teams",
    ),
)
CHINA = Cloud(
    key="china",
    title="Azure operated by 21Vianet",
    cli_name="AzureChinaCloud",
    authority_host="https://login.chinacloudapi.cn",
    arm_endpoint="https://management.chinacloudapi.cn",
    arm_scope="https://management.chinacloudapi.cn/.default",
    ai_scope=None,
    ai_suffix=None,
    arm_audiences=("https://management.chinacloudapi.cn", "https://management.core.chinacloudapi.cn", _ARM_APP),
    ai_audiences=(),
    federation_audience="api://AzureADTokenExchangeChina",
)

CLOUDS: Mapping[str, Cloud] = MappingProxyType({cloud.key: cloud for cloud in (PUBLIC, US_GOVERNMENT, CHINA)})


def audience_of(scope: str) -> str:
    """The audience that a scope asks for: `https://ai.azure.com/.default` → `https://ai.azure.com`."""
    return scope.strip().lower().removesuffix("/.default").rstrip("/")


def hosts_for(cloud: Cloud, audience: str) -> tuple[str, ...]:
    """The hosts that may receive a token of this audience; `*.` stands for one or more labels.

    An audience that is neither ARM's nor Foundry's has no host: we have no business sending such a token anywhere.
    """
    wanted = audience_of(audience)
    if wanted in cloud.arm_audiences:
        return (cloud.arm_host,)
    if wanted in cloud.ai_audiences and cloud.ai_suffix:
        return (f"*.{cloud.ai_suffix}",)
    return ()


def may_receive(cloud: Cloud, audience: str, host: str, allowed: Iterable[str] = ()) -> bool:
    """Whether a token of this audience may be sent to the host; `allowed` are the hosts of `--allow-host`."""
    name = host.lower()
    return name in {extra.lower() for extra in allowed} or any(_matches(name, p) for p in hosts_for(cloud, audience))


def plane_of(cloud: Cloud, host: str) -> str:
    """`entra`, `arm`, `foundry`, `imds` or `other`."""
    name = host.lower().rstrip(".")
    if name == cloud.authority:
        return "entra"
    if name == cloud.arm_host:
        return "arm"
    if cloud.ai_suffix and _matches(name, f"*.{cloud.ai_suffix}"):
        return "foundry"
    return "imds" if name == "169.254.169.254" else "other"


def _matches(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) >= len(pattern)
    return host == pattern
