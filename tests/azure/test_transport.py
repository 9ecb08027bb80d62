from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from doctor.azure.errors import NoAnswer
from doctor.azure.token import Token, claims_of
from doctor.azure.trust import BadTrust
from doctor.azure.waiting import retry_after
from doctor.model.cause import Cause
from tests.azure.servers import Got, Handler, MakeTransport, Say, Serve, free_port, jwt

if TYPE_CHECKING:
    from pathlib import Path

ARM = "https://management.azure.com/subscriptions?api-version=2022-12-01"
FOUNDRY = "https://acct.services.ai.azure.com/api/projects/p"


def token(aud: str = "https://management.azure.com", scope: str | None = None) -> Token:
    value = jwt(aud=aud)
    return Token(value, scope or f"{aud}/.default", 0, claims=claims_of(value))


def refused(call: Any) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        call()
    assert caught.value.problem.summary
    return caught.value


def test_keeps_name_and_host_header_while_connecting_elsewhere(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda got: Say(body={"host": got.host}))
    answer = make_transport(server).send("GET", ARM)
    assert (answer.status, answer.json()) == (200, {"host": "management.azure.com"})
    assert server.names == ["management.azure.com"]


def test_any_status_is_an_answer_and_headers_are_lower_case(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(418, "short", {"X-Ms-Request-Id": "r1", "Set-Cookie": "a=b"}))
    transport = make_transport(server)
    answer = transport.send("GET", ARM)
    assert (answer.status, answer.text, answer.request_id) == (418, "short", "r1")
    assert "set-cookie" not in answer.headers
    transport.send("GET", ARM)
    assert "cookie" not in server.seen[1].headers


def test_one_connection_per_host_is_reused_and_never_shared_with_another_name(
    serve: Serve, make_transport: MakeTransport
) -> None:
    server = serve(lambda _got: Say())
    transport = make_transport(server)
    for _ in range(3):
        transport.send("GET", ARM)
        transport.send("GET", FOUNDRY)
    assert server.handshakes == 2
    assert sorted(server.names) == ["acct.services.ai.azure.com", "management.azure.com"]
    assert transport.by_host() == {"management.azure.com": 3, "acct.services.ai.azure.com": 3}


def test_parallel_requests_are_parallel(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(hold=0.08))
    transport = make_transport(server)
    transport.send("GET", ARM)
    started = time.monotonic()
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda n: transport.send("GET", f"{ARM}&n={n}"), range(30)))
    assert {answer.status for answer in answers} == {200}
    assert time.monotonic() - started < 30 * 0.08 / 2


def test_certificate_for_another_name_is_refused(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(), "login.microsoftonline.com")
    error = refused(lambda: make_transport(server).send("GET", ARM))
    assert error.problem.cause is Cause.TLS_UNTRUSTED
    assert "another name" in error.problem.summary
    assert server.seen == []


def test_an_intercepting_proxy_is_named(serve: Serve, make_transport: MakeTransport) -> None:
    issuer = trustme.CA(organization_name="Zscaler", organization_unit_name="Zscaler Root CA")
    server = serve(lambda _got: Say(), issuer=issuer)
    error = refused(lambda: make_transport(server).send("GET", ARM))
    assert error.problem.cause is Cause.TLS_UNTRUSTED
    assert "Zscaler" in error.problem.summary
    assert "--ca-file" in error.problem.fixes[0].title
    assert server.seen == [], "the second look sends no request"


def test_trust_comes_from_the_variables_of_other_tools_too(
    serve: Serve, make_transport: MakeTransport, ca_file: Any
) -> None:
    server = serve(lambda _got: Say())
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        assert make_transport(server, ca_file=None, environ={name: str(ca_file)}).send("GET", ARM).status == 200


def test_unreadable_ca_file_is_one_clear_sentence(make_transport: MakeTransport, tmp_path: Path) -> None:
    with pytest.raises(BadTrust, match=r"--ca-file .*no such file"):
        make_transport(ca_file=str(tmp_path / "none.pem"))
    empty = tmp_path / "empty.pem"
    empty.write_text("not a certificate")
    with pytest.raises(BadTrust, match="no certificate"):
        make_transport(ca_file=str(empty))


def test_unreadable_variable_is_a_note(serve: Serve, make_transport: MakeTransport, tmp_path: Path) -> None:
    transport = make_transport(serve(lambda _got: Say()), environ={"SSL_CERT_FILE": str(tmp_path / "gone.pem")})
    assert transport.send("GET", ARM).status == 200
    assert "SSL_CERT_FILE" in transport.notes[0]


