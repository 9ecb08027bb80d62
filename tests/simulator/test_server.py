from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import IncompleteRead
from typing import TYPE_CHECKING

import pytest

from doctor.simulator import ScenarioError, Simulator
from doctor.simulator.faults import parse_fault
from tests.simulator.client import AI_SCOPE, Client

if TYPE_CHECKING:
    from doctor.simulator.scenario_model import Fault
    from tests.simulator.conftest import Serve, Write

LOGIN = "https://login.microsoftonline.com/common/discovery/instance?api-version=1.1"


def _with(*faults: Fault) -> Simulator:
    return Simulator("healthy", faults=faults)


def test_nothing_listens_outside_the_block() -> None:
    simulator = Simulator("healthy")
    with pytest.raises(RuntimeError, match="is not running"):
        _ = simulator.ca_file
    with pytest.raises(RuntimeError, match="is not running"):
        _ = simulator.port
    with simulator:
        port, ca_file = simulator.port, simulator.ca_file
        assert ca_file.is_file()
        assert simulator.connect_to == f"::127.0.0.1:{port}"
    assert not ca_file.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_a_taken_port_is_an_error_and_leaves_nothing_behind(serve: Serve) -> None:
    taken = serve().simulator.port
    simulator = Simulator("healthy", port=taken)
    with pytest.raises(OSError, match="in use"), simulator:
        pass
    assert not simulator.ca_file.parent.exists()


def test_the_certificate_is_good_for_azure_hosts_and_no_other(serve: Serve) -> None:
    client = serve()
    assert client.send("GET", LOGIN).status == 200
    with pytest.raises(ssl.SSLCertVerificationError):
        client.send("GET", "https://example.com/")
    plain = socket.create_connection(("127.0.0.1", client.simulator.port))
    with plain, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(plain, server_hostname="management.azure.com")
    assert client.send("GET", LOGIN).status == 200


def test_one_connection_carries_many_requests(serve: Serve) -> None:
    client = serve()
    connection = client.open("login.microsoftonline.com")
    for _ in range(5):
        connection.request("GET", "/common/discovery/instance")
        response = connection.getresponse()
        assert response.status == 200
        response.read()
    connection.close()


def test_a_chunked_body_is_read(serve: Serve) -> None:
    client = serve()
    token = client.token(AI_SCOPE)
    connection = client.open(client.simulator.state.places.foundry_host)
    path = client.simulator.target.split(".com", 1)[1]
    headers = {"Authorization": f"Bearer {token}", "Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    connection.request("POST", path, body=iter([b'{"in', b'put": "hi"}']), headers=headers, encode_chunked=True)
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())["status"]) == (200, "completed")
    connection.close()


def test_thirty_slow_requests_overlap(serve: Serve) -> None:
    client = serve(latency_ms=80)
    begun = time.monotonic()
    with ThreadPoolExecutor(30) as pool:
        statuses = list(pool.map(lambda _: client.send("GET", LOGIN).status, range(30)))
    assert statuses == [200] * 30
    # One after the other they would take 2.4 s.
    assert 0.08 <= time.monotonic() - begun < 1.6


def test_the_log_tells_what_was_asked_and_no_secret(serve: Serve) -> None:
    client = serve()
    token = client.token(AI_SCOPE)
    client.send("POST", client.simulator.target, body={})
    client.send("POST", client.simulator.target, token=token, body={})
    log = client.simulator.requests
    assert [(one.method, one.status, one.authenticated) for one in log] == [
        ("POST", 200, False),
        ("POST", 401, False),
        ("POST", 400, True),
    ]
    assert log[1].host == "contoso-ai.services.ai.azure.com"
    assert log[1].query == "api-version=2025-11-15-preview"
    assert log[0].at <= log[1].at <= log[2].at
    assert token not in repr(log)
    assert client.simulator.environ["AZURE_CLIENT_SECRET"] not in repr(log)


def test_the_secret_differs_from_run_to_run_and_the_ids_do_not() -> None:
    one, two = Simulator("healthy").environ, Simulator("healthy").environ
    assert one["AZURE_CLIENT_SECRET"] != two["AZURE_CLIENT_SECRET"]
    assert one["AZURE_CLIENT_ID"] == two["AZURE_CLIENT_ID"]
    assert one["AZURE_TENANT_ID"] == two["AZURE_TENANT_ID"]


def test_closing_does_not_wait_for_an_idle_client() -> None:
    before = set(threading.enumerate())
    with Simulator("healthy") as simulator:
        connection = Client(simulator).open("login.microsoftonline.com")
        connection.request("GET", "/common/discovery/instance")
        connection.getresponse().read()
        begun = time.monotonic()
    assert time.monotonic() - begun < 2
    connection.close()
    ours = [thread for thread in set(threading.enumerate()) - before if "process_request_thread" in thread.name]
    for thread in ours:
        thread.join(5)
    assert not [thread for thread in ours if thread.is_alive()]


