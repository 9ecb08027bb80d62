from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.azure import connect_to, foundry
from doctor.azure.clouds import CHINA, CLOUDS, PUBLIC, US_GOVERNMENT, hosts_for, may_receive, plane_of
from doctor.azure.deadline import Deadline
from doctor.azure.exchange_log import safe_url
from doctor.azure.proxies import proxy_for, shown
from doctor.azure.waiting import Overdue, bounded
from tests.azure.servers import MakeTransport, Say, Serve


def test_clouds_say_only_what_is_documented() -> None:
    assert set(CLOUDS) == {"public", "usgovernment", "china"}
    assert (CHINA.ai_scope, CHINA.ai_suffix, CHINA.privatelink_zones) == (None, None, None)
    assert US_GOVERNMENT.privatelink_zones is None
    assert (PUBLIC.arm_host, PUBLIC.authority) == ("management.azure.com", "login.microsoftonline.com")


@pytest.mark.parametrize(
    ("cloud", "audience", "hosts"),
    [
        (PUBLIC, "https://management.azure.com/", ("management.azure.com",)),
        (PUBLIC, "https://ai.azure.com/.default", ("*.services.ai.azure.com",)),
        (US_GOVERNMENT, "https://ai.azure.us", ("*.services.ai.azure.us",)),
        (US_GOVERNMENT, "https://ai.azure.com", ()),
        (CHINA, "https://ai.azure.com", ()),
        (PUBLIC, "https://vault.azure.net", ()),
        (PUBLIC, "", ()),
    ],
)
def test_hosts_for(cloud: Any, audience: Any, hosts: Any) -> None:
    assert hosts_for(cloud, audience) == hosts


@given(st.text(alphabet="abc.-@/:", max_size=30))
def test_only_names_below_the_suffix_get_a_token(prefix: Any) -> None:
    host = f"{prefix}services.ai.azure.com"
    expected = prefix.endswith(".") and len(prefix) > 1
    assert may_receive(PUBLIC, "https://ai.azure.com", host) is expected
    assert not may_receive(PUBLIC, "https://ai.azure.com", f"{host}.evil.example")


def test_planes() -> None:
    assert plane_of(PUBLIC, "Login.MicrosoftOnline.com") == "entra"
    assert plane_of(PUBLIC, "a.services.ai.azure.com") == "foundry"
    assert plane_of(PUBLIC, "169.254.169.254") == "imds"
    assert plane_of(PUBLIC, "management.chinacloudapi.cn") == "other"


@pytest.mark.parametrize(
    ("text", "host", "port", "destination"),
    [
        ("a.com:443:127.0.0.1:8443", "A.com", 443, ("127.0.0.1", 8443)),
        ("a.com:443:127.0.0.1:8443", "a.com", 444, None),
        (":443:127.0.0.1:8443", "any.example", 443, ("127.0.0.1", 8443)),
        ("::[::1]:8443", "any.example", 99, ("::1", 8443)),
        ("[2001:DB8::1]:443:b.com:", "2001:db8::1", 443, ("b.com", None)),
        ("a.com:::8443", "a.com", 1, ("", 8443)),
        (":::1", "localhost", 443, None),
        (":::1", "127.0.0.9", 443, None),
        (":::1", "::1", 443, None),
        (":::1", "169.254.169.254", 80, None),
    ],
)
def test_connect_to(text: str, host: str, port: Any, destination: Any) -> None:
    rule = connect_to.rule_for([connect_to.parse(text)], host, port)
    assert (rule and (rule.to_host, rule.to_port)) == destination


@pytest.mark.parametrize(
    "text",
    ["", "a:443:b", "a:443:b:443:c", "a:x:b:1", "a:0:b:1", "a:1:b:65536", "::1:443:b:1", "[zz]:1:b:1", "a b:1:c:1",
     "a:1:b:-1", "a:1:b:٣", "-a:1:b:1", "a:1:b/c:1", "a\n:1:b:1", "a:1:b:1x", "[::1:1:b:1"],
)  # fmt: skip
def test_bad_rules_are_one_clear_sentence(text: str) -> None:
    with pytest.raises(connect_to.BadConnectTo, match="--connect-to") as caught:
        connect_to.parse(text)
    assert "\n" not in str(caught.value)


def test_the_first_rule_wins() -> None:
    rules = [connect_to.parse("a.com:443:one:1"), connect_to.parse(":443:two:2")]
    assert connect_to.rule_for(rules, "a.com", 443).to_host == "one"
    assert connect_to.rule_for(rules, "b.com", 443).to_host == "two"


