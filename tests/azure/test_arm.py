from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from doctor.azure.arm import Arm
from doctor.azure.authorization import Authorization
from doctor.azure.errors import NoAnswer, NoToken
from doctor.azure.token import Token
from doctor.model.cause import Cause
from tests.azure.servers import Got, Handler, MakeTransport, Say, Serve, Server, jwt

if TYPE_CHECKING:
    from collections.abc import Callable

SUB = "00000000-1111-2222-3333-444444444444"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
APP = (
    f"/subscriptions/{SUB}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/a/projects/p/applications/x"
)


class Given:
    """Credentials that hand out what a test says."""

    def __init__(self, cloud: Any, tenant: Any = "") -> None:
        from doctor.azure.credentials import SdkCredential  # noqa: PLC0415

        self.cloud, self.tenant, self.asked = cloud, tenant, []
        self.sdk = lambda tenant=None: SdkCredential(self, tenant)
        self.error: Exception | None = None

    def token(self, scope: str, tenant_id: str | None = None, claims: str | None = None) -> Token:
        self.asked.append((scope, tenant_id, claims))
        if self.error:
            raise self.error
        marker = base64.urlsafe_b64encode((claims or "").encode()).decode()
        return Token(jwt(claims=marker), scope, int(time.time()) + 3600)


@pytest.fixture
def arm_on(serve: Serve, make_transport: MakeTransport) -> Callable[..., tuple[Any, Server]]:
    def build(handler: Handler, **options: Any) -> tuple[Any, Server]:
        server = serve(handler)
        transport = make_transport(server, **options)
        arm = Arm(transport, Given(transport.cloud))
        return arm, server

    return build


def query(got: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(got.path).query)


def test_get_is_an_answer_whatever_the_status(arm_on: Any) -> None:
    arm, server = arm_on(lambda _got: Say(403, {"error": {"code": "AuthorizationFailed"}}))
    answer = arm.get(APP, "2025-12-01")
    assert (answer.status, answer.json()["error"]["code"]) == (403, "AuthorizationFailed")
    assert server.seen[0].path == f"{APP}?api-version=2025-12-01"
    assert server.seen[0].headers["authorization"].startswith("Bearer ")
    assert arm.transport.exchanges()[0].plane == "arm"


def test_hostile_names_stay_in_the_path(arm_on: Any) -> None:
    arm, server = arm_on(lambda _got: Say(404))
    arm.get("/subscriptions/s/x y?api-version=evil#frag/ü", "v", **{"$filter": "a eq 'b&c'"})
    path, _, asked = server.seen[0].path.partition("?")
    assert unquote(path) == "/subscriptions/s/x y?api-version=evil#frag/ü"
    assert parse_qs(asked) == {"api-version": ["v"], "$filter": ["a eq 'b&c'"]}


def test_pages_are_followed_to_the_end(arm_on: Any) -> None:
    def handler(got: Got) -> Say:
        page = int(query(got).get("$skipToken", ["0"])[0])
        link = f"https://management.azure.com{APP}?api-version=v&$skipToken={page + 1}" if page < 2 else None
        return Say(body={"value": [{"n": page}], "nextLink": link})

    arm, _ = arm_on(handler)
    pages = arm.get_all(APP, "v")
    assert pages.complete
    assert [item["n"] for item in pages.items] == [0, 1, 2]
    assert len(pages.answers) == 3


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/next",
        "https://management.azure.com.evil.example/next",
        "https://management.azure.com@evil.example/next",
        "http://management.azure.com/next",
        "https://[broken",
    ],
)
def test_a_next_link_to_another_host_is_not_followed(arm_on: Any, link: Any) -> None:
    arm, server = arm_on(lambda _got: Say(body={"value": [{"n": 1}], "nextLink": link}))
    pages = arm.get_all(APP, "v")
    assert not pages.complete
    assert len(pages.items) == 1
    assert pages.problem is not None
    assert "not read to its end" in pages.problem.summary
    assert [got.host for got in server.seen] == ["management.azure.com"]


def test_a_circle_of_pages_ends(arm_on: Any) -> None:
    arm, server = arm_on(lambda _got: Say(body={"value": [], "nextLink": f"https://management.azure.com{APP}?page=2"}))
    pages = arm.get_all(APP, "v")
    assert not pages.complete
    assert "circle" in pages.problem.summary
    assert len(server.seen) == 2


def test_a_refused_second_page_is_told(arm_on: Any) -> None:
    arm, _ = arm_on(
        lambda got: (
            Say(403, {"error": {}})
            if "two" in got.path
            else Say(body={"value": [{"n": 1}], "nextLink": f"https://management.azure.com{APP}?two"})
        )
    )
    pages = arm.get_all(APP, "v")
    assert (pages.complete, len(pages.items), pages.refusal.status) == (False, 1, 403)


