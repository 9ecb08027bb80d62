"""Names of a scenario made into ids: stable from run to run, so that reports can be compared."""

from __future__ import annotations

import re
import uuid

_NAMESPACE = uuid.UUID("8f0b6f5e-2f6b-5d0e-9a56-0d1f6f3b7a11")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

EVERYONE = "00000000-0000-0000-0000-000000000000"
"""The principal of a deny assignment that means every principal."""

HOSTS = {
    "public": ("login.microsoftonline.com", "management.azure.com", "services.ai.azure.com", "https://ai.azure.com"),
    "usgovernment": (
        "login.microsoftonline.us",
        "management.usgovcloudapi.net",
        "services.ai.azure.us",
        "https://ai.azure.us",
    ),
}
"""Cloud → (Entra host, Resource Manager host, suffix of Foundry hosts, audience of Foundry)."""

GRAPH_HOSTS = {"public": "graph.microsoft.com", "usgovernment": "graph.microsoft.us"}
"""Cloud → host of Microsoft Graph."""


def is_guid(text: str) -> bool:
    """Whether the text is a GUID."""
    return _GUID.fullmatch(text) is not None


def guid(kind: str, name: str) -> str:
    """The id that stands for a name; a GUID stands for itself."""
    return name.lower() if is_guid(name) else str(uuid.uuid5(_NAMESPACE, f"{kind}:{name}"))
