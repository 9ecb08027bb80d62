"""Changes told in each dialect: az for bash and PowerShell, Bicep, Terraform, REST, a link into the portal.

`fix` is the one door through which a change becomes something that a person is advised to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.changes import bash, bicep, portal, powershell, terraform
from doctor.changes.rights import rights
from doctor.changes.undo import undo
from doctor.model.fix import Fix

if TYPE_CHECKING:
    from doctor.model.change import Change

__all__ = ["fix", "rights", "undo"]


def fix(change: Change, title: str, *, needs: str = "", note: str = "", portal_host: str = portal.PUBLIC) -> Fix:
    """The change as advice.

    Args:
        change: what to do.
        title: what it does, as an order, without a full stop.
        needs: who may do it, where more is known than the permission that the change takes.
        note: what to know before or after.
        portal_host: the Azure portal of the cloud.
    """
    back = undo(change)
    return Fix(
        title=title,
        command=bash.write(change),
        undo=bash.write(back) if back else "",
        needs=needs or rights(change),
        bicep=bicep.write(change),
        terraform=terraform.write(change),
        note=note,
        change=change,
        powershell=powershell.write(change),
        powershell_undo=powershell.write(back) if back else "",
        portal=portal.write(change, portal_host),
    )
