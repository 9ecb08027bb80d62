"""The patterns that the forms of a target are made of, each in one place."""

from __future__ import annotations

import re

from doctor.model.resource_id import GUID

NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9_-])?"
SLASHED = re.compile(rf"({NAME})/({NAME})/({NAME})")
BARE = re.compile(NAME)
CLASSIC = re.compile(r"asst_[A-Za-z0-9]{8,}")
"""The id of a classic agent (an assistant), which has no endpoint of its own."""
ARM = re.compile(
    rf"/subscriptions/(?P<subscription>{GUID})"
    r"/resourceGroups/(?P<group>[\w().-]{1,90})"
    rf"/providers/Microsoft\.CognitiveServices/accounts/(?P<account>{NAME})"
    rf"/projects/(?P<project>{NAME})(?:/(?P<type>applications|agents)/(?P<name>{NAME}))?",
    re.IGNORECASE,
)
PROJECT_PATH = re.compile(
    rf"api/projects/(?P<project>{NAME})(?:/(?P<type>applications|agents)/(?P<name>{NAME})(?::\w+)?)?(?=/|$)",
    re.IGNORECASE,
)
HOST_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
PORTALS = ("ai.azure.com", "ai.azure.us", "portal.azure.com", "portal.azure.us", "portal.azure.cn")
ARM_HOSTS = ("management.azure.com", "management.usgovcloudapi.net", "management.chinacloudapi.cn")


def is_portal(host: str) -> bool:
    """Whether the host is that of a portal, or of a preview of one (`ms.portal.azure.com`)."""
    return host in PORTALS or host.endswith((".portal.azure.com", ".portal.azure.us"))
