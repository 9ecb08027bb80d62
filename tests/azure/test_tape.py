"""What was recorded is answered again by what was asked, not by when; what was not recorded is no evidence."""

from __future__ import annotations

import json

import pytest

from doctor.azure.errors import NoAnswer
from doctor.azure.tape import Recorder, Tape
from doctor.azure.transport import Transport
from doctor.model.cause import Cause
from tests.azure.servers import Got, MakeTransport, Say, Serve, jwt

ARM = "https://management.azure.com/subscriptions?api-version=2022-12-01"
ENTRA = "https://login.microsoftonline.com/t/oauth2/v2.0/token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def tape_of(recorder: Recorder) -> Tape:
    return Tape((one.kept for one in recorder.exchanges), recorder.names.values(), recorder.issuers)


@pytest.fixture
def recorded(serve: Serve, make_transport: MakeTransport) -> Tape:
    count = iter(range(100))

    def answer(got: Got) -> Say:
        who = "someone" if "authorization" in got.headers else "nobody"
        if got.path.startswith("/throttled"):
            return Say(429 if next(count) == 0 else 200, headers={"Retry-After": "0"})
        return Say(body={"who": who, "host": got.host, "body": got.body.decode()})

    recorder = Recorder()
    live = make_transport(serve(answer), record=recorder)
    live.send("GET", ARM)
    live.send("GET", ARM, {"Authorization": f"Bearer {jwt()}"})
    live.send("GET", "https://management.azure.com/throttled")
    live.send("POST", ENTRA, FORM, b"scope=a&client_secret=hush&grant_type=client_credentials")
    live.send("POST", ARM, {"Content-Type": "application/json"}, b'{"a": 1, "b": 2}')
    live.resolve("management.azure.com")
    return tape_of(recorder)


def test_a_tape_answers_by_what_is_asked(recorded: Tape) -> None:
    tape = Transport(wire=recorded, sleep=lambda _seconds: None)
    assert tape.send("GET", "https://management.azure.com/throttled").status == 200
    assert [line.status for line in tape.exchanges()] == [429, 200]
    assert tape.send("GET", ARM, {"Authorization": f"Bearer {jwt(oid='other')}"}).json()["who"] == "someone"
    for _ in range(2):
        assert tape.send("GET", ARM).json()["who"] == "nobody"
    same = tape.send("POST", ARM, {"Content-Type": "application/json"}, b'{"b":2,"a":1}')
    assert json.loads(same.json()["body"]) == {"a": 1, "b": 2}
    entra = tape.send("POST", ENTRA, FORM, b"client_secret=another&grant_type=client_credentials&scope=a")
    assert entra.status == 200
    assert tape.resolve("management.azure.com") == ("127.0.0.1",)


@pytest.mark.parametrize(
    ("url", "body"), [(ARM + "&x=1", None), (ARM, b"{}"), ("https://acct.services.ai.azure.com/", None)]
)
def test_what_was_not_recorded_is_no_evidence(recorded: Tape, url: str, body: bytes | None) -> None:
    tape = Transport(wire=recorded)
    with pytest.raises(NoAnswer) as caught:
        tape.send("POST" if body else "GET", url, body=body)
    assert caught.value.problem.cause is Cause.NOT_CHECKABLE
    assert "No evidence" in caught.value.problem.summary
    with pytest.raises(NoAnswer) as unknown:
        tape.resolve("unknown.example")
    assert "No evidence" in unknown.value.problem.summary


def test_a_recorded_fault_happens_again(make_transport: MakeTransport) -> None:
    recorder = Recorder()
    live = make_transport(1, record=recorder)
    with pytest.raises(NoAnswer) as first:
        live.send("GET", ARM)
    with pytest.raises(NoAnswer) as again:
        Transport(wire=tape_of(recorder)).send("GET", ARM)
    assert [first.value.problem.cause, again.value.problem.cause] == [Cause.UNREACHABLE] * 2


def test_a_closed_tape_answers_nothing(recorded: Tape) -> None:
    tape = Transport(wire=recorded)
    tape.close()
    with pytest.raises(NoAnswer):
        tape.send("GET", ARM)
