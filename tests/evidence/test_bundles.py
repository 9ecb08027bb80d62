"""A bundle holds no secret, and somebody else's is read with suspicion."""

from __future__ import annotations

import contextlib
import io
import json
import stat
import zipfile
from base64 import b64encode, urlsafe_b64encode
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from doctor.evidence.archive import MEMBERS, BadBundle, packed, unpacked
from doctor.evidence.exchanges import Recorded, from_har, to_har
from doctor.evidence.scrub import scrubbed
from doctor.model.loose import Garbage
from doctor.simulator import Simulator
from tests.check.cli import check, invoke

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = datetime(2026, 11, 1, tzinfo=timezone.utc)
SECRET = "Hm8Q~kz7Lw2Rt5Yp9Xv3Bn6Mj1Gf4Ds0Aq.PlOk"
CLAIMS = {"aud": "https://ai.azure.com", "oid": "9f2d3c4b-1111-4222-8333-123456789abc", "nonce": SECRET}


def jwt(claims: dict[str, Any]) -> str:
    def part(value: object) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'RS256', 'typ': 'JWT'})}.{part(claims)}.{'s' * 43}"


TOKEN = jwt(CLAIMS)
SAS = "https://acct.blob.core.windows.net/c/b?sv=2024-11-04&sp=r&sig=ZmFrZS1zaWduYXR1cmUtb2YtYS1zYXM%3D"
CONNECTION = "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=" + b64encode(bytes(range(64))).decode()


def exchange(**fields: Any) -> Recorded:
    return Recorded("POST", fields.pop("url", "https://management.azure.com/x?api-version=1"), AT, **fields)


PLANTED = {
    "header": exchange(request_headers={"Authorization": f"Bearer {TOKEN}", "Cookie": f"ESTSAUTH={SECRET}"}),
    "answer-header": exchange(status=200, headers={"set-cookie": f"a={SECRET}", "x-odd": SECRET}),
    "form": exchange(
        request_headers={"Content-Type": "application/x-www-form-urlencoded"},
        request_body=f"grant_type=client_credentials&client_secret={SECRET}&client_assertion={TOKEN}&code={SECRET}",
    ),
    "token-answer": exchange(status=200, body=json.dumps({"access_token": TOKEN, "refresh_token": f"0.A{SECRET}xyz"})),
    "nested": exchange(status=200, body=json.dumps({"a": [{"properties": {"connectionString": CONNECTION}}]})),
    "json-in-text": exchange(status=400, body=json.dumps({"message": json.dumps({"client_secret": SECRET})})),
    "key-fields": exchange(status=200, body=json.dumps({"credentials": {"key": SECRET, "Keys": {"x-key": SECRET}}})),
    "query": exchange(url=SAS, status=200),
    "error": exchange(fault="dropped", detail=f"Authorization: Bearer {TOKEN}"),
    "page": exchange(status=403, body=f"<html>password={SECRET}</html>", headers={"content-type": "text/html"}),
}


@pytest.mark.parametrize("place", PLANTED)
def test_no_secret_reaches_the_file(place: str) -> None:
    content = packed({"exchanges.har": to_har([scrubbed(PLANTED[place])], "0")}, str)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("exchanges.har").decode()
    for secret in (SECRET, TOKEN, TOKEN.split(".")[1], CONNECTION.rpartition("=")[0][-40:], "ZmFrZS1zaWduYXR1cmU"):
        assert not [at for at in range(len(secret) - 11) if secret[at : at + 12] in text], (place, secret[:12])


def test_a_token_is_reduced_to_what_it_says() -> None:
    body = json.loads(scrubbed(PLANTED["token-answer"]).body)
    assert body["access_token"] == {"claims": {"aud": CLAIMS["aud"], "oid": CLAIMS["oid"]}}


def test_har_and_back() -> None:
    one = exchange(
        request_headers={"content-type": "application/json"},
        request_body="{}",
        status=403,
        headers={"retry-after": "3"},
        body='{"error": {}}',
        audience="https://ai.azure.com",
        duration_ms=12,
        truncated=True,
    )
    fault = exchange(fault="untrusted", detail="self-signed", code=18, passing=True)
    assert from_har(json.loads(json.dumps(to_har([one, fault], "1")))) == (one, fault)


@pytest.mark.parametrize("document", [None, [], {}, {"log": {}}, {"log": {"entries": {}}}, "text"])
def test_what_is_no_har(document: object) -> None:
    with pytest.raises(Garbage):
        from_har(document)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("bundle")
    with Simulator("owner-is-not-enough") as simulator:
        check(simulator, folder, "--bundle", str(folder / "out.zip"), "--keep-ids")
    return folder / "out.zip"


def archive_of(path: Path, members: dict[str, bytes], mode: int = 0o600) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return path


