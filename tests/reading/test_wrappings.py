"""One refusal, however it is wrapped when people paste it, is read the same."""

from __future__ import annotations

import base64
import html
import json

import pytest

from doctor.model.cause import Cause
from doctor.use_cases.explain import explain

PRINCIPAL = "b3bd0e3e-7631-4f42-be6f-69317695d447"
ACTION = "Microsoft.CognitiveServices/accounts/AIServices/agents/write"
MESSAGE = (
    f"The principal `{PRINCIPAL}` lacks the required data action `{ACTION}` to perform "
    "`POST /api/projects/{projectName}/openai/*` operation. For instructions on granting the necessary permissions, "
    "see https://aka.ms/FoundryPermissions."
)
BODY = json.dumps({"error": {"code": "PermissionDenied", "message": MESSAGE}})
APPLICATION_ID = (
    "/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts/a/projects/p/applications/x"
)
NOISE = "".join(
    f"2026-03-09T07:{i % 60:02d}:12Z INFO worker {i:08x} status=200 handled item {i}\n" for i in range(20_000)
)
HTTP = f"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nx-request-id: {'5f' * 16}\r\n\r\n{BODY}"
CURL = (
    "*   Trying 20.1.2.3:443...\n> POST /api/projects/p/applications/a/protocols/openai/responses HTTP/1.1\n"
    "> Host: acct.services.ai.azure.com\n>\n< HTTP/1.1 401 Unauthorized\n< content-type: application/json\n<\n"
    f"{BODY}\n* Connection #0 to host acct.services.ai.azure.com left intact\n"
)


def _har(encoding: str | None = None) -> str:
    text = base64.b64encode(BODY.encode()).decode() if encoding else BODY
    content = {"mimeType": "application/json", "text": text, **({"encoding": encoding} if encoding else {})}
    entries = [
        {"request": {"url": "https://x/"}, "response": {"status": 200, "content": {"text": "{}"}}},
        {"request": {"url": "https://acct.services.ai.azure.com/"}, "response": {"status": 401, "content": content}},
    ]
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def _wrapped(width: int) -> str:
    return "\n".join(MESSAGE[at : at + width] for at in range(0, len(MESSAGE), width))


WRAPPINGS = {
    "plain": MESSAGE.encode(),
    "json": BODY.encode(),
    "json in json": json.dumps(BODY).encode(),
    "json in json in json": json.dumps({"message": json.dumps({"inner": BODY})}).encode(),
    "python": f"openai.AuthenticationError: Error code: 401 - {json.loads(BODY)}".encode(),
    "http": HTTP.encode(),
    "curl -v": CURL.encode(),
    "har": _har().encode(),
    "har base64": _har("base64").encode(),
    "dotnet": f"Azure.RequestFailedException: {MESSAGE}\r\nStatus: 401 (PermissionDenied)\r\n   at X.Y()\r\n".encode(),
    "java": f'com.azure.core.exception.HttpResponseException: Status code 401, "{BODY}"\n\tat a.b(C.java:1)'.encode(),
    "node": f"RestError: {MESSAGE}\n    at handle (/app/x.js:1:1) {{ statusCode: 401 }}".encode(),
    "go": f"RESPONSE 401: 401 Unauthorized\nERROR CODE: PermissionDenied\n----\n{BODY}".encode(),
    "ansi": f"\x1b[31;1mERROR:\x1b[0m {MESSAGE}\x1b]0;title\x07".encode(),
    "crlf": MESSAGE.replace(". ", ".\r\n").encode(),
    "utf-8 with a mark": b"\xef\xbb\xbf" + BODY.encode(),
    "utf-16-le with a mark": b"\xff\xfe" + BODY.encode("utf-16-le"),
    "utf-16-be with a mark": b"\xfe\xff" + BODY.encode("utf-16-be"),
    "utf-16-le": MESSAGE.encode("utf-16-le"),
    "utf-16-be": MESSAGE.encode("utf-16-be"),
    "utf-32": MESSAGE.encode("utf-32"),
    "broken bytes": b"\xff\xfe\xfd caf\xe9 \x80\x81 " + MESSAGE.encode(),
    "nul bytes": b"\x00\x00" + MESSAGE.encode() + b"\x00",
    "cut short": BODY[: BODY.index(" to perform")].encode(),
    "double quotes": MESSAGE.replace("`", '"').encode(),
    "no quotes": MESSAGE.replace("`", "").encode(),
    "typographic quotes": MESSAGE.replace("`", "\u201d").encode(),
    "html escaped": html.escape(BODY).encode(),
    "broken at 40": _wrapped(40).encode(),
    "broken at 33": _wrapped(33).encode(),
    "quoted mail": "\n".join(f"> {line}" for line in MESSAGE.split(". ")).encode(),
    "a log before": (NOISE + BODY).encode(),
    "a log around": (NOISE + MESSAGE + "\n" + NOISE).encode(),
    "a log after": (BODY + "\n" + NOISE).encode(),
    "one long line": (NOISE.replace("\n", " ") + BODY + NOISE.replace("\n", " ")).encode(),
    "json lines": "".join(json.dumps({"level": "info", "msg": f"item {i}"}) + "\n" for i in range(3000)).encode()
    + json.dumps({"level": "error", "msg": MESSAGE}).encode(),
}


