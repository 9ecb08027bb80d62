"""One change that a person can make, with its undo and who may make it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doctor.model.change import Change


@dataclass(frozen=True, slots=True)
class Fix:
    """One change.

    `command` is one whole line for a POSIX shell, shell-safe also where an id is unknown (`OBJECT_ID`, not `<id>`).
    It is empty where only a person in a portal can act; then `title` says what to do.
    """

    title: str
    """What the change does, as an order: "Assign Foundry User to 3f2… on application support"."""
    command: str = ""
    undo: str = ""
    """The command that takes the change back; empty where nothing is to take back."""
    needs: str = ""
    """Who may make the change: the permission or role, and whether this caller has it."""
    verified: bool = False
    """With the change applied to the facts that were read, the access is granted."""
    bicep: str = ""
    terraform: str = ""
    note: str = ""
    """What to know before or after: delays, a second change that is needed too."""
    change: Change | None = None
    """The change as data; None for advice that changes nothing by itself."""
    powershell: str = ""
    """The command for PowerShell."""
    powershell_undo: str = ""
    """The command for PowerShell that takes the change back."""
    portal: str = ""
    """Where in a portal a person makes the change."""
