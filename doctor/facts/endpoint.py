"""The subject's endpoint as facts: where it is, what its name resolves to, and what it answers to free probes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from doctor.azure import proxies
from doctor.facts.place import FindPlace
from doctor.facts.protocols import free_probe, nothing_free, offers_responses, real_call, tried
from doctor.facts.question import EstateQuestion, Question
from doctor.facts.records import TheAccount
from doctor.facts.subjects import subject_of
from doctor.facts.tokens import foundry_token
from doctor.model.cause import Cause
from doctor.model.exchange import Answer
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.model.protocol import AgentProtocol

if TYPE_CHECKING:
    from doctor.azure.token import Token
    from doctor.facts.estate import Estate
    from doctor.facts.subject import Facts

INVOKE_SECONDS = 300.0
"""A real call with tools may take minutes; the run's deadline bounds it as well."""
INVOKE_BYTES = 5_000_000
_NO_CONVERSATION = "conversations/agentdoctor-probe"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the application is called."""

    host: str
    base: str
    """URL of the application (or of the agent's endpoint), without protocol and query."""
    api_version: str
    protocol: AgentProtocol = AgentProtocol.RESPONSES
    """That of the given address, else Responses."""
    guessed: bool = False
    """The host is made from the account's name, since the account could not be read."""

    @property
    def address(self) -> str:
        """URL at which the protocol is called, without query."""
        return f"{self.base}/protocols/{self.protocol.path}"


@dataclass(frozen=True, slots=True)
class FindEndpoint(Question[Fact[Endpoint]]):
    """Where the subject is called."""

    def answer(self, facts: Facts) -> Fact[Endpoint]:
        """From the target's address where it is one, else from the account's custom subdomain."""
        target = facts.target
        if target.wrong_because:
            summary = f"This is not an agent's or application's address: {target.wrong_because}."
            return Unread(Problem(Cause.WRONG_ENDPOINT, summary, because_of=("application",)))
        if not target.name:
            place = facts.ask(FindPlace())
            return place if isinstance(place, Unread) else Unread(Problem(Cause.WRONG_ENDPOINT, "there is no name"))
        protocol, version = subject_of(facts).spoken(facts)
        if target.is_url:
            return Known(Endpoint(target.host, _base(facts, target.host, target.project), version, protocol))
        suffix = facts.cloud.ai_suffix
        if suffix is None:
            summary = f"Foundry endpoints are not documented for {facts.cloud.title}."
            return Unread(Problem(Cause.NOT_CHECKABLE, summary))
        account, project = target.account, target.project
        if not account:
            place = facts.ask(FindPlace())
            if isinstance(place, Unread):
                return Unread(replace(place.problem, because_of=place.problem.because_of or ("application",)))
            account, project = place.value.account, place.value.project
        subdomain = _subdomain(facts)
        host = f"{subdomain or account}.{suffix}".lower()
        return Known(Endpoint(host, _base(facts, host, project), version, protocol, guessed=not subdomain))


def _subdomain(facts: Facts) -> str:
    """The account's custom subdomain, from its own property or from the application's base URL."""
    account = facts.ask(TheAccount())
    if isinstance(account, Known) and account.value.custom_subdomain:
        return account.value.custom_subdomain
    host = urlsplit(subject_of(facts).base_url(facts)).hostname or ""
    known = facts.cloud.ai_suffix and host.endswith(f".{facts.cloud.ai_suffix}")
    return host.split(".")[0] if known else ""


def _base(facts: Facts, host: str, project: str) -> str:
    folder, name = facts.target.kind.folder, quote(facts.target.name, safe="")
    return f"https://{host}/api/projects/{quote(project, safe='')}/{folder}/{name}{subject_of(facts).end}"


@dataclass(frozen=True, slots=True)
class AddressesOf(EstateQuestion[Fact[tuple[str, ...]]]):
    """The addresses that a host's name has here."""

    host: str

    def answer(self, estate: Estate) -> Fact[tuple[str, ...]]:
        """One lookup."""
        return Known(estate.clients.transport.resolve(self.host))


class Call(str, Enum):
    """What the endpoint is asked."""

    ANONYMOUS = "the free probe without a token"
    AUTHORISED = "the free probe with the caller's token"
    STATEFUL = "a read of a conversation that does not exist: free, and without side effect"
    INVOCATION = "one real call, which is billed to the publisher"


@dataclass(frozen=True, slots=True)
class AnswerTo(Question[Fact[Answer]]):
    """What the endpoint answers to a call."""

    call: Call

    def answer(self, facts: Facts) -> Fact[Answer]:
        """One request."""
        endpoint = facts.ask(FindEndpoint())
        if isinstance(endpoint, Unread):
            return endpoint
        at = endpoint.value
        if self.call is Call.ANONYMOUS:
            return Known(_anonymous(facts, at))
        token = facts.ask(foundry_token(facts.estate))
        if isinstance(token, Unread):
            return Unread(replace(token.problem, because_of=("token",)))
        ask = {Call.AUTHORISED: _tried, Call.STATEFUL: _stateful, Call.INVOCATION: _invoked}
        return ask[self.call](facts, at, token.value)


def _anonymous(facts: Facts, at: Endpoint) -> Answer:
    client = facts.estate.clients.foundry
    if at.protocol in {AgentProtocol.RESPONSES, AgentProtocol.MCP}:
        return client.probe(f"{at.address}?api-version={at.api_version}", None)
    # Without a token nothing runs; a GET would not run anything either.
    return client.get(f"{at.base}/protocols", at.protocol.path, None, at.api_version)


def _stateful(facts: Facts, at: Endpoint, token: Token) -> Fact[Answer]:
    client = facts.estate.clients.foundry
    return Known(client.get(f"{at.base}/protocols/openai", _NO_CONVERSATION, token, at.api_version))


def _invoked(facts: Facts, at: Endpoint, token: Token) -> Fact[Answer]:
    protocol = tried(facts)
    body = real_call(protocol, facts.options.prompt) if protocol else None
    if protocol is None or body is None:
        return Unread(Problem(Cause.NOT_CHECKABLE, "one request is no call in that protocol"))
    url = f"{at.base}/protocols/{protocol.path}?api-version={at.api_version}"
    client = facts.estate.clients.foundry
    return Known(client.probe(url, token, body, timeout=INVOKE_SECONDS, limit=INVOKE_BYTES))


def _tried(facts: Facts, at: Endpoint, token: Token) -> Fact[Answer]:
    """The answer to what is free with the caller's token, at the surest of the protocols that are judged.

    Where that says nothing, Responses is tried if the agent offers it: its endpoint wants the same permission.
    """
    client = facts.estate.clients.foundry
    protocol = tried(facts)
    if protocol is not None and protocol is not AgentProtocol.RESPONSES:
        fact = free_probe(client, at.base, protocol, at.api_version, token)
        if isinstance(fact, Known) or protocol is AgentProtocol.ACTIVITY or not offers_responses(facts):
            return fact
    elif protocol is None:
        return Unread(nothing_free(None))
    version = at.api_version if protocol is AgentProtocol.RESPONSES else AgentProtocol.RESPONSES.api_version
    return Known(client.probe(f"{at.base}/protocols/openai/responses?api-version={version}", token))


def detour(facts: Facts) -> str:
    """How the way to the endpoint differs from a direct one: through a proxy, or by `--connect-to`; or ""."""
    endpoint = facts.ask(FindEndpoint())
    if isinstance(endpoint, Unread):
        return ""
    route = facts.estate.clients.transport.route(endpoint.value.host)
    if route.rule is not None:
        return f"--connect-to sends it to {route.to_host}:{route.to_port}"
    return f"the proxy {proxies.shown(route.proxy)} looks it up" if route.proxy else ""
