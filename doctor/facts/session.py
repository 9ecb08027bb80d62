"""One run's session: its parts, and the few facts that belong to none of them alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from doctor import downstream, rbac
from doctor.azure.clouds import CLOUDS
from doctor.facts.access import AccessQuestions
from doctor.facts.access_lists import AccessLists
from doctor.facts.arm_reads import ArmReads
from doctor.facts.downstream import DownstreamReads
from doctor.facts.endpoint import EndpointFacts
from doctor.facts.place import APPLICATIONS_VERSION, Places
from doctor.facts.resources import Resources
from doctor.facts.sign_in import SignIn
from doctor.facts.tools import Tools
from doctor.facts.traits import traits
from doctor.facts.wiring import Wiring, utc_now
from doctor.facts.witness import Witness
from doctor.model.fix import Fix
from doctor.model.identity import Identity, IdentityRole
from doctor.target import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from doctor.azure.clouds import Cloud
    from doctor.facts.endpoint import Endpoint
    from doctor.facts.options import Options
    from doctor.facts.place import Place
    from doctor.model.exchange import Exchange
    from doctor.model.fact import Fact
    from doctor.model.trait import Trait
    from doctor.target import Target


LOADING_DELAY = 0.03
"""Seconds; loading modules would hold up the first TLS handshakes."""
SETTLE_SECONDS = 0.5
"""A request that nobody waits for any more may take so long to end before its connection is cut."""


class Session:
    """What checks ask for facts. Every fact is fetched once, when it is first asked for; any thread may ask."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self.sign_in = SignIn(wiring)
        reads = ArmReads(wiring.arm, self.sign_in)
        self.places = Places(wiring, reads)
        self.resources = Resources(wiring, reads, self.places, self.sign_in)
        self.access_lists = AccessLists(wiring, reads)
        self.access = AccessQuestions(wiring, self.access_lists, self.places, self.resources, self.sign_in)
        self.endpoint = EndpointFacts(wiring, self.places, self.resources, self.sign_in)
        self.witness = Witness(wiring, self.endpoint, self.sign_in)
        self.downstream = DownstreamReads(wiring, reads, self.resources, self.access, self.places)
        self.tools = Tools(wiring, self.places, self.resources, self.downstream)

    @property
    def options(self) -> Options:
        """The options of the run."""
        return self._wiring.options

    @property
    def target(self) -> Target:
        """What the user asked about."""
        return self._wiring.target

    @property
    def cloud(self) -> Cloud:
        """The Azure cloud that is asked."""
        return self._wiring.cloud

    def now(self) -> datetime:
        """The present time, in UTC."""
        return self._wiring.now()

    def identities(self) -> tuple[Identity, ...]:
        """The ledger's entries so far."""
        return self._wiring.ledger.entries()

    def exchanges(self) -> tuple[Exchange, ...]:
        """The requests made so far, in the order in which they began."""
        return self._wiring.transport.exchanges()

    def note_refused(self, principal: str) -> str:
        """Enter a principal that a refusal names; gives its object id, or "" when the refusal names none."""
        if not principal:
            return ""
        known = self._wiring.ledger.find(principal)
        object_id = known.object_id if known is not None else principal.lower()
        role = known.role if known is not None else IdentityRole.UNKNOWN
        return self._wiring.ledger.note(Identity(object_id, role, seen_in=("refusal",))).object_id

    def arm_url(self, path: str) -> str:
        """URL of an operation on an application or deployment, for a command that a person runs."""
        return f"{self.cloud.arm_endpoint}{path}?api-version={APPLICATIONS_VERSION}"

    def wait_fix(self) -> Fix:
        """The change for something that only takes time."""
        return Fix(
            "Wait up to ten minutes for the assignment to take effect, then check again",
            needs="nobody's permission",
            note="Sign in again if it was given through a group: a token keeps the groups it was issued with.",
        )

    def settle_target(self) -> None:
        """Find the place of a target that its text leaves open, before any check runs, and load the clients.

        Raises:
            AmbiguousTarget: there are several applications of that name.
        """
        self._wiring.transport.prepare()
        self._wiring.credentials.prepare()
        self._wiring.memo.start(self._load)
        if self.target.name and not self.target.is_url and not self.target.subscription:
            self._wiring.memo.start(self.sign_in.foundry)
            self.places.find()

    def _load(self) -> None:
        """Load what is wanted soon while Entra answers: not before the first requests have left."""
        time.sleep(LOADING_DELAY)
        self._wiring.arm.prepare()
        downstream.load()
        rbac.bundled_definitions()

    def time_left(self) -> float:
        """Seconds until the run's deadline."""
        return self._wiring.transport.remaining()

    def notes(self) -> tuple[str, ...]:
        """What is worth knowing about the run itself."""
        return self.access.notes()

    def traits(self) -> tuple[Trait, ...]:
        """Properties of what was checked, as far as they were read."""
        return traits(self._wiring.memo)

    def known_place(self) -> Fact[Place] | None:
        """The place of the target, if it was asked for and answered."""
        return cast("Fact[Place] | None", self._wiring.memo.peek("place"))

    def known_endpoint(self) -> Fact[Endpoint] | None:
        """Where the application is called, if it was asked for and answered."""
        return cast("Fact[Endpoint] | None", self._wiring.memo.peek("endpoint"))

    def close(self) -> None:
        """End the run's connections."""
        self._wiring.memo.settle(SETTLE_SECONDS)
        self._wiring.transport.close()


