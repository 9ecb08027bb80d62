"""What the agent's tools call, as whom, needing what, and what else can break."""

from __future__ import annotations

from doctor.downstream.assess import assess
from doctor.downstream.dependency import Caller, Dependency, Gap, Inventory, Who
from doctor.downstream.inventory import inventory
from doctor.downstream.knowledge import Knowledge, KnowledgeError, load
from doctor.downstream.lookup import HostName, Lookup
from doctor.downstream.resolve import host_name

__all__ = [
    "Caller",
    "Dependency",
    "Gap",
    "HostName",
    "Inventory",
    "Knowledge",
    "KnowledgeError",
    "Lookup",
    "Who",
    "assess",
    "host_name",
    "inventory",
    "load",
]
