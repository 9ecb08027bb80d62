"""What the agent's tools call, as whom, needing what, and what else can break."""

from __future__ import annotations

from doctor.downstream import capability, model
from doctor.downstream.assess import assess
from doctor.downstream.dependency import Caller, Dependency, Gap, Inventory, Who
from doctor.downstream.identities import works_privately
from doctor.downstream.inventory import inventory
from doctor.downstream.kind import Store
from doctor.downstream.knowledge import Knowledge, KnowledgeError, load
from doctor.downstream.lookup import HostName, Lookup
from doctor.downstream.lost import lost_on_publish
from doctor.downstream.named import Connections
from doctor.downstream.plan import plan
from doctor.downstream.resolve import host_name

__all__ = [
    "Caller",
    "Connections",
    "Dependency",
    "Gap",
    "HostName",
    "Inventory",
    "Knowledge",
    "KnowledgeError",
    "Lookup",
    "Store",
    "Who",
    "assess",
    "capability",
    "host_name",
    "inventory",
    "load",
    "lost_on_publish",
    "model",
    "plan",
    "works_privately",
]
