"""What every part of the session works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from doctor.facts.ledger import Ledger
from doctor.facts.memo import Memo

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.azure.arm import Arm
    from doctor.azure.authorization import Authorization
    from doctor.azure.clouds import Cloud
    from doctor.azure.credentials import Credentials
    from doctor.azure.foundry import Foundry
    from doctor.azure.transport import Transport
    from doctor.facts.options import Options
    from doctor.target import Target


def utc_now() -> datetime:
    """The present time, in UTC."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class Wiring:
    """The run's options, its clients and its memory."""

    options: Options
    target: Target
    cloud: Cloud
    transport: Transport
    credentials: Credentials
    arm: Arm
    authorization: Authorization
    foundry: Foundry
    now: Callable[[], datetime] = utc_now
    memo: Memo = field(default_factory=Memo)
    ledger: Ledger = field(default_factory=Ledger)
