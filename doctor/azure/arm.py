"""Azure Resource Manager and Resource Graph, through azure-mgmt-resource's client on our transport.

Raw JSON is kept: typed models lose the fields that they do not know, and applications are in no stable typed client.
The client's pipeline is our own short one: no retries (the transport retries), no redirects, no logging, and without
the policy that registers resource providers, because a diagnosis must not change anything.
"""

from __future__ import annotations

import json
import re
import threading
from typing import TYPE_CHECKING, Any

from doctor.azure.errors import AzureError
from doctor.azure.pages import Pages, endless, follow, garbage, read_json
from doctor.azure.request import url_of
from doctor.model import loose
from doctor.model.loose import Garbage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.azure.credentials import Credentials
    from doctor.azure.transport import Transport
    from doctor.model.exchange import Answer
    from doctor.model.loose import Json

GRAPH_API = "2021-03-01"
SUBSCRIPTIONS_API = "2022-12-01"
_GRAPH_PAGES = 50
_GRAPH_ROWS = 1000
_OK = 200
_NOBODY = "00000000-0000-0000-0000-000000000000"
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_AUTHORITY = re.compile(rf"(?i)\bauthorization(?:_uri)?\s*=\s*\"?https://[^\s\"/,]+/({_GUID})")


class Arm:
    """ARM, as the caller may see it. Any HTTP status is an answer."""

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        """Prepare; no SDK is loaded yet. Tokens are asked of the tenant that `credentials.tenant` names at the time."""
        self.transport = transport
        self.credentials = credentials
        self.cloud = credentials.cloud
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}

    def url(self, path: str, api_version: str, **query: str) -> str:
        """The whole URL of a path below ARM, with every part quoted."""
        return url_of(self.cloud.arm_endpoint, path, api_version, query)

    def get(self, path: str, api_version: str, **query: str) -> Answer:
        """Read one resource or one page; query names such as `$filter` go in as `**{"$filter": …}`.

        Raises:
            NoAnswer: no answer came.
            NoToken: there is no token for ARM.
        """
        return self._send("GET", self.url(path, api_version, **query))

    def get_all(self, path: str, api_version: str, **query: str) -> Pages:
        """Read a list to its end.

        Raises:
            NoAnswer: the first page did not come (later ones are told in the pages' `problem`).
            NoToken: there is no token for ARM.
        """
        return self.follow(self.get(path, api_version, **query))

    def follow(self, first: Answer) -> Pages:
        """Read a list to its end from its first page on."""
        return follow(first, lambda link: self._send("GET", link), self.cloud.arm_host)

    def post(self, path: str, api_version: str, body: Json, *, harmless: bool = False) -> Answer:
        """Send a POST; `harmless` when it only reads and may be asked twice.

        Raises:
            NoAnswer: no answer came.
            NoToken: there is no token for ARM.
        """
        return self._send("POST", self.url(path, api_version), dict(body), harmless=harmless)

    def graph(self, query: str, subscriptions: Iterable[str] = ()) -> Pages:
        """Ask Resource Graph; without subscriptions, everything that the caller can see in the tenant.

        Raises:
            NoAnswer: the first page did not come.
            NoToken: there is no token for ARM.
        """
        rows: list[Json] = []
        answers: list[Answer] = []
        skip = ""
        while True:
            try:
                answers.append(self._graph_page(query, tuple(subscriptions), skip))
            except AzureError as error:
                if not answers:
                    raise
                return Pages(tuple(rows), tuple(answers), complete=False, problem=error.problem)
            if answers[-1].status != _OK:
                return Pages(tuple(rows), tuple(answers), complete=False)
            try:
                page = loose.mapping(read_json(answers[-1]), "The answer of Resource Graph")
                rows += _rows(page)
            except Garbage as error:
                problem = garbage(answers[-1], str(error))
                return Pages(tuple(rows), tuple(answers), complete=False, problem=problem)
            following = loose.text(page, "$skipToken")
            if not following:
                cut = loose.text(page, "resultTruncated").lower() == "true"
                return Pages(tuple(rows), tuple(answers), complete=not cut)
            if following == skip or len(answers) >= _GRAPH_PAGES:
                why = f"it has more than {_GRAPH_PAGES} pages, or they point at each other in a circle"
                problem = endless(self.cloud.arm_host, why)
                return Pages(tuple(rows), tuple(answers), complete=False, problem=problem)
            skip = following

    def tenant_of(self, subscription_id: str) -> str | None:
        """The tenant of a subscription, as ARM tells anybody: in the challenge of a request without a token.

        None when ARM does not name one, for example because the subscription does not exist.

        Raises:
            NoAnswer: no answer came.
        """
        url = self.url(f"/subscriptions/{subscription_id}", SUBSCRIPTIONS_API)
        challenge = self.transport.send("GET", url, plane="arm").headers.get("www-authenticate", "")
        found = _AUTHORITY.search(challenge)
        return found.group(1).lower() if found else None

    def prepare(self) -> None:
        """Load the management clients, while something else is waited for. Nothing is asked."""
        from azure.mgmt.authorization import AuthorizationManagementClient  # noqa: PLC0415 - costs 0.1 s
        from azure.mgmt.resource.resources import ResourceManagementClient  # noqa: PLC0415 - costs 0.1 s

        self.client(ResourceManagementClient)
        client = self.client(AuthorizationManagementClient)
        # The operations of each api-version are loaded when they are first touched.
        _ = (client.role_assignments, client.role_eligibility_schedule_instances)

    def client(self, make: Any, subscription_id: str = _NOBODY) -> Any:
        """A management client of this class for the present tenant, made once and kept."""
        tenant = self.credentials.tenant
        key = (f"{make.__module__}.{make.__qualname__}", f"{tenant}/{subscription_id}")
        with self._lock:
            if key not in self._clients:
                self._clients[key] = make(
                    self.credentials.sdk(tenant or None),
                    subscription_id,
                    base_url=self.cloud.arm_endpoint,
                    credential_scopes=[self.cloud.arm_scope],
                    **self._pipeline(tenant),
                )
            return self._clients[key]

    def _pipeline(self, tenant: str) -> dict[str, Any]:
        from azure.core.pipeline import policies  # noqa: PLC0415 - loads azure-core
        from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy  # noqa: PLC0415 - loads azure-mgmt-core

        from doctor.azure.sdk import SdkTransport  # noqa: PLC0415 - loads azure-core

        bearer = ARMChallengeAuthenticationPolicy(self.credentials.sdk(tenant or None), self.cloud.arm_scope)
        return {
            "transport": SdkTransport(self.transport, plane="arm", audience=self.cloud.arm_scope),
            "policies": [
                policies.RequestIdPolicy(),
                policies.ContentDecodePolicy(),
                policies.CustomHookPolicy(),
                bearer,
            ],
        }

    def _send(self, method: str, url: str, body: Any = None, *, harmless: bool = False) -> Answer:
        from azure.core.rest import HttpRequest  # noqa: PLC0415 - loads azure-core
        from azure.mgmt.resource.resources import ResourceManagementClient  # noqa: PLC0415 - costs 0.1 s

        headers = {"Accept": "application/json"}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        request = HttpRequest(method, url, headers=headers, content=content)
        client = self.client(ResourceManagementClient)
        return raw(lambda **options: client.send_request(request, harmless=harmless, **options))

    def _graph_page(self, query: str, subscriptions: tuple[str, ...], skip: str) -> Answer:
        options: dict[str, Any] = {"resultFormat": "objectArray", "$top": _GRAPH_ROWS}
        if skip:
            options["$skipToken"] = skip
        body: dict[str, Any] = {"query": query, "options": options}
        if subscriptions:
            body["subscriptions"] = list(subscriptions)
        return self.post("/providers/Microsoft.ResourceGraph/resources", GRAPH_API, body, harmless=True)


class _Got(Exception):  # noqa: N818 - carries the answer past the SDK's parsing
    def __init__(self, answer: Answer) -> None:
        super().__init__("an answer")
        self.answer = answer


def raw(call: Any) -> Answer:
    """The raw answer of one SDK operation: taken before the SDK parses it, judges its status or asks for more.

    Raises:
        NoAnswer: no answer came.
        NoToken: there is no token.
    """

    def take(response: Any) -> None:
        raise _Got(response.http_response.answer)

    try:
        result = call(raw_response_hook=take)
        # Lists are lazy: the request is sent when the first item is asked for.
        next(iter(result), None)
    except _Got as got:
        return got.answer
    raise TypeError("The SDK answered without a request.")


def _rows(page: Json) -> list[Json]:
    data = loose.field(page, "data")
    if isinstance(data, list):
        return [loose.mapping(row, "A row of Resource Graph") for row in data]
    columns = [loose.text(column, "name") for column in loose.objects(data, "columns")]
    rows = loose.field(data, "rows")
    if not columns or not isinstance(rows, list):
        raise Garbage(f"The data of Resource Graph should be a list of rows, but is {loose.shown(data)}.")
    return [dict(zip(columns, row, strict=False)) for row in rows if isinstance(row, list)]