_PORTS = st.one_of(st.just(""), st.integers(1, 65535).map(str))
_HOSTS = st.sampled_from(["", "a.com", "management.azure.com", "127.0.0.1", "[::1]", "[2001:db8::2]", "x_y"])


@given(_HOSTS, _PORTS, _HOSTS, _PORTS)
def test_a_rule_reads_back_as_it_is_written(host: str, port: Any, to_host: Any, to_port: Any) -> None:
    rule = connect_to.parse(f"{host}:{port}:{to_host}:{to_port}")
    assert connect_to.parse(str(rule)) == rule


@given(st.text(max_size=40))
def test_no_rule_ever_raises_anything_else(text: str) -> None:
    with contextlib.suppress(connect_to.BadConnectTo):
        connect_to.parse(text)


def test_a_deadline_comes_and_stays() -> None:
    now = [100.0]
    whole = Deadline(10, clock=lambda: now[0])
    now[0] = 104.0
    assert (whole.over, whole.remaining()) == (False, 6)
    now[0] = 111.0
    assert (whole.over, whole.remaining()) == (True, 0.0)


def test_bounded_work_hands_on_results_and_errors() -> None:
    assert bounded(lambda: 7, 5, "t") == 7
    with pytest.raises(ZeroDivisionError):
        bounded(lambda: 1 // 0, 5, "t")
    with pytest.raises(Overdue):
        bounded(lambda: time.sleep(0.5), 0.01, "t")


@pytest.mark.parametrize(
    ("environ", "host", "proxy"),
    [
        ({}, "a.com", ""),
        ({"HTTPS_PROXY": "p:1"}, "a.com", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:2"}, "a.com", "http://q:2"),
        ({"ALL_PROXY": "http://p:1"}, "a.com", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "a.com", ""),
        ({"HTTPS_PROXY": "http://p:1"}, "localhost", ""),
        ({"HTTPS_PROXY": "http://p:1"}, "169.254.169.254", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "a.com", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "b.com, .A.com"}, "x.a.com", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.com"}, "nota.com", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ","}, "a.com", "http://p:1"),
    ],
)
def test_proxies(environ: Any, host: str, proxy: Any) -> None:
    assert proxy_for("https", host, environ) == proxy


def test_proxy_credentials_are_not_shown() -> None:
    assert shown("http://user:pass@proxy.example:3128") == "http://proxy.example:3128"
    assert "pass" not in shown("http://user:pass@[broken")


def test_safe_url() -> None:
    url = "https://u:p@h.example/a?sig=1234&api-version=v1&Code=x#token"
    assert safe_url(url) == "https://h.example/a?sig=[redacted]&api-version=v1&Code=[redacted]"


def test_foundry_urls() -> None:
    assert foundry.project_endpoint("a b", "p/../q") == "https://a%20b.services.ai.azure.com/api/projects/p%2F..%2Fq"
    assert foundry.project_endpoint("acct", "p", US_GOVERNMENT).startswith("https://acct.services.ai.azure.us/")
    with pytest.raises(ValueError, match="not documented"):
        foundry.project_endpoint("acct", "p", CHINA)


def test_foundry_asks(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(400, {"error": {"code": "invalid_payload"}}))
    client = foundry.Foundry(make_transport(server))
    base = "https://acct.services.ai.azure.com/api/projects/p"
    assert client.probe(f"{base}/applications/x/protocols/openai/responses").status == 400
    client.get("https://acct.services.ai.azure.com/api/projects/p/", "agents/a b", headers={"Foundry-Features": "x"})
    probe, read = server.seen
    assert (probe.method, probe.body, probe.headers["content-type"]) == ("POST", b"{}", "application/json")
    assert "authorization" not in probe.headers
    assert (read.path, read.headers["foundry-features"]) == ("/api/projects/p/agents/a%20b?api-version=v1", "x")


def test_importing_costs_nothing() -> None:
    code = (
        "import sys, doctor.azure.clouds, doctor.azure.transport, doctor.azure.credentials, doctor.azure.arm, "
        "doctor.azure.authorization, doctor.azure.foundry, doctor.azure.read_foundry, doctor.azure.read_agents\n"
        "print([m for m in ('httpx', 'ssl', 'azure.core', 'azure.identity', 'msal', 'requests') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