HOSTILE = {
    "no zip": None,
    "nothing in it": {},
    "a path": {"bundle.json": b"{}", "../../evil": b"x"},
    "a stranger": {"bundle.json": b"{}", "exchanges.har": b"{}", "run.sh": b"x"},
    "a bomb": {"bundle.json": b"{}", "exchanges.har": b" " * 300_000_000},
    "many parts": {"bundle.json": b"{}", "exchanges.har": b"[" + b"[]," * 3_000_000 + b"[]]"},
    "deep": {"bundle.json": b"{}", "exchanges.har": b"[" * 200_000},
    "no json": {"bundle.json": b"\xff\xfe\x00"},
    "another schema": {"bundle.json": b'{"schema": "agentdoctor/bundle/99"}'},
    "odd options": {"bundle.json": b'{"schema": "agentdoctor/bundle/1", "options": {"target": 7}}'},
    "no time": {"bundle.json": b'{"schema": "agentdoctor/bundle/1", "options": {"target": "a/b/c"}}'},
    "odd har": {
        "bundle.json": b'{"schema": "agentdoctor/bundle/1", "recorded_at": "2026-01-01T00:00:00Z",'
        b' "options": {"target": "a/b/c"}}',
        "exchanges.har": b'{"log": {"entries": [{"request": {"url": "https://[::1"}}]}}',
    },
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("command", ["replay", "redact"])
def test_a_hostile_bundle_is_one_clear_sentence(kind: str, command: str, tmp_path: Path) -> None:
    members = HOSTILE[kind]
    path = tmp_path / "in.zip"
    if members is None:
        path.write_bytes(b"PK but not really")
    else:
        archive_of(path, members)
    ran = invoke([command, str(path), *(["-o", str(tmp_path / "out.zip")] if command == "redact" else [])])
    assert ran.exit_code == 2, ran.stdout
    assert "in.zip" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in.zip"]


def test_a_link_in_a_bundle_is_refused(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "in.zip", {"bundle.json": b"/etc/passwd"}, stat.S_IFLNK | 0o777)
    with pytest.raises(BadBundle, match="a link"):
        unpacked(path)


@settings(max_examples=40)
@given(st.data())
def test_a_damaged_bundle_never_crashes(bundle: Path, data: st.DataObject) -> None:
    content = bytearray(bundle.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = bundle.with_name("damaged.zip")
    damaged.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    with contextlib.suppress(BadBundle):
        assert set(unpacked(damaged)) <= set(MEMBERS)


def test_what_was_not_recorded_is_unknown(bundle: Path, tmp_path: Path) -> None:
    documents = unpacked(bundle)
    entries = documents["exchanges.har"]["log"]["entries"]
    documents["exchanges.har"]["log"]["entries"] = [e for e in entries if "roleAssignments" not in e["request"]["url"]]
    path = tmp_path / "less.zip"
    path.write_bytes(packed(documents, str))
    ran = invoke(["replay", str(path), "--format", "json"])
    access = next(one for one in json.loads(ran.stdout)["results"] if one["check"] == "caller-access")
    assert access["status"] in {"unknown", "skip"}
    assert "No evidence" in ran.stdout


def test_the_owner_keeps_the_key_and_translates_back(tmp_path: Path) -> None:
    out, key = tmp_path / "out.zip", tmp_path / "key.json"
    with Simulator("owner-is-not-enough") as simulator:
        ran = check(simulator, tmp_path, "--bundle", str(out), "--map", str(key))
    account = "contoso-ai"
    assert account in ran.stdout
    assert account.encode() not in b"".join(zipfile.ZipFile(out).read(name) for name in zipfile.ZipFile(out).namelist())
    hidden = tmp_path / "hidden.json"
    hidden.write_text(invoke(["replay", str(out), "--format", "json"]).stdout, encoding="utf-8")
    told = json.loads(invoke(["unredact", str(hidden), "--map", str(key)]).stdout)
    assert told["target"]["resource_id"].lower() == ran.document["target"]["resource_id"].lower()
    assert told["root_causes"][0]["cause"] == ran.document["root_causes"][0]["cause"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--keep-ids"], "--bundle FILE"),
        (["--bundle", "x.zip", "--keep-ids", "--map", "k"], "no"),
        (["--bundle", "x.zip", "--wait", "1m"], "--wait"),
    ],
)
def test_options_that_contradict_each_other(options: list[str], says: str) -> None:
    ran = invoke(["check", "a/b/c", *options])
    assert ran.exit_code == 2
    assert says in ran.stderr
    assert not Path("x.zip").exists()


def test_collect_says_what_is_in_the_file(tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    with Simulator("healthy") as simulator:
        attached = ["--connect-to", simulator.connect_to, "--ca-file", str(simulator.ca_file), "--credential", "env"]
        ran = invoke(["collect", simulator.target, "--bundle", str(out), *attached], simulator.environ)
    assert ran.exit_code == 0, ran.stderr
    assert "Not in the file: tokens" in ran.stderr
    assert "replaced: name of a resource" in ran.stderr
    assert "The check itself said: pass" in ran.stderr


def test_a_bundle_is_what_its_schema_says(bundle: Path, tmp_path: Path) -> None:
    schema = json.loads(invoke(["schema", "bundle"]).stdout)
    redacted = tmp_path / "redacted.zip"
    assert invoke(["redact", str(bundle), "-o", str(redacted)]).exit_code == 0
    for path in (bundle, redacted):
        Draft202012Validator(schema).validate(unpacked(path))


def test_a_bundle_that_cannot_be_written_costs_no_report(tmp_path: Path) -> None:
    with Simulator("healthy") as simulator:
        ran = check(simulator, tmp_path, "--bundle", str(tmp_path / "nowhere" / "out.zip"))
    assert ran.exit_code == 2
    assert "could not be written" in ran.stderr
    assert ran.document["verdict"] == "pass"
