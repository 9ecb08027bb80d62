"""An answer that is larger, deeper or slower than any of Azure's is no fact, and costs neither memory nor time."""

from __future__ import annotations

import gzip
import io
import json
import threading
import time
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.azure import bounds
from doctor.azure.bounds import Allowance, TooMuch, check_json, unpack
from doctor.azure.errors import NoAnswer
from doctor.model.cause import Cause
from tests.azure.servers import Got, MakeTransport, Say, Serve

if TYPE_CHECKING:
    from collections.abc import Callable

ARM = "https://management.azure.com/subscriptions?api-version=2022-12-01"
ENTRA = "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration"


def bomb(layers: int, megabytes: int = 60) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as file:
        for _ in range(megabytes):
            file.write(b"\0" * 1_000_000)
    data = out.getvalue()
    for _ in range(layers - 1):
        data = gzip.compress(data)
    return data


MUCH = {
    "a large body": Say(body=b"[" + b"1" * 9_000_000 + b"]"),
    "a large error": Say(500, body=b"x" * 1_500_000),
    "a bomb": Say(body=bomb(1), headers={"Content-Encoding": "gzip"}),
    "a bomb in a bomb": Say(body=bomb(2), headers={"Content-Encoding": "gzip, gzip"}),
    "three layers": Say(body=bomb(3, 1), headers={"Content-Encoding": "gzip, gzip, gzip"}),
    "a coding nobody asked for": Say(body=b"abc", headers={"Content-Encoding": "br"}),
    "many headers": Say(headers={f"X-{n}": "y" for n in range(300)}),
    "a long header": Say(headers={"X-Long": "y" * 60_000, "X-Longer": "z" * 10_000}),
    "an endless header": Say(headers={"X-Long": "y" * 200_000}),
    "deep JSON": Say(body=b"[" * 500 + b"]" * 500),
    "JSON of many parts": Say(body=b"[" + b"[]," * 500_000 + b"[]]"),
}


@pytest.mark.parametrize("what", MUCH)
def test_more_than_azure_sends_is_not_azure_and_names_the_host(
    what: str, serve: Serve, make_transport: MakeTransport
) -> None:
    transport = make_transport(serve(lambda _got: MUCH[what]))
    tracemalloc.start()
    with pytest.raises(NoAnswer) as caught:
        transport.send("GET", ARM)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.problem.cause is Cause.NOT_AZURE
    assert "management.azure.com" in caught.value.problem.summary
    assert peak < 40_000_000


def test_a_huge_token_answer_is_refused(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(body={"access_token": "e" * 300_000}))
    with pytest.raises(NoAnswer) as caught:
        make_transport(server).send("GET", ENTRA)
    assert caught.value.problem.cause is Cause.NOT_AZURE


def test_the_answers_of_a_run_are_bounded_together(serve: Serve, make_transport: MakeTransport) -> None:
    transport = make_transport(serve(lambda _got: Say(body=b" " * 7_000_000)))
    for _ in range(bounds.RUN_BYTES // 7_000_000):
        assert len(transport.send("GET", ARM).body) == 7_000_000
    with pytest.raises(NoAnswer) as caught:
        transport.send("GET", ARM)
    assert caught.value.problem.cause is Cause.NOT_AZURE


def test_a_refused_answer_uses_up_nothing(serve: Serve, make_transport: MakeTransport) -> None:
    says = [MUCH["a bomb"]] * 8 + [Say(body=b"{}")]
    transport = make_transport(serve(lambda _got: says.pop(0)))
    for _ in range(8):
        with pytest.raises(NoAnswer):
            transport.send("GET", ARM)
    assert transport.send("GET", ARM).text == "{}"


@pytest.mark.parametrize("drip", [b"", b"{"])
def test_an_endless_drip_ends_with_its_share(drip: bytes, serve: Serve, make_transport: MakeTransport) -> None:
    transport = make_transport(serve(lambda _got: Say(body=drip, drip=0.02)), seconds=20)
    began = time.monotonic()
    with pytest.raises(NoAnswer) as caught:
        transport.send("GET", ARM, timeout=0.5)
    assert time.monotonic() - began < 1.5
    assert caught.value.problem.cause is Cause.TIMED_OUT
    assert "management.azure.com" in caught.value.problem.summary


def test_compressed_answers_are_read(serve: Serve, make_transport: MakeTransport) -> None:
    body = json.dumps({"value": ["é" * 1000]}).encode()
    raw = zlib.compressobj(wbits=-15)
    forms = {
        "gzip": gzip.compress(body),
        "deflate": zlib.compress(body),
        "Deflate": raw.compress(body) + raw.flush(),
        "deflate, gzip": gzip.compress(zlib.compress(body)),
        "identity": body,
    }
    for coding, sent in forms.items():
        say = Say(body=sent, headers={"Content-Encoding": coding})
        answer = make_transport(serve(lambda _got, say=say: say)).send("GET", ARM)
        assert (answer.body, answer.truncated) == (body, False), coding


@given(body=st.binary(max_size=2000), cut=st.integers(0, 2000), size=st.integers(1, 50))
def test_unpacking_gives_the_body_or_says_that_it_broke(body: bytes, cut: int, size: int) -> None:
    packed = gzip.compress(body)
    whole = packed[:cut] if cut < len(packed) else packed
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    try:
        out = b"".join(unpack(pieces, {"content-encoding": "gzip"}, 10_000))
    except zlib.error:
        assert whole != packed
    else:
        assert out == body or not whole


@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_ordinary_json_passes(value: object) -> None:
    check_json(json.dumps(value).encode(), Allowance())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
def test_depth_is_seen_in_every_encoding_and_not_in_strings(encoding: str) -> None:
    deep = '{"a":' * 65 + "1" + "}" * 65
    with pytest.raises(TooMuch):
        check_json(deep.encode(encoding), Allowance())
    check_json(json.dumps({"a": deep}).encode(encoding), Allowance())


def test_nothing_is_sent_after_close(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(body={}))
    transport = make_transport(server)
    transport.close()
    for call in (lambda: transport.send("GET", ARM), lambda: transport.resolve("management.azure.com")):
        with pytest.raises(NoAnswer) as caught:
            call()
        assert "ended" in caught.value.problem.summary
    assert server.seen == []


def in_background(call: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except NoAnswer as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, errors


def test_a_retry_that_waits_is_not_sent_after_close(serve: Serve, make_transport: MakeTransport) -> None:
    asked = threading.Event()

    def throttled(_got: Got) -> Say:
        asked.set()
        return Say(429, headers={"Retry-After": "8"})

    server = serve(throttled)
    transport = make_transport(server, seconds=60)
    thread, errors = in_background(lambda: transport.send("GET", ARM))
    assert asked.wait(5)
    time.sleep(0.2)
    transport.close()
    thread.join(2)
    assert not thread.is_alive(), "a retry is not waited for once the run has ended"
    assert len(server.seen) == 1
    assert len(errors) == 1


def test_a_connection_that_opens_after_close_carries_no_request(serve: Serve, make_transport: MakeTransport) -> None:
    server = serve(lambda _got: Say(body={}))
    transport = make_transport(server)
    transport.prepare()
    wire = transport._wire
    assert wire is not None
    wire._closed = True  # type: ignore[attr-defined]  # closed in the moment between connecting and sending
    with pytest.raises(NoAnswer):
        transport.send("GET", ARM)
    assert server.handshakes == 1
    assert server.seen == []