def test_a_host_that_nobody_serves_is_a_404(serve: Serve) -> None:
    client = serve()
    answer = client.send("GET", "https://other.services.ai.azure.com/api/projects/x")
    assert answer.status == 404
    assert answer.json["error"]["message"] == "Nobody here is called 'other.services.ai.azure.com'."


def test_us_government_has_its_own_hosts(serve: Serve) -> None:
    client = serve("us-government")
    places = client.simulator.state.places
    assert client.simulator.target.startswith("https://contoso-ai.services.ai.azure.us/api/projects/")
    assert client.arm(places.application).status == 200
    assert client.call({"input": "hi"}, scope="https://ai.azure.us/.default").status == 200
    assert client.call({}, scope="https://ai.azure.com/.default").status == 401
    assert client.send("GET", "https://management.azure.com/subscriptions").status == 404


@pytest.mark.parametrize("target", ["resource-id", "contoso-ai/support/helpdesk", "helpdesk"])
def test_the_target_may_be_given_otherwise(serve: Serve, write: Write, target: str) -> None:
    client = serve(write(f"target = '{target}'\n"))
    expected = client.simulator.state.places.application if target == "resource-id" else target
    assert client.simulator.target == expected


def test_throttling_ends_after_its_times() -> None:
    with _with(parse_fault("throttle:host=login,times=2,retry_after=7")) as simulator:
        answers = [Client(simulator).send("GET", LOGIN) for _ in range(3)]
    assert [answer.status for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"
    assert answers[0].code == "TooManyRequests"


@pytest.mark.parametrize(
    ("text", "status", "content"),
    [
        ("error", 503, "application/json"),
        ("error:status=500", 500, "application/json"),
        ("html", 200, "text/html"),
        ("garbage", 200, "application/json"),
    ],
)
def test_something_else_answers(text: str, status: int, content: str) -> None:
    with _with(parse_fault(text)) as simulator:
        answer = Client(simulator).send("GET", LOGIN)
    assert answer.status == status
    assert answer.headers["content-type"].startswith(content)
    if text == "garbage":
        with pytest.raises(ValueError, match=r"."):
            _ = answer.json


def test_a_reset_and_a_truncated_body() -> None:
    with _with(parse_fault("reset")) as simulator, pytest.raises((ConnectionError, ssl.SSLError)):
        Client(simulator).send("GET", LOGIN)
    with _with(parse_fault("truncate")) as simulator, pytest.raises(IncompleteRead):
        Client(simulator).send("GET", LOGIN)


def test_latency_and_a_slow_body() -> None:
    for text in ("latency:ms=120", "slow:ms=20"):
        with _with(parse_fault(text)) as simulator:
            begun = time.monotonic()
            assert Client(simulator).send("GET", LOGIN).status == 200
            assert time.monotonic() - begun > 0.1


def test_a_clock_that_is_wrong() -> None:
    with _with(parse_fault("clock-skew:skew_s=7200")) as simulator:
        ahead = Client(simulator).send("GET", LOGIN).headers["date"]
    with _with() as simulator:
        now = Client(simulator).send("GET", LOGIN).headers["date"]
    assert ahead != now
    assert ahead.endswith("GMT")


def test_a_revoked_token_is_challenged() -> None:
    with _with(parse_fault("challenge:times=1,host=services")) as simulator:
        client = Client(simulator)
        assert client.send("POST", simulator.target).status == 401
        challenged, again = client.call({}), client.call({})
    assert 'error="insufficient_claims", claims="' in challenged.headers["www-authenticate"]
    assert (challenged.status, again.status) == (401, 400)


def test_a_fault_strikes_only_where_it_should() -> None:
    with _with(parse_fault("error:path=/APPLICATIONS/,method=post")) as simulator:
        client = Client(simulator)
        assert client.send("GET", LOGIN).status == 200
        assert client.send("POST", simulator.target).status == 503
        assert client.send("GET", simulator.target).status == 401


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("boom", "There is no fault of the kind 'boom'; there are: latency, throttle"),
        ("", "There is no fault of the kind ''"),
        ("error:colour=red", "A fault has no 'colour'; it has: host, path"),
        ("error:status=many", "The fault's status must be a whole number, not 'many'."),
    ],
)
def test_a_mistake_in_a_fault_is_named(text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_fault(text)
    assert str(caught.value).startswith(said)


def test_assignments_change_while_requests_run(serve: Serve) -> None:
    client = serve("cannot-read")
    state = client.simulator.state
    token = client.token(AI_SCOPE)

    def flip(number: int) -> int:
        if number % 4 == 0:
            state.unassign(state.assign("caller", "Foundry User", "application"))
        return client.send("POST", client.simulator.target, token=token, body={}).status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(flip, range(40))) <= {400, 401}
    assert client.send("POST", client.simulator.target, token=token, body={}).status == 401
