"""The subject's endpoint as facts: where it is, what its name resolves to, and what it answers to free probes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from doctor.azure import foundry, proxies
from doctor.facts.place import FindPlace
from doctor.facts.question import EstateQuestion, Question
from doctor.facts.records import TheAccount, TheApplication
from doctor.facts.tokens import foundry_token
from doctor.model.cause import Cause
from doctor.model.exchange import Answer
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.target import Kind

if TYPE_CHECKING:
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
    guessed: bool = False
    """The host is made from the account's name, since the account could not be read."""

    @property
    def responses(self) -> str:
        """URL of the Responses protocol, without query."""
        return f"{self.base}/protocols/openai/responses"

    def at(self, route: str) -> str:
        """URL of a route below the OpenAI protocol, with the api-version."""
        return f"{self.base}/protocols/openai/{route}?api-version={self.api_version}"


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
        version = target.api_version or foundry.AGENT_API if target.kind is Kind.AGENT else foundry.APPLICATION_API
        if target.is_url:
            return Known(Endpoint(target.host, _base(facts, target.host, target.project), version))
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
        return Known(Endpoint(host, _base(facts, host, project), version, guessed=not subdomain))


def _subdomain(facts: Facts) -> str:
    """The account's custom subdomain, from its own property or from the application's base URL."""
    account = facts.ask(TheAccount())
    if isinstance(account, Known) and account.value.custom_subdomain:
        return account.value.custom_subdomain
    application = facts.ask(TheApplication())
    if isinstance(application, Known):
        host = urlsplit(application.value.base_url).hostname or ""
        if facts.cloud.ai_suffix and host.endswith(f".{facts.cloud.ai_suffix}"):
            return host.split(".")[0]
    return ""


def _base(facts: Facts, host: str, project: str) -> str:
    folder, end = ("agents", "/endpoint") if facts.target.kind is Kind.AGENT else ("applications", "")
    return f"https://{host}/api/projects/{quote(project, safe='')}/{folder}/{quote(facts.target.name, safe='')}{end}"


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
        at, client = endpoint.value, facts.estate.clients.foundry
        if self.call is Call.ANONYMOUS:
            return Known(client.probe(at.at("responses"), None))
        token = facts.ask(foundry_token(facts.estate))
        if isinstance(token, Unread):
            return Unread(replace(token.problem, because_of=("token",)))
        if self.call is Call.AUTHORISED:
            return Known(client.probe(at.at("responses"), token.value))
        if self.call is Call.STATEFUL:
            return Known(client.get(f"{at.base}/protocols/openai", _NO_CONVERSATION, token.value, at.api_version))
        body = json.dumps({"input": facts.options.prompt, "store": False}).encode()
        url = at.at("responses")
        return Known(client.probe(url, token.value, body, timeout=INVOKE_SECONDS, limit=INVOKE_BYTES))


def detour(facts: Facts) -> str:
    """How the way to the endpoint differs from a direct one: through a proxy, or by `--connect-to`; or ""."""
    endpoint = facts.ask(FindEndpoint())
    if isinstance(endpoint, Unread):
        return ""
    route = facts.estate.clients.transport.route(endpoint.value.host)
    if route.rule is not None:
        return f"--connect-to sends it to {route.to_host}:{route.to_port}"
    return f"the proxy {proxies.shown(route.proxy)} looks it up" if route.proxy else ""
