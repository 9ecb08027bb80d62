from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.simulator.client import AI_SCOPE, ARM_SCOPE, claims

if TYPE_CHECKING:
    from tests.simulator.conftest import Serve, Write


def test_instance_discovery_names_the_aliases_of_the_login_host(serve: Serve) -> None:
    answer = serve().send("GET", "https://login.microsoftonline.com/common/discovery/instance?api-version=1.1")
    assert answer.status == 200
    assert answer.json["metadata"][0]["aliases"][0] == "login.microsoftonline.com"


def test_the_openid_configuration_points_to_the_token_endpoint(serve: Serve) -> None:
    client = serve()
    tenant = client.simulator.environ["AZURE_TENANT_ID"]
    base = f"https://login.microsoftonline.com/{tenant}"
    found = client.send("GET", f"{base}/v2.0/.well-known/openid-configuration").json
    assert found["token_endpoint"] == f"{base}/oauth2/v2.0/token"
    assert found["issuer"] == f"{base}/v2.0"


def test_a_token_carries_its_audience_and_its_user(serve: Serve) -> None:
    client = serve()
    found = claims(client.token(AI_SCOPE))
    tenant = client.simulator.environ["AZURE_TENANT_ID"]
    assert found["aud"] == "https://ai.azure.com"
    assert found["iss"] == f"https://sts.windows.net/{tenant}/"
    assert (found["tid"], found["idtyp"], found["upn"]) == (tenant, "user", "dana@contoso.example")
    assert found["oid"] == client.simulator.state.directory.id("caller")
    assert found["nbf"] <= found["iat"] < found["exp"]
    assert claims(client.token(ARM_SCOPE))["aud"] == "https://management.azure.com"


def test_a_service_principal_has_no_user_name(serve: Serve, write: Write) -> None:
    client = serve(write("[caller]\nkind = 'service-principal'\nname = 'pipeline'\n"))
    found = claims(client.token(AI_SCOPE))
    assert found["idtyp"] == "app"
    assert found["appid"] == client.simulator.environ["AZURE_CLIENT_ID"]
    assert "upn" not in found


def test_a_client_assertion_is_taken_in_place_of_a_secret(serve: Serve) -> None:
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    client = serve()
    answer = client.sign_in(AI_SCOPE, client_secret="", client_assertion="a.b.c", client_assertion_type=kind)
    assert answer.status == 200
    assert client.sign_in(AI_SCOPE, client_secret="", client_assertion="a.b.c").status == 401


@pytest.mark.parametrize(
    ("changes", "status", "number"),
    [
        ({"client_secret": "wrong"}, 401, 7000215),
        ({"client_secret": ""}, 401, 7000215),
        ({"client_id": "11111111-1111-1111-1111-111111111111"}, 400, 700016),
        ({"tenant": "11111111-1111-1111-1111-111111111111"}, 400, 90002),
        ({"scope": "https://nobody.example/.default"}, 400, 500011),
        ({"scope": ""}, 400, 500011),
    ],
)
def test_a_wrong_sign_in_is_refused_by_its_number(
    serve: Serve, changes: dict[str, str], status: int, number: int
) -> None:
    answer = serve().sign_in(**{"scope": AI_SCOPE, **changes})
    assert answer.status == status
    assert answer.json["error_codes"] == [number]
    assert re.match(
        rf"AADSTS{number}: .* Trace ID: .* Correlation ID: .* Timestamp: ", answer.json["error_description"]
    )


@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("7000222", "invalid_client"),
        ("53003", "interaction_required"),
        ("50076", "interaction_required"),
        ("65001", "invalid_grant"),
        ("99999", "invalid_request"),
    ],
)
def test_a_refusal_on_demand(serve: Serve, write: Write, number: str, error: str) -> None:
    client = serve(write(f"[entra]\nrefuse = '{number}'\nrefuse_for = 'ai.azure.com'\n"))
    answer = client.sign_in(AI_SCOPE)
    assert (answer.json["error"], answer.json["error_codes"]) == (error, [int(number)])
    assert client.sign_in(ARM_SCOPE).status == 200


def test_a_client_of_another_tenant_is_unknown_in_the_resources(serve: Serve) -> None:
    client = serve("wrong-tenant")
    mine, theirs = client.simulator.state.places.tenant, client.simulator.environ["AZURE_TENANT_ID"]
    assert mine != theirs
    assert claims(client.token(AI_SCOPE))["tid"] == theirs
    assert client.sign_in(AI_SCOPE, tenant=mine).json["error_codes"] == [700016]


def test_an_unknown_page_of_the_login_host_is_not_found(serve: Serve) -> None:
    assert serve().send("GET", "https://login.microsoftonline.com/nothing/here").status == 404