def test_nobody_listens(make_transport: MakeTransport) -> None:
    transport = make_transport(free_port())
    error = refused(lambda: transport.send("GET", ARM))
    assert error.problem.cause is Cause.UNREACHABLE
    assert len(transport.exchanges()) == 2, "a refused connection is tried once more"
    assert all(line.status is None and "refused" in line.error for line in transport.exchanges())


def test_a_name_without_address(make_transport: MakeTransport) -> None:
    transport = make_transport(None, "management.azure.com:443:no-such-host.invalid:443")
    for call in (lambda: transport.send("GET", ARM), lambda: transport.resolve("management.azure.com")):
        error = refused(call)
        assert error.problem.cause is Cause.NAME_NOT_RESOLVED
        assert "no-such-host.invalid" in error.problem.summary


def test_resolve_and_route_follow_the_rule(make_transport: MakeTransport) -> None:
    transport = make_transport(None, "management.azure.com:443:127.0.0.1:8443")
    assert transport.resolve("Management.Azure.com") == ("127.0.0.1",)
    route = transport.route("management.azure.com")
    assert (route.to_host, route.to_port, str(route.rule)) == (
        "127.0.0.1",
        8443,
        "management.azure.com:443:127.0.0.1:8443",
    )
    assert transport.route("management.azure.com", 80).rule is None


def test_plain_http_in_the_place_of_azure_is_not_azure(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(), tls=False)
    assert refused(lambda: make_transport(server).send("GET", ARM)).problem.cause is Cause.NOT_AZURE


@pytest.mark.parametrize("say", [Say(body=b"abc", cut=True), Say(body=b"abc", headers={"Content-Encoding": "gzip"})])
def test_a_broken_body_is_told(serve: Serve, make_transport: MakeTransport, say: Say) -> None:
    answer = make_transport(serve(lambda _got: say)).send("GET", ARM)
    assert answer.status == 200
    assert answer.truncated


def test_body_limit(serve: Serve, make_transport: MakeTransport) -> None:
    answer = make_transport(serve(lambda _got: Say(body=b"x" * 300_000))).send("GET", ARM, stream_limit=1000)
    assert answer.truncated
    assert len(answer.body) == 1000


def test_a_stream_that_never_ends_is_cut_in_time(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(body=b"data: {}\n\n", drip=0.05, headers={"Content-Type": "text/event-stream"}))
    started = time.monotonic()
    answer = make_transport(server, seconds=0.6).send("POST", FOUNDRY, body=b"{}", stream_limit=1000)
    assert time.monotonic() - started < 1.5
    assert answer.status == 200
    assert answer.truncated
    assert answer.body.startswith(b"data: {}")


def test_a_silent_server_costs_no_more_than_the_time_of_the_run(serve: Serve, make_transport: MakeTransport) -> None:
    transport = make_transport(serve(lambda _got: Say(hold=5)), seconds=0.3)
    started = time.monotonic()
    error = refused(lambda: transport.send("GET", ARM))
    assert time.monotonic() - started < 1.5
    assert error.problem.cause is Cause.TIMED_OUT


def test_read_timeout_without_deadline(serve: Serve, make_transport: MakeTransport) -> None:
    error = refused(lambda: make_transport(serve(lambda _got: Say(hold=5))).send("GET", ARM, timeout=0.2))
    assert error.problem.cause is Cause.TIMED_OUT
    assert "management.azure.com" in error.problem.summary


def test_nothing_is_sent_after_the_deadline(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say())
    error = refused(lambda: make_transport(server, seconds=0).send("GET", ARM))
    assert error.problem.cause is Cause.TIMED_OUT
    assert server.seen == []


def scripted(*says: Say) -> Handler:
    left, lock = list(says), threading.Lock()

    def answer(_got: Got) -> Say:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return answer


def test_429_is_asked_again_after_the_time_that_the_server_names(serve: Serve, make_transport: MakeTransport) -> None:
    waits: list[float] = []
    server = serve(scripted(Say(429, headers={"Retry-After": "7"}), Say(200)))
    transport = make_transport(server, sleep=waits.append, seconds=60)
    assert transport.send("GET", ARM).status == 200
    assert waits == [7.0]
    assert [(line.status, line.attempt) for line in transport.exchanges()] == [(429, 1), (200, 2)]