@pytest.mark.parametrize("data", WRAPPINGS.values(), ids=WRAPPINGS)
def test_the_refusal_is_found(data: bytes) -> None:
    first = explain(data).diagnoses[0]
    assert first.cause is Cause.PERMISSION_DENIED
    assert first.principal == PRINCIPAL
    assert first.action == ACTION
    assert first.blames.value == "caller"


def test_letter_case_does_not_matter() -> None:
    first = explain(BODY.upper().encode()).diagnoses[0]
    assert first.cause is Cause.PERMISSION_DENIED
    assert first.principal.lower() == PRINCIPAL
    assert first.action.lower() == ACTION.lower()


@pytest.mark.parametrize("prefix", ["event: error\ndata: ", "data: "])
def test_in_a_stream_the_refused_one_is_the_agent(prefix: str) -> None:
    event = {"type": "error", "sequence_number": 3, "code": "server_error", "message": f"(PermissionDenied) {MESSAGE}"}
    first = explain(f"{prefix}{json.dumps(event)}\n\n".encode()).diagnoses[0]
    assert first.cause is Cause.PERMISSION_DENIED
    assert first.blames.value == "agent"
    assert first.principal == PRINCIPAL


def test_ids_times_and_the_next_command_are_read() -> None:
    text = (
        f"POST https://acct.services.ai.azure.com/api/projects/p/applications/my-app/protocols/openai/responses?x=1\n{HTTP}"
        "\nDate: Mon, 09 Mar 2026 07:45:12 GMT"
    )
    explanation = explain(text.encode())
    assert explanation.request_ids == ("5f" * 16,)
    assert explanation.times == ("Mon, 09 Mar 2026 07:45:12 GMT",)
    assert explanation.next_command == (
        "agentdoctor check https://acct.services.ai.azure.com/api/projects/p/applications/my-app"
    )


def test_unknown_parts_of_commands_are_shell_safe_words() -> None:
    fix = explain(f"lacks the required data action {ACTION}".encode()).diagnoses[0].fixes[0]
    assert "--assignee-object-id OBJECT_ID " in fix.command
    assert "/subscriptions/SUBSCRIPTION_ID/resourceGroups/RESOURCE_GROUP/" in fix.command
    assert not set("<>$;&|`'\"") & set(fix.command)


def test_a_hostile_principal_cannot_leave_its_quotes() -> None:
    text = (
        "The principal `$(rm${IFS}-rf${IFS}~)` lacks the required data action `Microsoft.CognitiveServices/a/b/write`"
    )
    fix = explain(text.encode()).diagnoses[0].fixes[0]
    assert "$(" not in fix.command or "'$(" in fix.command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (
            "The subscription is not registered to use namespace 'Microsoft.App'",
            "az provider register --namespace Microsoft.App",
        ),
        ("Could not resolve host: acct.services.ai.azure.com", "nslookup acct.services.ai.azure.com"),
        ("AADSTS50020: User account 'a' does not exist in tenant", "az login --tenant TENANT_ID"),
    ],
)
def test_a_command_is_filled_in_as_far_as_the_text_allows(text: str, command: str) -> None:
    assert explain(text.encode()).diagnoses[0].fixes[0].command == command


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("error at acct.services.ai.azure.com: forbidden", "acct/PROJECT/APPLICATION"),
        ("https://acct.services.ai.azure.com/api/projects/p/agents 403", "acct/p/APPLICATION"),
        (
            "https://acct.services.ai.azure.com/api/projects/p/agents/a/versions 403",
            "https://acct.services.ai.azure.com/api/projects/p/agents/a",
        ),
        (
            f"{APPLICATION_ID} 403",
            APPLICATION_ID,
        ),
        (
            "https://acct.services.ai.azure.com/api/projects/p/applications/a;rm -rf ~/x 403",
            "'https://acct.services.ai.azure.com/api/projects/p/applications/a;rm'",
        ),
    ],
)
def test_the_next_command_names_the_target(text: str, target: str) -> None:
    assert explain(text.encode()).next_command == f"agentdoctor check {target}"
