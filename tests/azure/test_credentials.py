from __future__ import annotations

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
import truststore

from doctor.azure import credentials as azure_credentials
from doctor.azure.errors import NoAnswer, NoToken
from doctor.azure.token import Token, claims_of
from doctor.azure.trust import build_context
from doctor.model.cause import Cause
from doctor.model.no_token import gist
from doctor.reading import no_token
from tests.azure.servers import Got, Handler, MakeTransport, Say, Serve, jwt

if TYPE_CHECKING:
    from pathlib import Path

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
CLIENT = "11111111-2222-3333-4444-555555555555"
ARM, AI = "https://management.azure.com/.default", "https://ai.azure.com/.default"
SECRET = "hush-hush-secret-value"
Credentials = partial(azure_credentials.Credentials, read=no_token)


def entra(refuse: str = "", status: int = 400, lasts: int = 3600) -> Handler:
    """Entra's dialect: discovery, openid configuration, token endpoint."""

    def answer(got: Got) -> Say:
        path = got.path.partition("?")[0]
        if path.endswith("/discovery/instance"):
            return Say(body={"tenant_discovery_endpoint": "x", "metadata": []})
        base = f"https://{got.host}{path.partition('/v2.0')[0]}"
        if path.endswith("openid-configuration"):
            return Say(
                body={
                    "issuer": f"{base}/v2.0",
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                }
            )
        if refuse:
            return Say(status, {"error": "invalid_client", "error_description": refuse})
        asked = parse_qs(got.body.decode())
        audience = asked["scope"][0].split()[0].removesuffix("/.default")
        return Say(
            body={
                "token_type": "Bearer",
                "expires_in": lasts,
                "access_token": jwt(aud=audience, tid=path.split("/")[1], oid=CLIENT, sub=CLIENT, idtyp="app"),
            }
        )

    return answer


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credential of this machine takes part."""
    import os  # noqa: PLC0415

    for name in list(os.environ):
        if name.startswith(("AZURE_", "IDENTITY_", "MSI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def service_principal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TENANT_ID", TENANT), ("CLIENT_ID", CLIENT), ("CLIENT_SECRET", SECRET)):
        monkeypatch.setenv(f"AZURE_{name}", value)


def fake_tool(tmp_path: Path, name: str, script: str) -> None:
    tool = tmp_path / name
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)


def fake_az(tmp_path: Path, aud: str = "https://ai.azure.com", pause: str = "") -> None:
    body = json.dumps(
        {"accessToken": jwt(aud=aud, upn="ann@contoso.com", scp="x"), "expires_on": int(time.time()) + 900}
    )
    log = tmp_path / "az.log"
    fake_tool(tmp_path, "az", f'echo "$*" >> {log}\n{pause}\n/bin/cat <<EOF\n{body}\nEOF')


def why(call: Any) -> NoToken:
    with pytest.raises(NoToken) as caught:
        call()
    told = repr(caught.value.problem)
    assert SECRET not in told
    assert "eyJhbGci" not in told
    assert caught.value.problem.fixes
    return caught.value


def test_a_service_principal_gets_a_token_through_the_transport(
    serve: Serve, make_transport: MakeTransport, service_principal: None
) -> None:
    server = serve(entra())
    transport = make_transport(server)
    token = Credentials("env", transport).token(ARM)
    assert token.claims is not None
    assert (token.claims.audience, token.claims.tenant_id, token.claims.kind) == (
        "https://management.azure.com",
        TENANT,
        "service principal",
    )
    assert token.credential == "environment variables"
    assert {line.plane for line in transport.exchanges()} == {"entra"}
    assert SECRET not in repr(transport.exchanges())
    assert token.value not in f"{token!r} {token}"


def test_one_token_per_scope_and_tenant_however_many_ask(
    serve: Serve, make_transport: MakeTransport, service_principal: None
) -> None:
    server = serve(entra())
    credentials = Credentials("env", make_transport(server))
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda n: credentials.token(ARM if n % 2 else AI), range(16)))
    assert len({token.value for token in tokens}) == 2
    assert len([got for got in server.seen if got.path.endswith("/token")]) == 2
    other = credentials.token(AI, tenant_id="11111111-0000-0000-0000-000000000000")
    assert other.claims.tenant_id == "11111111-0000-0000-0000-000000000000"


@pytest.mark.parametrize(("lasts", "asked"), [(60, 2), (1800, 1)])
def test_a_token_that_is_about_to_expire_is_not_kept(
    serve: Serve, make_transport: MakeTransport, service_principal: None, *, lasts: int, asked: int
) -> None:
    server = serve(entra(lasts=lasts))
    credentials = Credentials("env", make_transport(server))
    credentials.token(ARM)
    credentials.token(ARM)
    assert len([got for got in server.seen if got.path.endswith("/token")]) == asked


def test_the_tenant_may_become_known_later(
    serve: Serve, make_transport: MakeTransport, service_principal: None
) -> None:
    known: list[str] = []
    credentials = Credentials("env", make_transport(serve(entra())), tenant=lambda: known[0] if known else None)
    assert credentials.token(AI).claims.tenant_id == TENANT
    known.append("22222222-0000-0000-0000-000000000000")
    assert credentials.token(AI).claims.tenant_id == known[0]


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("AADSTS7000215: Invalid client secret provided.", Cause.SIGN_IN_BLOCKED),
        ("AADSTS53003: Access has been blocked by Conditional Access policies.", Cause.SIGN_IN_BLOCKED),
        ("AADSTS65001: The user or administrator has not consented.", Cause.CONSENT_MISSING),
        ("AADSTS500011: The resource principal named https://ai.azure.com was not found.", Cause.PRINCIPAL_NOT_FOUND),
        (f"AADSTS700016: Application with identifier '{CLIENT}' was not found.", Cause.PRINCIPAL_NOT_FOUND),
        ("AADSTS90002: Tenant 'x' not found.", Cause.WRONG_TENANT),
        ("AADSTS99999999: Something nobody has seen.", Cause.SIGN_IN_BLOCKED),
    ],
)
def test_entra_refusals_have_a_cause_and_a_fix(
    serve: Serve, make_transport: MakeTransport, service_principal: None, code: str, cause: Cause
) -> None:
    long = f"{code} Trace ID: 1 Correlation ID: 2 Timestamp: 2026-11-01 00:00:00Z"
    error = why(lambda: Credentials("env", make_transport(serve(entra(long)))).token(AI))
    assert error.problem.cause is cause
    assert code.split(":", maxsplit=1)[0] in error.problem.summary
    assert error.problem.evidence[0].startswith("environment variables: refused - ")


def test_a_refused_deployed_credential_stops_the_default_chain(
    serve: Serve, make_transport: MakeTransport, service_principal: None, tmp_path: Path
) -> None:
    fake_az(tmp_path)
    refusal = "AADSTS7000222: The provided client secret keys are expired."
    error = why(lambda: Credentials("default", make_transport(serve(entra(refusal)))).token(AI))
    assert error.problem.cause is Cause.SIGN_IN_BLOCKED
    assert not (tmp_path / "az.log").exists()


def test_entra_that_cannot_be_reached_is_told_as_that(make_transport: MakeTransport, service_principal: None) -> None:
    transport = make_transport(None, "login.microsoftonline.com:443:no-such-host.invalid:443")
    assert why(lambda: Credentials("env", transport).token(AI)).problem.cause is Cause.NAME_NOT_RESOLVED


def test_the_default_chain_tells_its_story(
    make_transport: MakeTransport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "dev")
    error = why(lambda: Credentials("default", make_transport(), tenant=TENANT).token(AI))
    assert error.problem.cause is Cause.NO_CREDENTIAL
    assert any(line.startswith("Azure CLI: not available - ") for line in error.problem.evidence)
    assert error.problem.fixes[0].command == f"az login --tenant {TENANT} --scope {AI}"


def test_the_default_chain_says_which_credential_gave_the_token(
    make_transport: MakeTransport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "dev")
    fake_az(tmp_path)
    token = Credentials("default", make_transport()).token(AI, tenant_id=TENANT)
    assert token.credential == "Azure CLI"
    assert token.story[-1] == "Azure CLI: gave the token"
    assert (token.claims.kind, token.claims.who) == ("user", "ann@contoso.com")
    assert f"--tenant {TENANT}" in (tmp_path / "az.log").read_text()


def test_az_that_wants_a_new_login(make_transport: MakeTransport, tmp_path: Path) -> None:
    fake_tool(tmp_path, "az", 'echo "AADSTS50076: Due to a configuration change, run: az login" >&2; exit 1')
    error = why(lambda: Credentials("cli", make_transport(), tenant=TENANT).token(AI))
    assert error.problem.cause is Cause.SIGN_IN_BLOCKED
    assert "multi-factor" in error.problem.summary
    assert error.problem.fixes[0].command.startswith("az login --tenant")


def test_a_claims_challenge_that_az_cannot_answer_names_the_login(
    make_transport: MakeTransport, tmp_path: Path
) -> None:
    fake_az(tmp_path)
    claims = '{"access_token":{"x":1}}'
    error = why(lambda: Credentials("cli", make_transport()).token(ARM, claims=claims))
    encoded = base64.b64encode(claims.encode()).decode()
    assert error.problem.cause is Cause.SIGN_IN_BLOCKED
    assert error.problem.fixes[0].command == f"az login --claims-challenge {encoded} --scope {ARM}"


def test_a_hostile_tenant_is_quoted_or_refused(make_transport: MakeTransport, tmp_path: Path) -> None:
    fake_az(tmp_path)
    error = why(lambda: Credentials("cli", make_transport()).token(AI, tenant_id="x; rm -rf ~"))
    assert "'x; rm -rf ~'" in error.problem.fixes[0].command


def test_a_slow_tool_costs_no_more_than_the_time_of_the_run(make_transport: MakeTransport, tmp_path: Path) -> None:
    fake_az(tmp_path, pause="/bin/sleep 1")
    credentials = Credentials("cli", make_transport(seconds=0.2))
    started = time.monotonic()
    assert why(lambda: credentials.token(AI)).problem.cause is Cause.TIMED_OUT
    assert time.monotonic() - started < 0.9


def test_a_refusal_is_asked_for_once(make_transport: MakeTransport, tmp_path: Path) -> None:
    fake_tool(tmp_path, "az", f"echo x >> {tmp_path / 'az.log'}; echo 'AADSTS50076: no' >&2; exit 1")
    credentials = Credentials("cli", make_transport())
    for _ in range(3):
        why(lambda: credentials.token(AI))
    assert (tmp_path / "az.log").read_text().count("x") == 1


def test_bad_settings_are_one_sentence(make_transport: MakeTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "nonsense")
    error = why(lambda: Credentials("default", make_transport()).token(AI))
    assert error.problem.cause is Cause.NO_CREDENTIAL
    assert "nonsense" in error.problem.summary or "AZURE_TOKEN_CREDENTIALS" in error.problem.summary


def test_a_managed_identity_goes_through_the_transport_and_past_every_rule_and_proxy(
    serve: Serve, make_transport: MakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    expires = str(int(time.time()) + 3600)
    given = {"access_token": jwt(aud="https://ai.azure.com", xms_mirid="/subscriptions/s/x"), "expires_on": expires}
    server = serve(lambda _got: Say(body={**given, "resource": "r", "token_type": "Bearer"}), tls=False)
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{server.port}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header-secret")
    transport = make_transport(None, "::evil.example:1", environ={"HTTP_PROXY": "http://127.0.0.1:1"})
    token = Credentials("managed-identity", transport).token(AI)
    assert token.claims.kind == "managed identity"
    assert len(server.seen) == 1
    assert "header-secret" not in repr(transport.exchanges())


def test_a_silent_metadata_endpoint_costs_two_seconds(
    serve: Serve, make_transport: MakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda _got: Say(hold=20), tls=False)
    monkeypatch.setattr("doctor.azure.request.METADATA_ADDRESS", "127.0.0.1")
    monkeypatch.setattr("doctor.azure.request.METADATA_SECONDS", 0.2)
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", f"http://127.0.0.1:{server.port}")
    started = time.monotonic()
    error = why(lambda: Credentials("managed-identity", make_transport()).token(AI))
    assert time.monotonic() - started < 1.5
    assert error.problem.cause is Cause.NO_CREDENTIAL


def test_an_unknown_kind_is_said(make_transport: MakeTransport) -> None:
    assert "no kind" in why(lambda: Credentials("password", make_transport()).token(AI)).problem.summary


def test_sdk_credential_gives_both_forms(serve: Serve, make_transport: MakeTransport, service_principal: None) -> None:
    credential = Credentials("env", make_transport(serve(entra()))).sdk("33333333-0000-0000-0000-000000000000")
    first = credential.get_token(ARM)
    second = credential.get_token_info(ARM, options={"tenant_id": "33333333-0000-0000-0000-000000000000"})
    assert first.token == second.token
    assert claims_of(first.token).tenant_id.startswith("33333333")


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        ({"idtyp": "user", "oid": "o"}, "user"),
        ({"scp": "user_impersonation", "oid": "o"}, "user"),
        ({"idtyp": "app", "oid": "o"}, "service principal"),
        ({"oid": "o", "sub": "o", "appid": "a"}, "service principal"),
        ({"idtyp": "app", "xms_mirid": "/subscriptions/x"}, "managed identity"),
        ({}, "unknown"),
    ],
)
def test_kind_of_principal(claims: Any, kind: Any) -> None:
    assert claims_of(jwt(**claims)).kind == kind


def test_claims_of_both_token_versions() -> None:
    one = claims_of(jwt(aud="https://AI.azure.com/", oid="OID", appid="A", upn="u@x", iat=1, exp="2"))
    assert (one.audience, one.object_id, one.app_id, one.upn, one.issued_at, one.expires_at) == (
        "https://ai.azure.com", "oid", "a", "u@x", 1, 2,
    )  # fmt: skip
    two = claims_of(jwt(aud=["x"], azp="B", preferred_username="p@x", groups=["G"], _claim_names={}))
    assert (two.audience, two.app_id, two.upn, two.groups, two.groups_complete) == ("x", "b", "p@x", ("g",), False)


@pytest.mark.parametrize(
    "value", ["", "opaque", "a.b.c", "a.e30.c.d", "..", f"a.{base64.b64encode(b'[1]').decode()}.c"]
)
def test_opaque_tokens_are_tolerated(value: Any) -> None:
    assert claims_of(value) is None
    assert Token(value, AI, 0).audience == "https://ai.azure.com"


@pytest.mark.parametrize("odd", [5, None, True, {"a": 1}, ["x", 3], float("1e400")])
def test_claims_of_any_type_never_raise(odd: Any) -> None:
    names = ("aud", "oid", "tid", "appid", "upn", "exp", "iat", "scp", "roles", "groups", "idtyp", "xms_mirid", "sub")
    assert claims_of(jwt(**dict.fromkeys(names, odd))) is not None


@pytest.mark.parametrize(("kind", "words"), [("default", "--credential"), ("env", "AZURE_CLIENT_SECRET")])
def test_the_fix_of_a_blocked_service_principal_is_no_az_login(
    serve: Serve, make_transport: MakeTransport, service_principal: None, kind: str, words: str
) -> None:
    refusal = "AADSTS53003: Access has been blocked by Conditional Access policies."
    problem = why(lambda: Credentials(kind, make_transport(serve(entra(refusal)))).token(AI)).problem
    assert "sign-in logs" in problem.fixes[0].title
    assert words in problem.fixes[1].title
    assert not any(fix.command for fix in problem.fixes)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("", "no reason given"),
        ("XCredential authentication unavailable.", "XCredential authentication unavailable."),
        ("XCredential authentication unavailable. Nobody is here.\nMore.", "Nobody is here."),
        ("first\nAADSTS50076: second Trace ID: 1", "AADSTS50076: second"),
        ("Authentication failed: why", "why"),
        ("bad \x1b[31mred", "bad \\x1b[31mred"),
        ("x" * 999, "x" * 299 + "…"),
    ],
)
def test_the_line_that_says_most(message: str, told: str) -> None:
    assert gist(message) == told


def test_github_exchanges_the_token_of_the_job(
    serve: Serve, make_transport: MakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = entra()

    def answer(got: Got) -> Say:
        return Say(body={"value": jwt(aud="x")}) if got.host == "other.services.ai.azure.com" else own(got)

    server = serve(answer)
    environ = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": "https://other.services.ai.azure.com/token?api=1",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "key-of-the-job-1",
        "AZURE_TENANT_ID": TENANT,
        "AZURE_CLIENT_ID": CLIENT,
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    token = Credentials("github", make_transport(server, environ=environ)).token(AI)
    assert token.credential == "GitHub Actions"
    first = server.seen[0]
    assert first.path == "/token?api=1&audience=api%3A%2F%2FAzureADTokenExchange"
    assert first.headers["authorization"] == "Bearer key-of-the-job-1"
    assert "client_assertion=eyJ" in server.seen[-1].body.decode()


def test_azure_pipelines_exchanges_the_token_of_the_connection(
    serve: Serve, make_transport: MakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = entra()

    def answer(got: Got) -> Say:
        return Say(body={"oidcToken": jwt(aud="x")}) if got.host == "other.services.ai.azure.com" else own(got)

    server = serve(answer)
    environ = {
        "SYSTEM_OIDCREQUESTURI": "https://other.services.ai.azure.com/o/p/_apis/oidctoken",
        "SYSTEM_ACCESSTOKEN": "key-of-the-job-2",
        "AZURESUBSCRIPTION_TENANT_ID": TENANT,
        "AZURESUBSCRIPTION_CLIENT_ID": CLIENT,
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "connection-1",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    token = Credentials("azure-pipelines", make_transport(server, environ=environ)).token(AI)
    assert token.credential == "Azure Pipelines"
    assert "serviceConnectionId=connection-1" in server.seen[0].path


def test_the_key_of_a_ci_system_goes_to_its_own_service_only(serve: Serve, make_transport: MakeTransport) -> None:
    environ = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": "https://other.services.ai.azure.com/token?api=1",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "key-of-the-job-1",
    }
    server = serve(lambda _got: Say())
    transport = make_transport(server, environ=environ)
    header = {"Authorization": "Bearer key-of-the-job-1"}
    for url in ("https://evil.example/token", "https://other.services.ai.azure.com/else"):
        with pytest.raises(NoAnswer):
            transport.send("GET", url, header)
    with pytest.raises(NoAnswer):
        transport.send("GET", "https://other.services.ai.azure.com/token", {"Authorization": "Bearer another-key"})
    assert server.seen == []


@pytest.mark.parametrize("kind", ["github", "azure-pipelines"])
def test_a_job_that_may_not_ask_for_a_token_is_told_how(make_transport: MakeTransport, kind: str) -> None:
    problem = why(lambda: Credentials(kind, make_transport()).token(AI)).problem
    assert problem.cause is Cause.FEDERATION_MISMATCH
    assert "az login" not in str(problem)
    assert any(word in str(problem.fixes) for word in ("id-token: write", "SYSTEM_ACCESSTOKEN"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no such file"),
        (b"", "empty"),
        (b"hello", "neither PEM nor PKCS #12"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n", "no certificate"),
    ],
)
@pytest.mark.parametrize("kind", ["env", "default"])
def test_a_bad_certificate_file_is_one_true_sentence(  # noqa: PLR0917 - two parameters and three fixtures
    kind: str,
    content: bytes | None,
    says: str,
    make_transport: MakeTransport,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    file = tmp_path / "app.pem"
    if content is not None:
        file.write_bytes(content)
    for name, value in (("TENANT_ID", TENANT), ("CLIENT_ID", CLIENT), ("CLIENT_CERTIFICATE_PATH", str(file))):
        monkeypatch.setenv(f"AZURE_{name}", value)
    summary = why(lambda: Credentials(kind, make_transport()).token(AI)).problem.summary
    assert "AZURE_CLIENT_CERTIFICATE_PATH" in summary
    assert says in summary


def test_a_certificate_that_wants_a_password_says_so(
    make_transport: MakeTransport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )

    key = ec.generate_private_key(ec.SECP256R1())
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"right-password"))
    file = tmp_path / "app.pem"
    file.write_bytes(locked + b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    for name, value in (("TENANT_ID", TENANT), ("CLIENT_ID", CLIENT), ("CLIENT_CERTIFICATE_PATH", str(file))):
        monkeypatch.setenv(f"AZURE_{name}", value)
    for password, says in (("", "is not set"), ("wrong-password", "is not the right one")):
        monkeypatch.setenv("AZURE_CLIENT_CERTIFICATE_PASSWORD", password)
        summary = why(lambda: Credentials("env", make_transport()).token(AI)).problem.summary
        assert says in summary
        assert "wrong-password" not in summary


def test_the_systems_own_store_counts_where_it_is_not_openssls(
    serve: Serve, make_transport: MakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(lambda _got: Say())
    monkeypatch.setattr("doctor.azure.trust.sys.platform", "darwin")
    transport = make_transport(server)
    assert transport.send("GET", "https://management.azure.com/x").status == 200
    assert isinstance(build_context(None, {})[0], truststore.SSLContext)


@pytest.mark.parametrize(("value", "login"), [("prod", False), ("managedidentitycredential", False), ("dev", True)])
def test_a_narrowed_chain_says_what_narrows_it(
    value: str, *, login: bool, make_transport: MakeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", value)
    monkeypatch.setattr("doctor.azure.request.METADATA_SECONDS", 0.2)
    problem = why(lambda: Credentials("default", make_transport(1)).token(AI)).problem
    assert problem.cause is Cause.NO_CREDENTIAL
    assert f"AZURE_TOKEN_CREDENTIALS={value}" in problem.summary
    assert any("Unset AZURE_TOKEN_CREDENTIALS" in fix.title for fix in problem.fixes)
    assert any("az login" in fix.command for fix in problem.fixes if fix.command) is login