def test_three_attempts_at_most(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(503, headers={"Retry-After": "0"}))
    assert make_transport(server).send("GET", ARM).status == 503
    assert len(server.seen) == 3


def test_a_wait_that_does_not_fit_is_not_waited(serve: Serve, make_transport: MakeTransport) -> None:
    waits: list[float] = []
    server = serve(lambda _got: Say(429, headers={"Retry-After": "30"}))
    assert make_transport(server, sleep=waits.append, seconds=10).send("GET", ARM).status == 429
    assert waits == []


@pytest.mark.parametrize(("status", "count"), [(500, 1), (502, 1), (404, 1)])
def test_other_answers_are_taken(serve: Serve, make_transport: MakeTransport, status: int, count: int) -> None:
    server = serve(lambda _got: Say(status))
    assert make_transport(server).send("GET", ARM).status == status
    assert len(server.seen) == count


def test_a_post_is_not_repeated_unless_the_caller_says_that_it_is_harmless(
    serve: Serve, make_transport: MakeTransport
) -> None:
    server = serve(lambda _got: Say(429, headers={"Retry-After": "0"}))
    transport = make_transport(server)
    transport.send("POST", FOUNDRY, body=b"{}")
    assert len(server.seen) == 1
    transport.send("POST", FOUNDRY, body=b"{}", retry=True)
    assert len(server.seen) == 4


def test_a_dropped_get_is_asked_once_more_and_a_post_is_not(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(drop=True))
    transport = make_transport(server)
    assert refused(lambda: transport.send("GET", ARM)).problem.cause is Cause.UNREACHABLE
    assert len(server.seen) == 2
    assert refused(lambda: transport.send("POST", ARM, body=b"{}")).problem.cause is Cause.UNREACHABLE
    assert len(server.seen) == 3


def test_redirects_are_answers(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(307, headers={"Location": "https://evil.example/"}))
    assert make_transport(server).send("GET", ARM, token=token()).status == 307
    assert [got.host for got in server.seen] == ["management.azure.com"]


@pytest.mark.parametrize(
    ("aud", "url", "cause"),
    [
        ("https://management.azure.com/", "https://evil.example/x", Cause.WRONG_ENDPOINT),
        ("https://management.azure.com", FOUNDRY, Cause.WRONG_AUDIENCE),
        ("https://ai.azure.com", ARM, Cause.WRONG_AUDIENCE),
        ("https://ai.azure.com", "https://services.ai.azure.com/", Cause.WRONG_ENDPOINT),
        ("https://ai.azure.com", "https://acct.services.ai.azure.com.evil.example/", Cause.WRONG_ENDPOINT),
        ("https://ai.azure.com", "https://evilservices.ai.azure.com/", Cause.WRONG_ENDPOINT),
        ("https://management.azure.com", "https://management.azure.com:8443/", Cause.WRONG_ENDPOINT),
        ("https://management.azure.com", "https://management.azure.com@evil.example/", Cause.WRONG_ENDPOINT),
        ("https://management.azure.com", "https://management.azure.com\\@evil.example/", Cause.WRONG_ENDPOINT),
        ("https://management.azure.com", "https://evil.example\\.management.azure.com/", Cause.WRONG_ENDPOINT),
        ("https://management.azure.com", "http://management.azure.com/", Cause.WRONG_ENDPOINT),
        ("https://storage.azure.com", ARM, Cause.WRONG_AUDIENCE),
        ("", ARM, Cause.WRONG_AUDIENCE),
    ],
)
def test_a_token_goes_only_to_the_host_of_its_audience(
    serve: Serve, make_transport: MakeTransport, aud: str, url: str, cause: Cause
) -> None:
    server = serve(lambda _got: Say())
    transport = make_transport(server, ":80:127.0.0.1:1")
    assert refused(lambda: transport.send("GET", url, token=token(aud, "x/.default"))).problem.cause is cause
    header = {"authorization": f"Bearer {jwt(aud=aud)}"}
    assert refused(lambda: transport.send("GET", url, header)).problem.cause is cause
    assert server.seen == []
    assert transport.exchanges() == ()


