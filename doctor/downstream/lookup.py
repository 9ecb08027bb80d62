"""What this room asks of the run: facts, each fetched once, when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from doctor.model.access import Decision
    from doctor.model.fact import Fact
    from doctor.model.fix import Fix
    from doctor.model.foundry import Json
    from doctor.model.identity import Identity, IdentityRole
    from doctor.rbac import Needs


@dataclass(frozen=True, slots=True)
class HostName:
    """A host whose Azure resource is to be found by Resource Graph."""

    host: str
    """Lower case, without port."""
    arm_types: tuple[str, ...]
    """Resource types that own hosts of this suffix: `Microsoft.Search/searchServices`."""
    properties: tuple[str, ...] = ()
    """Property paths (`properties.customSubDomainName`) that hold the host, its first label or a URL with it.

    Empty: the resource's name is the first label of the host.
    """
    shared: bool = False
    """Many resources answer at this host."""

    @property
    def label(self) -> str:
        """The first label of the host: `contoso` of `contoso.search.windows.net`."""
        return self.host.split(".", 1)[0]


class Lookup(Protocol):
    """The facts of a run, as this room needs them. A fact that cannot be had comes back as `Unread`, never as a no."""

    @property
    def now(self) -> datetime:
        """The run's time, with time zone."""

    @property
    def cloud(self) -> str:
        """Key of the agent's cloud: `public`, `usgovernment` or `china`."""

    def prefetch(self, resource_ids: Sequence[str], hosts: Sequence[HostName]) -> None:
        """Ask Resource Graph once for all of these; harmless when it fails."""

    def resource(self, resource_id: str, api_version: str, *, properties: Sequence[str] = ()) -> Fact[Json]:
        """The resource as ARM or Resource Graph shows it.

        `properties` are dotted paths whose absence would change the answer: a Resource Graph row that lacks one of them
        is completed by an ARM GET. A resource that does not exist is `Unread` with cause `resource-not-found`.
        """

    def read(self, path: str, api_version: str) -> Fact[Json]:
        """One ARM GET below a resource."""

    def list(self, path: str, api_version: str) -> Fact[tuple[Json, ...]]:
        """One ARM list below a resource, all pages."""

    def resolve(self, host: str) -> Fact[str]:
        """The ARM id of the resource that owns a host; `Unread` with cause `downstream-not-found` when none is seen."""

    def identity(self, role: IdentityRole) -> Fact[Identity]:
        """The application's or agent's identity, the project's shared one, or a managed identity.

        `Unread` with cause `principal-not-found` means: its owner was read and has no such identity.
        """

    def access(self, principal_id: str, needs: Needs, scope: str) -> Decision:
        """Whether the principal may do all that is needed on the scope, by role assignments."""

    def remedies(
        self, decision: Decision, needs: Needs, *, prefer: tuple[str, ...] = (), api_version: str = ""
    ) -> tuple[Fix, ...]:
        """The smallest changes that turn the decision into a grant.

        `prefer` holds documented role GUIDs; `api_version` knows the resource's type.
        """

    def groups(self, principal_id: str) -> frozenset[str]:
        """Object ids of the groups that the principal is known to be in; may be incomplete."""

    def data_plane(self, path: str) -> Fact[Json]:
        """One GET below the Foundry project endpoint: `/agents/{name}`, `/toolboxes/{name}`."""