def open_session(options: Options, environ: Mapping[str, str], *, now: Callable[[], datetime] = utc_now) -> Session:
    """Make a session with real clients. Nothing is sent before a fact is asked for.

    Raises:
        MalformedTarget: the target names no application.
        BadConnectTo: a `--connect-to` rule cannot be read.
        BadTrust: the CA file cannot be used.
    """
    from doctor.azure.arm import Arm  # noqa: PLC0415 - the clients are loaded when they are wanted
    from doctor.azure.authorization import Authorization  # noqa: PLC0415 - as above
    from doctor.azure.connect_to import parse as parse_rule  # noqa: PLC0415 - as above
    from doctor.azure.credentials import Credentials  # noqa: PLC0415 - as above
    from doctor.azure.deadline import Deadline  # noqa: PLC0415 - as above
    from doctor.azure.foundry import Foundry  # noqa: PLC0415 - as above
    from doctor.azure.transport import Transport  # noqa: PLC0415 - as above

    cloud = _cloud_of(options)
    suffixes = (cloud.ai_suffix,) if cloud.ai_suffix else ()
    target = parse(options.target, ai_suffixes=suffixes, allowed_hosts=options.allow_hosts)
    transport = Transport(
        cloud=cloud,
        deadline=Deadline(options.timeout),
        connect_to=tuple(parse_rule(rule) for rule in options.connect_to),
        ca_file=str(options.ca_file) if options.ca_file else None,
        allow_hosts=options.allow_hosts,
        environ=environ,
    )
    credentials = Credentials(options.credential.value, transport, cloud=cloud, tenant=options.tenant or None)
    arm = Arm(transport, credentials)
    return Session(
        Wiring(
            options=options,
            target=target,
            cloud=cloud,
            transport=transport,
            credentials=credentials,
            arm=arm,
            authorization=Authorization(arm),
            foundry=Foundry(transport),
            now=now,
        )
    )


def _cloud_of(options: Options) -> Cloud:
    """The cloud whose endpoints have the target's suffix, else the one that was asked for."""
    host = (urlsplit(options.target.strip()).hostname or "") if "://" in options.target else ""
    named = (cloud for cloud in CLOUDS.values() if cloud.ai_suffix and host.endswith(f".{cloud.ai_suffix}"))
    return next(named, CLOUDS[options.cloud])
