from __future__ import annotations

import gzip
import http.client
import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from doctor.simulator import Simulator
from doctor.simulator.faults import parse_fault
from tests.simulator.client import ARM_SCOPE, Client

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGIN = "https://login.microsoftonline.com/common/discovery/instance?api-version=1.1"


@contextmanager
def _met(fault: str) -> Iterator[Client]:
    with Simulator("healthy", faults=(parse_fault(fault),)) as simulator:
        yield Client(simulator)


def test_a_huge_answer_is_made_as_it_is_sent() -> None:
    with _met("huge:bytes=3000000") as client:
        assert len(client.send("GET", LOGIN).json["value"]) == 3_000_000


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_is_small_on_the_wire(layers: int) -> None:
    with _met(f"bomb:bytes=20000000,layers={layers}") as client:
        answer = client.send("GET", LOGIN)
    assert answer.headers["content-encoding"] == ", ".join(["gzip"] * layers)
    assert len(answer.body) < 30_000
    plain = answer.body
    for _ in range(layers):
        plain = gzip.decompress(plain)
    assert len(plain) > 20_000_000


def test_pages_go_on_for_ever_or_in_a_circle() -> None:
    for fault, again in (("endless", False), ("endless:layers=0", True)):
        with _met(fault) as client:
            first = client.send("GET", LOGIN).json["nextLink"]
            assert (client.send("GET", first).json["nextLink"] == first) is again


def test_a_drip_ends_with_the_client() -> None:
    with _met("drip:ms=5") as client:
        connection = client.open("login.microsoftonline.com")
        connection.request("GET", "/common/discovery/instance")
        response = connection.getresponse()
        begun = time.monotonic()
        assert response.read(10) == b" " * 10
        assert time.monotonic() - begun > 0.02
        connection.close()


def test_headers_redirects_depth_and_any_answer() -> None:
    with _met("headers:bytes=60000") as client:
        assert sum(map(len, client.send("GET", LOGIN).headers.values())) > 60_000
    with _met("headers:bytes=300000") as client, pytest.raises(http.client.HTTPException):
        client.send("GET", LOGIN)
    with _met("redirect:body=https://elsewhere.example/") as client:
        assert client.send("GET", LOGIN).headers["location"] == "https://elsewhere.example/"
    with _met("redirect") as client:
        assert client.send("GET", LOGIN).headers["location"] == LOGIN
    with _met("deep:layers=50") as client:
        assert json.dumps(client.send("GET", LOGIN).json).count("[") == 50
    with _met("answer:status=202,body=soon,content_type=text/plain") as client:
        answer = client.send("GET", LOGIN)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (202, b"soon", "text/plain")


def test_a_fault_is_aimed_at_one_request_of_one_route() -> None:
    aim = "error:exact=true,host=login.microsoftonline.com,path=/common/discovery/instance,skip=1,times=1"
    with _met(aim) as client:
        statuses = [client.send("GET", LOGIN).status for _ in range(3)]
        assert client.sign_in(ARM_SCOPE).status == 200
    assert statuses == [200, 503, 200]


@pytest.mark.parametrize("dialect", ["error", "Error", "Code", "odata", "xml"])
def test_an_error_is_told_in_the_shape_of_each_service(dialect: str) -> None:
    with _met(f"error:dialect={dialect}") as client:
        answer = client.send("GET", LOGIN)
    assert answer.status == 503
    assert b"ServiceUnavailable" in answer.body
    assert answer.body.lstrip(b'{"').startswith(
        {"xml": b"<?xml", "odata": b"odata.error"}.get(dialect, dialect.encode())
    )
