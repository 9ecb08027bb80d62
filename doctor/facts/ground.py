"""What a run stands on: its settings, its clock, and how its bytes travel. Evidence brings a ground of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from doctor.azure.clouds import Cloud
    from doctor.azure.tape import Recorder
    from doctor.azure.token_source import SignIn, TokenSource
    from doctor.azure.transport import Transport
    from doctor.azure.wire import Wire


def utc_now() -> datetime:
    """The present time, in UTC."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class Ground:
    """By default: no settings, the clock of this machine, and the network."""

    environ: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Environment variables that name proxies and certificate files (`HTTPS_PROXY`, `SSL_CERT_FILE`…)."""
    now: Callable[[], datetime] = utc_now
    """The present time, in UTC."""
    wire: Wire | None = None
    """Carries the requests; None for the network."""
    sleep: Callable[[float], object] | None = None
    """Waits so many seconds between two attempts; None waits for real."""
    record: Recorder | None = None
    """Keeps every exchange."""
    keep_sign_in: Callable[[SignIn], None] | None = None
    """Is told how each sign-in went."""
    sign_ins: tuple[SignIn, ...] | None = None
    """Sign-ins of a recording; None for real ones."""

    def tokens(self, transport: Transport, cloud: Cloud, tenant: str) -> TokenSource:
        """Where the tokens of a run come from."""
        from doctor.azure.token_source import Chain, RecordedSource, ReplayedSource  # noqa: PLC0415 - when it is wanted

        if self.sign_ins is not None:
            return ReplayedSource(self.sign_ins, transport)
        chain = Chain(transport, cloud, lambda: tenant)
        return RecordedSource(chain, transport, self.keep_sign_in) if self.keep_sign_in else chain