@pytest.mark.parametrize(
    ("aud", "url"),
    [
        ("https://management.core.windows.net/", ARM),
        ("797f4846-ba00-4fd7-ba43-dac1f8f63013", ARM),
        ("https://ai.azure.com/", FOUNDRY),
        ("18a66f5f-dbdf-4c17-9dd7-1634712a9cbe", FOUNDRY),
    ],
)
def test_every_form_of_the_right_audience_goes(serve: Serve, make_transport: MakeTransport, aud: str, url: str) -> None:
    server = serve(lambda _got: Say())
    transport = make_transport(server)
    assert transport.send("GET", url, token=token(aud)).status == 200
    assert transport.exchanges()[0].audience == aud.rstrip("/")


def test_allow_host_extends_and_an_opaque_token_is_judged_by_what_was_asked(
    serve: Serve, make_transport: MakeTransport
) -> None:
    server = serve(lambda _got: Say())
    allowed = make_transport(server, allow_hosts=["Evil.Example"])
    assert allowed.send("GET", "https://evil.example/", token=token("https://ai.azure.com")).status == 200
    opaque = Token("not-a-jwt", "https://ai.azure.com/.default", 0)
    assert make_transport(server).send("GET", FOUNDRY, token=opaque).status == 200
    assert refused(lambda: make_transport(server).send("GET", ARM, token=opaque)).problem.cause is Cause.WRONG_AUDIENCE


def test_no_secret_in_log_or_errors(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say())
    transport = make_transport(server)
    secret = token()
    transport.send("GET", f"{ARM}&sig=hush-hush&code=tell-no-one", token=secret)
    told = repr(transport.exchanges()) + repr(secret) + str(secret)
    told += repr(refused(lambda: transport.send("GET", "https://evil.example/", token=secret)).problem)
    assert "hush" not in told
    assert "tell-no" not in told
    assert secret.value not in told
    assert secret.value.split(".")[1] not in told
    with pytest.raises(TypeError):
        secret.__reduce__()


def test_a_proxy_that_wants_a_login(serve: Serve, make_transport: MakeTransport) -> None:
    proxy = serve(lambda _got: Say(407, headers={"Proxy-Authenticate": "Basic"}), tls=False)
    environ = {"HTTPS_PROXY": f"http://user:pass-word@127.0.0.1:{proxy.port}"}
    error = refused(lambda: make_transport(environ=environ).send("GET", ARM))
    assert error.problem.cause is Cause.PROXY_FAILED
    assert "login" in error.problem.summary
    assert "pass-word" not in repr(error.problem)
    assert proxy.seen[0].method == "CONNECT"


def test_a_proxy_that_is_not_there(make_transport: MakeTransport) -> None:
    environ = {"https_proxy": f"127.0.0.1:{free_port()}"}
    error = refused(lambda: make_transport(environ=environ).send("GET", ARM))
    assert error.problem.cause is Cause.PROXY_FAILED
    assert "127.0.0.1" in error.problem.summary


def test_no_proxy_and_rules_go_directly(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say())
    environ = {"HTTPS_PROXY": f"http://127.0.0.1:{free_port()}", "NO_PROXY": "localhost, .azure.com:443"}
    assert make_transport(server, environ=environ).send("GET", ARM).status == 200
    assert make_transport(environ=environ).route("management.azure.com").proxy == ""
    assert make_transport(environ=environ).route("login.microsoftonline.com").proxy


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "5"}, 5.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"x-ms-user-quota-resets-after": "00:01:05"}, 65.0),
        ({"x-ms-user-quota-resets-after": "never"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: Any, seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_as_a_date() -> None:
    now = datetime(2026, 11, 1, 12, tzinfo=timezone.utc)
    headers = {"retry-after": format_datetime(now + timedelta(seconds=20), usegmt=True)}
    assert retry_after(headers, now) == 20.0
    assert retry_after(headers, now + timedelta(hours=1)) == 0.0


def test_plain_http_without_a_port_goes_to_port_80(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(body="plain"), tls=False)
    transport = make_transport(None, f"plain.example:80:127.0.0.1:{server.port}")
    assert transport.send("GET", "http://plain.example/metadata").text == "plain"
    assert server.seen[0].host == "plain.example"


def test_a_url_that_libraries_read_differently_is_not_sent(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say())
    for url in ("https://management.azure.com:/x", "https://MANAGEMENT.azure.com/x"):
        assert make_transport(server).send("GET", url).status == 200
    for url in ("https://management.azure.com:0/", "https://management.azure.com:x/", "https:///x", "ftp://a.com/"):
        with pytest.raises(NoAnswer):
            make_transport(server).send("GET", url)
    assert len(server.seen) == 2
