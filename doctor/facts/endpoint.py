"""The application's endpoint as facts: where it is, what its name resolves to, and what it answers to free probes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from doctor.azure import foundry, proxies
from doctor.azure.errors import AzureError
from doctor.azure.foundry import EMPTY
from doctor.model.cause import Cause
from doctor.model.fact import Fact, Known, Problem, Unread
from doctor.target import Kind

if TYPE_CHECKING:
    from doctor.facts.place import Places
    from doctor.facts.resources import Resources
    from doctor.facts.sign_in import SignIn
    from doctor.facts.wiring import Wiring
    from doctor.model.exchange import Answer

INVOKE_SECONDS = 300.0
"""A real call with tools may take minutes; the run's deadline bounds it as well."""
INVOKE_BYTES = 5_000_000


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


class EndpointFacts:
    """Asks the endpoint; each question once."""

    def __init__(self, wiring: Wiring, places: Places, resources: Resources, sign_in: SignIn) -> None:
        self._wiring = wiring
        self._memo = wiring.memo
        self._places = places
        self._resources = resources
        self._sign_in = sign_in

    def endpoint(self) -> Fact[Endpoint]:
        """Where the application is called."""
        return self._memo.once("endpoint", self._endpoint)

    def _endpoint(self) -> Fact[Endpoint]:
        target = self._wiring.target
        if target.wrong_because:
            summary = f"This is not an agent's or application's address: {target.wrong_because}."
            return Unread(Problem(Cause.WRONG_ENDPOINT, summary, because_of=("application",)))
        version = target.api_version or foundry.AGENT_API if target.kind is Kind.AGENT else foundry.APPLICATION_API
        if target.is_url:
            return Known(Endpoint(target.host, self._base(target.host, target.project, target.name), version))
        suffix = self._wiring.cloud.ai_suffix
        if suffix is None:
            summary = f"Foundry endpoints are not documented for {self._wiring.cloud.title}."
            return Unread(Problem(Cause.NOT_CHECKABLE, summary))
        if target.account:
            account, project = target.account, target.project
        else:
            place = self._places.find()
            if isinstance(place, Unread):
                return place
            account, project = place.value.account, place.value.project
        label = self._subdomain()
        host = f"{label or account}.{suffix}".lower()
        return Known(Endpoint(host, self._base(host, project, target.name), version, guessed=not label))

    def _subdomain(self) -> str:
        """The account's custom subdomain, from its own property or from the application's base URL."""
        account = self._resources.account()
        if isinstance(account, Known) and account.value.custom_subdomain:
            return account.value.custom_subdomain
        application = self._resources.application() if self._wiring.target.kind is Kind.APPLICATION else None
        if isinstance(application, Known):
            host = urlsplit(application.value.base_url).hostname or ""
            if self._wiring.cloud.ai_suffix and host.endswith(f".{self._wiring.cloud.ai_suffix}"):
                return host.split(".")[0]
        return ""

    def _base(self, host: str, project: str, name: str) -> str:
        folder, end = ("agents", "/endpoint") if self._wiring.target.kind is Kind.AGENT else ("applications", "")
        return f"https://{host}/api/projects/{quote(project, safe='')}/{folder}/{quote(name, safe='')}{end}"

    def addresses(self) -> Fact[tuple[str, ...]]:
        """The addresses that the endpoint's name has here."""
        return self._memo.once("addresses", self._addresses)

    def _addresses(self) -> Fact[tuple[str, ...]]:
        endpoint = self.endpoint()
        if isinstance(endpoint, Unread):
            return endpoint
        try:
            return Known(self._wiring.transport.resolve(endpoint.value.host))
        except AzureError as error:
            return Unread(error.problem)

    def anonymous(self) -> Fact[Answer]:
        """The answer to the free probe without a token."""
        return self._memo.once("probe-anonymous", lambda: self._ask("responses", with_token=False))

    def authorised(self) -> Fact[Answer]:
        """The answer to the free probe with the caller's token."""
        return self._memo.once("probe-authorised", lambda: self._ask("responses", with_token=True))

    def stateful(self) -> Fact[Answer]:
        """The answer to a read of a conversation that does not exist: free, and without side effect."""
        return self._memo.once(
            "probe-stateful", lambda: self._ask("conversations/agentdoctor-probe", with_token=True, method="GET")
        )

    def invocation(self) -> Fact[Answer]:
        """The answer to one real call, which is billed to the publisher."""
        body = json.dumps({"input": self._wiring.options.prompt, "store": False}).encode()
        return self._memo.once("invocation", lambda: self._ask("responses", with_token=True, body=body))

    def _ask(self, route: str, *, with_token: bool, method: str = "POST", body: bytes = EMPTY) -> Fact[Answer]:
        endpoint = self.endpoint()
        if isinstance(endpoint, Unread):
            return endpoint
        token = None
        if with_token:
            fact = self._sign_in.foundry()
            if isinstance(fact, Unread):
                return Unread(Problem(fact.problem.cause, fact.problem.summary, because_of=("token",)))
            token = fact.value
        try:
            if method == "GET":
                base = f"{endpoint.value.base}/protocols/openai"
                answer = self._wiring.foundry.get(base, route, token, endpoint.value.api_version)
            elif body == EMPTY:
                answer = self._wiring.foundry.probe(endpoint.value.at(route), token)
            else:
                answer = self._wiring.foundry.probe(
                    endpoint.value.at(route), token, body, timeout=INVOKE_SECONDS, limit=INVOKE_BYTES
                )
        except AzureError as error:
            return Unread(error.problem)
        return Known(answer)

    def detour(self) -> str:
        """How the way to the endpoint differs from a direct one: through a proxy, or by `--connect-to`; or ""."""
        endpoint = self.endpoint()
        if isinstance(endpoint, Unread):
            return ""
        route = self._wiring.transport.route(endpoint.value.host)
        if route.rule is not None:
            return f"--connect-to sends it to {route.to_host}:{route.to_port}"
        return f"the proxy {proxies.shown(route.proxy)} looks it up" if route.proxy else ""