@pytest.mark.parametrize(
    ("say", "cause"),
    [
        (Say(body="<html>portal</html>", headers={"Content-Type": "text/html"}), Cause.NOT_AZURE),
        (Say(body="not json"), Cause.UNRECOGNISED),
        (Say(body={"value": "no list"}), Cause.UNRECOGNISED),
        (Say(body={}), Cause.UNRECOGNISED),
        (Say(body=[1]), Cause.UNRECOGNISED),
        (Say(body={"value": [1]}), Cause.UNRECOGNISED),
        (Say(body=b"\xff\xfe"), Cause.UNRECOGNISED),
        (Say(body={"value": []}, cut=True), Cause.SERVICE_FAILED),
    ],
)
def test_garbage_is_a_problem_and_never_an_empty_list(arm_on: Any, say: Say, cause: Cause) -> None:
    arm, _ = arm_on(lambda _got: say)
    for pages in (arm.get_all(APP, "v"), Authorization(arm).role_assignments(APP)):
        assert not pages.complete
        assert pages.problem.cause is cause
        assert pages.problem.fixes


def test_no_token_and_no_answer_come_through_the_sdk_as_they_are(arm_on: Any) -> None:
    arm, _ = arm_on(lambda _got: Say(drop=True))
    with pytest.raises(NoAnswer):
        arm.get(APP, "v")
    from doctor.model.fact import Problem  # noqa: PLC0415

    other, server = arm_on(lambda _got: Say())
    other.credentials.error = NoToken(Problem(Cause.NO_CREDENTIAL, "nobody is signed in"))
    with pytest.raises(NoToken, match="nobody"):
        other.get(APP, "v")
    assert server.seen == []


def test_throttling_is_waited_for_once_and_not_by_the_sdk(arm_on: Any) -> None:
    waits: list[float] = []
    left = [Say(429, headers={"Retry-After": "1"}), Say(body={"ok": True})]
    arm, server = arm_on(lambda _got: left.pop(0), sleep=waits.append)
    assert arm.get(APP, "v").json() == {"ok": True}
    assert waits == [1.0]
    assert len(server.seen) == 2


def test_a_claims_challenge_is_replayed_once_with_the_claims(arm_on: Any) -> None:
    claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
    encoded = base64.b64encode(claims.encode()).decode()
    challenge = f'Bearer error="insufficient_claims", claims="{encoded}"'

    def handler(got: Got) -> Say:
        if len(arm.credentials.asked) == 1:
            return Say(401, {"error": {"code": "x"}}, {"WWW-Authenticate": challenge})
        return Say(body={"ok": True})

    arm, server = arm_on(handler)
    assert arm.get(APP, "v").status == 200
    assert [asked[2] for asked in arm.credentials.asked] == [None, claims]
    assert len(server.seen) == 2


def test_a_missing_provider_is_not_registered_by_us(arm_on: Any) -> None:
    body = {"error": {"code": "MissingSubscriptionRegistration", "message": "namespace 'Microsoft.Foo'"}}
    arm, server = arm_on(lambda _got: Say(409, body))
    assert arm.get(APP, "v").status == 409
    assert [got.method for got in server.seen] == ["GET"]


def test_the_tenant_is_pinned_when_it_becomes_known(arm_on: Any) -> None:
    arm, _ = arm_on(lambda _got: Say())
    arm.get(APP, "v")
    arm.credentials.tenant = TENANT
    arm.get(APP, "v")
    assert [tenant for _, tenant, _ in arm.credentials.asked] == [None, TENANT]


@pytest.mark.parametrize(
    ("header", "tenant"),
    [
        (f'Bearer authorization_uri="https://login.windows.net/{TENANT}", error="invalid_token"', TENANT),
        (f"Bearer authorization_uri=https://login.microsoftonline.com/{TENANT.upper()}", TENANT),
        (f'Bearer realm="x", authorization="https://login.chinacloudapi.cn/{TENANT}/"', TENANT),
        ('Bearer authorization_uri="https://login.windows.net/common"', None),
        ("", None),
    ],
)
def test_tenant_of_a_subscription_without_a_token(arm_on: Any, header: Any, tenant: Any) -> None:
    arm, server = arm_on(lambda _got: Say(401, {}, {"WWW-Authenticate": header} if header else {}))
    assert arm.tenant_of(SUB) == tenant
    assert "authorization" not in server.seen[0].headers
    assert arm.credentials.asked == []


def test_resource_graph_follows_its_token(arm_on: Any) -> None:
    def handler(got: Got) -> Say:
        asked = json.loads(got.body)
        assert asked["subscriptions"] == [SUB]
        more = {"$skipToken": "t2"} if "$skipToken" not in asked["options"] else {}
        return Say(body={"data": [{"id": asked["options"].get("$skipToken", "t1")}], **more})

    arm, server = arm_on(handler)
    pages = arm.graph("resources", [SUB])
    assert pages.complete
    assert [row["id"] for row in pages.items] == ["t1", "t2"]
    assert server.seen[0].path == "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"


