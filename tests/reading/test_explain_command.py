"""The command line: exit codes, formats, what is never printed."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.cli.explain import command
from doctor.evidence.archive import EXCHANGES, MANIFEST, packed
from doctor.evidence.exchanges import Recorded, to_har
from doctor.model.cause import Cause
from doctor.reading import explain

ROOT = Path(__file__).parents[2]
REFUSAL = (
    "The principal `b3bd0e3e-7631-4f42-be6f-69317695d447` lacks the required data action "
    "`Microsoft.CognitiveServices/accounts/AIServices/agents/write` to perform `POST /x` operation."
)
SUCCESS = '{"object":"response","status":"completed","error":null,"output":[]}'


def run(*arguments: Any, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(command, list(arguments), input=stdin)


def test_a_diagnosis_is_exit_code_0() -> None:
    result = run(REFUSAL)
    assert result.exit_code == 0
    assert result.stdout.startswith("1. permission-denied (high confidence)\n")
    assert (
        "\n     az role assignment create --assignee-object-id b3bd0e3e-7631-4f42-be6f-69317695d447 " in result.stdout
    )


def test_a_success_is_exit_code_0() -> None:
    result = run(SUCCESS)
    assert (result.exit_code, result.stdout) == (0, "There is no error in it.\n")


def test_the_unknown_is_exit_code_3_and_shown() -> None:
    result = run("the gizmo wobbled")
    assert result.exit_code == 3
    assert "the gizmo wobbled" in result.stdout


@pytest.mark.parametrize(
    "arguments", [("",), ("  \n",), ("-",), ("missing.log",), ("/no/such/file",), ("--body", "missing")]
)
def test_wrong_usage_is_exit_code_2_and_prints_nothing_on_stdout(arguments: Any) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_text_and_body_together_are_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("x")
    assert run("text", "--body", str(tmp_path / "b")).exit_code == 2


def test_stdin_file_and_body_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / "error.txt"
    file.write_text(REFUSAL)
    outputs = {
        run("-", stdin=REFUSAL.encode()).stdout,
        run(stdin=REFUSAL.encode()).stdout,
        run(str(file)).stdout,
        run("--body", str(file)).stdout,
        run("--status", "401", "--body", str(file)).stdout,
    }
    assert len(outputs) == 1


def test_a_status_alone_is_enough() -> None:
    result = run("--status", "407", stdin=b"")
    assert result.exit_code == 0
    assert result.stdout.startswith("1. proxy-failed")


def test_the_status_of_a_body_counts(tmp_path: Path) -> None:
    file = tmp_path / "body.html"
    file.write_text("<html><title>x</title></html>")
    assert (
        json.loads(run("--status", "502", "--body", str(file), "--format", "json").stdout)["diagnoses"][0]["cause"]
        == "not-azure"
    )


def test_json_has_the_promised_fields() -> None:
    document = json.loads(run(REFUSAL, "--format", "json").stdout)
    assert document["schema"] == "agentdoctor/explain/1"
    assert document["recognised"] is True
    first = document["diagnoses"][0]
    assert first["cause"] == "permission-denied"
    assert first["principal"] == "b3bd0e3e-7631-4f42-be6f-69317695d447"
    assert first["blames"] == "caller"
    assert first["action"] == "Microsoft.CognitiveServices/accounts/AIServices/agents/write"
    assert first["operation"] == "POST /x"
    assert first["fixes"][0]["command"].startswith("az role assignment create ")
    assert {one["cause"] for one in document["diagnoses"]} <= {cause.value for cause in Cause}
    assert json.loads(run(SUCCESS, "--format", "json").stdout)["diagnoses"] == []
    assert json.loads(run("gizmo", "--format", "json").stdout)["diagnoses"][0]["cause"] == "unrecognised"


def test_markdown_cannot_be_injected() -> None:
    text = (
        "The principal `x](https://evil)` lacks the required data action `Microsoft.CognitiveServices/a/write` to @team"
    )
    out = run(text, "--format", "markdown").stdout
    assert "](https://evil)" not in out.replace("`", "")
    assert "@team" not in out
    assert "```" not in run("gizmo ``` <script>", "--format", "markdown").stdout.replace("```text", "").replace(
        "\n```", ""
    )


@pytest.mark.parametrize("style", ["text", "json", "markdown"])
def test_no_secret_and_no_control_character_is_printed(style: str) -> None:
    secret = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FpLmF6dXJlLmNvbSJ9.c2lnbmF0dXJlLXBhcnQ"
    text = (
        f"\x1b[31mAuthorization: Bearer {secret}\r\nCookie: sid=verysecret\r\n"
        f"\u202e AccountKey=c2VjcmV0c2VjcmV0c2VjcmV0\x07\n"
        f"?sig=abc%2Bdef123 gizmo \x00 ::error::x ##vso[task]\n"
    )
    for data in (
        text,
        text + REFUSAL,
        f"The principal `{secret}` lacks the required data action `Microsoft.X/y/read` to",
    ):
        out = run("-", "--format", style, stdin=data.encode()).stdout
        assert "c2lnbmF0dXJl" not in out
        assert "verysecret" not in out
        assert "c2VjcmV0" not in out
        assert "abc%2Bdef" not in out
        assert "##vso[" not in out
        assert all(char.isprintable() or char == "\n" for char in out)
        assert not any(line.startswith("::") for line in out.splitlines())


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=3000), st.text(max_size=2000).map(lambda text: text.encode("utf-8", "replace"))))
def test_any_bytes_are_explained(data: bytes) -> None:
    explanation = explain(data)
    for one in explanation.diagnoses:
        assert one.summary
        assert (one.principal + one.action + one.scope + one.operation).isprintable()


WORDS = [
    *(
        "{",
        "}",
        '"',
        "\\",
        "error",
        "code",
        "401",
        "403",
        "AADSTS",
        "50076",
        "principal",
        "data: ",
        "HTTP/1.1 ",
        "\n",
        "\r\n",
    ),
    *("lacks the required data action", "<html>", "eyJ", ".", "Microsoft.X/y/action", ":", "[", "]"),
    "b3bd0e3e-7631-4f42-be6f-69317695d447",
]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=80).map("".join), st.sampled_from([None, 200, 400, 401, 403, 500]))
def test_any_mixture_of_telling_pieces_is_explained(text: str, status: int | None) -> None:
    explanation = explain(text.encode(), status)
    assert len({one.cause for one in explanation.diagnoses}) == len(explanation.diagnoses)


def test_deep_nesting_does_not_break_it() -> None:
    for opening in (b"[", b'{"a":'):
        assert explain(opening * 200_000).diagnoses[0].cause is Cause.UNRECOGNISED


@pytest.mark.parametrize(
    "piece",
    [
        *(b"a", b"\n", b" ", b"{", b'"', b"\\", b"eyJ", b"<", b"&", b"\x1b[", b"\xff", b"principal ", b"data: {}\n\n"),
        *(b"HTTP/1.1 200 OK\n", b"/subscriptions/a/resourceGroups/", b"AADSTS", b"error code: "),
        b"the access token is not found in the connection\n",
    ],
)
def test_a_megabyte_of_anything_is_quick(piece: Any) -> None:
    import time  # noqa: PLC0415 - only here

    data = piece * (1_000_000 // len(piece))
    explain(b"warm")
    begin = time.process_time()
    explain(data)
    assert time.process_time() - begin < 1.5


def test_help_and_a_wrong_call_do_not_load_the_catalogue() -> None:
    code = (
        "import sys; from doctor.cli.explain import command\n"
        "try: command.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith(('doctor.reading', 'azure', 'httpx'))])"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert out.rstrip().endswith("[]")


def test_explaining_needs_neither_azure_nor_network() -> None:
    code = (
        "import sys; from doctor.cli.explain import command\n"
        "command.main(['Please run az login'], standalone_mode=False)\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('azure', 'httpx', 'socket', 'ssl')])"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert out.rstrip().endswith("[]")


def test_a_bundle_is_explained_refusal_by_refusal(tmp_path: Path) -> None:
    body = '{"error":{"code":"PermissionDenied","message":"The principal `%s` lacks the required data action `%s`."}}'
    action = "Microsoft.CognitiveServices/accounts/AIServices/agents/write"
    ids = ("b3bd0e3e-7631-4f42-be6f-69317695d447", "c3bd0e3e-7631-4f42-be6f-69317695d447")
    started = datetime(2026, 11, 25, tzinfo=timezone.utc)
    url = "https://contoso-aif.services.ai.azure.com/api/projects/p/agents"
    asked = [Recorded("POST", url, started, status=403, body=body % (one, action)) for one in ids]
    bundle = tmp_path / "a.zip"
    bundle.write_bytes(packed({MANIFEST: {}, EXCHANGES: to_har(asked, "1")}, str))
    done = run(str(bundle), "--format", "json")
    assert done.exit_code == 0, done.output
    assert {one["principal"] for one in json.loads(done.output)["diagnoses"]} == set(ids)


def test_another_archive_is_named_as_what_it_is(tmp_path: Path) -> None:
    archive = tmp_path / "b.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("x.txt", "403")
    done = run(str(archive))
    assert done.exit_code == 2
    assert "no bundle of agentdoctor" in done.output


def test_two_refusals_of_one_cause_are_two_diagnoses() -> None:
    text = (
        "The principal `{}` lacks the required data action `Microsoft.CognitiveServices/accounts/AIServices/agents/{}`."
    )
    ids = ("b3bd0e3e-7631-4f42-be6f-69317695d447", "c3bd0e3e-7631-4f42-be6f-69317695d447")
    found = explain(
        "\n".join(text.format(one, verb) for one, verb in zip(ids, ("write", "read"), strict=True)).encode()
    )
    refusals = [one for one in found.diagnoses if one.cause is Cause.PERMISSION_DENIED]
    assert [(one.principal, one.action.rpartition("/")[2]) for one in refusals] == [(ids[0], "write"), (ids[1], "read")]
