"""How a run begins: the clients of its options, and what is under way before any check asks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from doctor.azure.clouds import CLOUDS
from doctor.facts.data_plane import connections_at
from doctor.facts.endpoint import AnswerTo, Call
from doctor.facts.estate import Clients, Estate
from doctor.facts.place import FindPlace
from doctor.facts.pool import REQUESTS
from doctor.facts.question import EstateQuestion, Question
from doctor.facts.records import ProjectEndpoint, TheConnections, TheProject
from doctor.facts.subject import Facts
from doctor.facts.subjects import subject_of
from doctor.facts.tokens import arm_token, foundry_token
from doctor.facts.which import settled
from doctor.model.fact import Known
from doctor.target import parse

if TYPE_CHECKING:
    from doctor.azure.clouds import Cloud
    from doctor.facts.ground import Ground
    from doctor.facts.options import Options

LOADING_DELAY = 0.03
"""Seconds; loading modules would hold up the first TLS handshakes."""
TELLING_SHARE = 0.1
TELLING_SECONDS = 2.0
"""This share of the run's time, and no more than this, is kept for telling what came of the requests."""


def open_facts(options: Options, ground: Ground) -> Facts:
    """Make the memory of a run, with real clients. Nothing is sent before a question is asked.

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
    from doctor.reading import no_token  # noqa: PLC0415 - as above

    cloud = _cloud_of(options)
    suffixes = (cloud.ai_suffix,) if cloud.ai_suffix else ()
    target = parse(options.target, ai_suffixes=suffixes, allowed_hosts=options.allow_hosts)
    transport = Transport(
        cloud=cloud,
        deadline=Deadline(options.timeout - min(TELLING_SECONDS, options.timeout * TELLING_SHARE)),
        connect_to=tuple(parse_rule(rule) for rule in options.connect_to),
        ca_file=str(options.ca_file) if options.ca_file else None,
        allow_hosts=options.allow_hosts,
        environ=ground.environ,
        sleep=ground.sleep,
        wire=ground.wire,
        at_once=REQUESTS,
        record=ground.record,
    )
    credentials = Credentials(
        options.credential.value,
        transport,
        read=no_token,
        cloud=cloud,
        tenant=options.tenant or None,
        source=ground.tokens(transport, cloud, options.tenant),
    )
    arm = Arm(transport, credentials)
    estate = Estate(
        Clients(transport, credentials, arm, Authorization(arm), Foundry(transport)),
        cloud,
        ground.now,
        tenant=options.tenant,
        subscription=target.subscription or options.subscription,
        remaining=Deadline(options.timeout).remaining,
    )
    return Facts(options, target, estate)


def begin_early(facts: Facts) -> None:
    """Send what every whole run sends, while the rest of the program is still being loaded."""
    facts.estate.clients.transport.prepare()
    target = facts.target
    whole = target.is_url and target.name and not target.either and not target.wrong_because
    if whole:
        facts.begin(AnswerTo(Call.ANONYMOUS))
    facts.estate.clients.credentials.prepare()
    facts.begin(foundry_token(facts.estate), arm_token(facts.estate), Loaded())
    if whole:
        facts.begin(subject_of(facts).ahead, Details(), AnswerTo(Call.AUTHORISED), Ahead())


def settle_target(facts: Facts) -> Facts:
    """Load the clients, and find out what is meant where the target's text leaves it open.

    Gives the facts of what is meant, over the same estate.

    Raises:
        AmbiguousTarget: there are several applications or agents of that name.
    """
    facts.estate.clients.transport.prepare()
    facts.estate.clients.credentials.prepare()
    facts.begin(foundry_token(facts.estate), Loaded())
    facts = settled(facts)
    if facts.target.name and (facts.target.subscription or not facts.target.is_url):
        facts.ask(FindPlace())
    return facts


@dataclass(frozen=True, slots=True)
class Details(Question[None]):
    """The records that lead to further requests, begun as soon as it is known where they are."""

    def answer(self, facts: Facts) -> None:
        """Before the checks ask for what leads nowhere."""
        if isinstance(facts.ask(FindPlace()), Known):
            facts.begin(TheConnections(), TheProject(), subject_of(facts).record)


@dataclass(frozen=True, slots=True)
class Ahead(Question[None]):
    """What the tools will need, begun with the address alone."""

    def answer(self, facts: Facts) -> None:
        """The lists at once; what they lead to after the modules about downstream resources have been loaded."""
        endpoint = facts.ask(ProjectEndpoint())
        if isinstance(endpoint, Known):
            facts.begin(connections_at(endpoint.value))
        facts.ask(Loaded())
        from doctor.facts.ahead import TargetsAhead  # noqa: PLC0415 - as said above

        facts.begin(TargetsAhead())


@dataclass(frozen=True, slots=True)
class Loaded(EstateQuestion[bool]):
    """Whether the modules that are wanted soon are loaded, while Entra answers."""

    def answer(self, estate: Estate) -> bool:
        """Not before the first requests have left."""
        from doctor import downstream, rbac  # noqa: PLC0415 - loaded when they are wanted

        time.sleep(LOADING_DELAY)
        estate.clients.arm.prepare()
        downstream.load()
        rbac.bundled_definitions()
        return True


def _cloud_of(options: Options) -> Cloud:
    """The cloud that the target's host is of, else the one that was asked for."""
    host = (urlsplit(options.target.strip()).hostname or "") if "://" in options.target else ""
    return next((cloud for cloud in CLOUDS.values() if _speaks_for(cloud, host)), CLOUDS[options.cloud])


def _speaks_for(cloud: Cloud, host: str) -> bool:
    """Whether the host is one of a cloud's own: an endpoint, a portal, Azure Resource Manager."""
    portals = {urlsplit(url).hostname for url in (cloud.foundry_portal, cloud.azure_portal) if url}
    return host in {*portals, cloud.arm_host} or bool(cloud.ai_suffix and host.endswith(f".{cloud.ai_suffix}"))