def test_resource_graph_reads_tables_and_tells_refusals(arm_on: Any) -> None:
    table = {"data": {"columns": [{"name": "id"}, {"name": "n"}], "rows": [["a", 1], ["b", 2]]}}
    arm, _ = arm_on(lambda _got: Say(body=table))
    assert arm.graph("resources").items == ({"id": "a", "n": 1}, {"id": "b", "n": 2})
    arm, server = arm_on(lambda _got: Say(429, {}, {"x-ms-user-quota-resets-after": "00:10:00"}))
    assert arm.graph("resources").refusal.status == 429
    assert len(server.seen) == 1, "ten minutes do not fit"
    arm, _ = arm_on(lambda _got: Say(body={"data": 5}))
    assert arm.graph("resources").problem.cause is Cause.UNRECOGNISED


def authorization_path(scope: str, kind: str) -> str:
    return f"{scope}/providers/Microsoft.Authorization/{kind}"


def test_authorization_lists_ask_what_the_contract_says(arm_on: Any) -> None:
    arm, server = arm_on(lambda _got: Say(body={"value": [{"id": "x", "future": {"kept": 1}}]}))
    access = Authorization(arm)
    access.role_assignments(APP, assigned_to="oid-1", at_scope=True)
    access.role_assignments(f"/subscriptions/{SUB}", principal="oid-1")
    access.role_definitions(APP)
    access.deny_assignments(APP, at_scope=True)
    access.deny_assignments(f"/subscriptions/{SUB}")
    access.eligible(APP, assigned_to="oid-1")
    access.active_instances(APP)
    access.permissions(APP)
    access.permissions(f"/subscriptions/{SUB}/resourceGroups/rg")
    pages = access.permissions(f"/subscriptions/{SUB}")
    assert pages.items == ({"id": "x", "future": {"kept": 1}},)
    group = f"/subscriptions/{SUB}/resourceGroups/rg"
    expected = [
        (APP, "roleAssignments", "2022-04-01", "atScope() and assignedTo('oid-1')"),
        (f"/subscriptions/{SUB}", "roleAssignments", "2022-04-01", "principalId eq 'oid-1'"),
        (APP, "roleDefinitions", "2022-04-01", None),
        (APP, "denyAssignments", "2022-04-01", "atScope()"),
        (f"/subscriptions/{SUB}", "denyAssignments", "2022-04-01", None),
        (APP, "roleEligibilityScheduleInstances", "2020-10-01", "assignedTo('oid-1')"),
        (APP, "roleAssignmentScheduleInstances", "2020-10-01", "atScope()"),
        (APP, "permissions", "2022-04-01", None),
        (group, "permissions", "2022-04-01", None),
        (f"/subscriptions/{SUB}", "permissions", "2022-04-01", None),
    ]
    seen = [
        (
            unquote(urlsplit(got.path).path).lower(),
            query(got)["api-version"],
            query(got).get("$filter", [None])[0],
        )
        for got in server.seen
    ]
    assert seen == [
        (authorization_path(scope, kind).lower(), [version], chosen) for scope, kind, version, chosen in expected
    ]


def test_authorization_lists_are_paged_by_their_own_links(arm_on: Any) -> None:
    def handler(got: Got) -> Say:
        if "again" in got.path:
            return Say(body={"value": [{"n": 2}]})
        link = f"https://management.azure.com{authorization_path(APP, 'roleAssignments')}?x=a%20b&again=1"
        return Say(body={"value": [{"n": 1}], "nextLink": link})

    arm, server = arm_on(handler)
    pages = Authorization(arm).role_assignments(APP, assigned_to="oid")
    assert (pages.complete, [item["n"] for item in pages.items]) == (True, [1, 2])
    assert server.seen[1].path.endswith("?x=a%20b&again=1"), "a link is opaque"


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_refused_list_is_an_answer(arm_on: Any, status: int) -> None:
    arm, _ = arm_on(lambda _got: Say(status, {"error": {"code": "AuthorizationFailed"}}))
    pages = Authorization(arm).role_assignments(APP)
    assert (pages.complete, pages.items, pages.refusal.status) == (False, (), status)


def test_one_role_definition_by_id_or_guid(arm_on: Any) -> None:
    guid = "53ca6127-db72-4b80-b1b0-d745d6d5456d"
    arm, server = arm_on(lambda _got: Say(body={"name": guid}))
    access = Authorization(arm)
    whole = f"/subscriptions/{SUB}/providers/Microsoft.Authorization/roleDefinitions/{guid}"
    assert access.role_definition(whole).json() == {"name": guid}
    access.role_definition(guid, f"/subscriptions/{SUB}")
    access.role_definition(guid)
    paths = [got.path.partition("?")[0] for got in server.seen]
    assert paths == [whole, whole, f"/providers/Microsoft.Authorization/roleDefinitions/{guid}"]
