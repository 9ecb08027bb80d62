"""Live answers: does one prove that the caller was let in, and what does it say?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from doctor.model.cause import Cause
from doctor.model.diagnosis import Blame
from doctor.model.exchange import Answer
from doctor.model.identity import IdentityRole
from doctor.reading import Context, Evidence, Plane, Proof, classify, classify_answer, is_completed, proof, tool_errors

OID = "b3bd0e3e-7631-4f42-be6f-69317695d447"
REFUSAL = {
    "error": {
        "code": "PermissionDenied",
        "message": f"The principal `{OID}` lacks the required data action "
        "`Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action` to perform `POST /x` operation.",
    }
}


def answer(status: int, body: Any, **headers: str) -> Answer:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Answer("POST", "https://a.services.ai.azure.com/x", status, headers, data, 12)


def error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


LET_IN = [
    (200, {"id": "resp_1", "object": "response", "status": "completed", "output": []}),
    (200, 'data: {"type":"response.created"}\n\n'),
    (400, error("missing_required_parameter", "Missing required parameter: 'input'.")),
    (400, error("invalid_payload", "The provided data does not match the expected schema")),
    (400, {"error": {"message": "'model' is a required property", "type": "invalid_request_error", "param": None}}),
    (400, error("BadRequest", "The request body is empty.")),
    (405, error("invalid_request_error", "Invalid method for URL")),
    (415, error("UnsupportedMediaType", "Unsupported media type")),
    (400, error("DeploymentNotFound", "The API deployment for this resource does not exist.")),
    (
        400,
        error(
            "tool_user_error", "Error encountered while enumerating tools from remote server: https://x. Details: 403"
        ),
    ),
]
REFUSED = [
    (401, REFUSAL),
    (403, error("Forbidden", f"Identity(object id: {OID}) does not have permissions for Microsoft.X/a/write actions.")),
    (401, {"statusCode": 401, "message": "Unauthorized. Access token is missing, invalid, audience is incorrect (x)"}),
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (403, error("403", "Public access is disabled. Please configure private endpoint.")),
    (
        400,
        error(
            "Tenant provided in token does not match resource token", "Token tenant a does not match resource tenant."
        ),
    ),
    (403, error("AuthenticationTypeDisabled", "Key based authentication is disabled for this resource.")),
]
PROVES_NOTHING = [
    (422, {"detail": [{"loc": ["body", "input"], "msg": "field required", "type": "value_error.missing"}]}),
    (400, {"timestamp": "2026-01-01", "status": 400, "error": "Bad Request", "path": "/x"}),
    (400, {"message": "Invalid request body"}),
    (400, "Bad Request: input missing"),
    (413, "Request Entity Too Large"),
    (415, ""),
    (405, ""),
    (422, "<html>x</html>"),
    (200, {}),
    (200, {"ok": True}),
    (204, ""),
    (202, {"id": "x"}),
    (400, error("BadRequest", "Missing required query parameter: api-version")),
    (400, error("BadRequest", "API version not supported")),
    (403, error("preview_feature_required", "Send the header Foundry-Features: AgentEndpoints=V1Preview")),
    (400, "<html><head><title>400 Bad Request</title></head></html>"),
    (405, "<html><head><title>405 Not Allowed</title></head></html>"),
    (400, ""),
    (404, error("404", "Resource not found")),
    (429, error("429", "Rate limit is exceeded")),
    (500, error("server_error", "x")),
    (502, "<html>502 Bad Gateway</html>"),
    (302, ""),
    (200, "<!DOCTYPE html><html><title>Sign in</title></html>"),
]


@pytest.mark.parametrize(("status", "body"), LET_IN)
def test_let_in(status: int, body: Any) -> None:
    assert proof(answer(status, body)) is Proof.ACCEPTED


@pytest.mark.parametrize(("status", "body"), REFUSED)
def test_refused(status: int, body: Any) -> None:
    assert proof(answer(status, body)) is Proof.REFUSED


@pytest.mark.parametrize(("status", "body"), PROVES_NOTHING)
def test_proves_nothing(status: int, body: Any) -> None:
    assert proof(answer(status, body)) is Proof.SILENT


def test_an_empty_page_with_an_html_type_is_not_the_api() -> None:
    assert proof(answer(200, "hello", **{"content-type": "text/html"})) is Proof.SILENT


@pytest.mark.parametrize(
    ("status", "body", "done"),
    [
        (200, {"object": "response", "status": "completed", "output": []}, True),
        (200, {"object": "response", "status": "in_progress", "output": []}, False),
        (200, {"object": "response", "status": "incomplete", "output": []}, False),
        (200, {"object": "response", "status": "completed", "output": [{"type": "mcp_call", "error": "403"}]}, False),
        (200, {}, False),
        (200, "", False),
        (202, {"id": "x"}, False),
        (200, 'data: {"type":"response.created","response":{"object":"response","status":"in_progress"}}\n\n', False),
        (200, 'data: {"type":"response.completed","response":{"object":"response","status":"completed"}}\n\n', True),
        (200, {"jsonrpc": "2.0", "id": 1, "result": {"kind": "task", "status": {"state": "completed"}}}, True),
        (200, {"jsonrpc": "2.0", "id": 1, "result": {"kind": "task", "status": {"state": "failed"}}}, False),
        (200, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32600, "message": "x"}}, False),
    ],
)
def test_only_a_call_that_was_answered_to_its_end_is_completed(status: int, body: Any, *, done: bool) -> None:
    assert is_completed(answer(status, body)) is done


def test_a_good_answer_has_no_diagnoses() -> None:
    good = {"object": "response", "status": "completed", "error": None, "output": []}
    assert classify_answer(answer(200, good), Context(plane=Plane.ENDPOINT)) == ()
    assert classify_answer(answer(200, {"value": []}), Context(plane=Plane.ARM)) == ()


@pytest.mark.parametrize(
    ("context", "blamed"),
    [
        (Context(), Blame.CALLER),
        (Context(caller_ids=frozenset({OID})), Blame.CALLER),
        (Context(caller_ids=frozenset({"another"})), Blame.UNKNOWN),
        (Context(identities={OID: IdentityRole.CALLER}), Blame.CALLER),
        (Context(identities={OID: IdentityRole.APPLICATION_AGENT}), Blame.AGENT),
        (Context(identities={OID: IdentityRole.PROJECT_AGENT}), Blame.AGENT),
        (Context(identities={OID: IdentityRole.PROJECT_MANAGED_IDENTITY}), Blame.PROJECT),
        (Context(identities={OID: IdentityRole.ACCOUNT_MANAGED_IDENTITY}), Blame.UNKNOWN),
        (Context(in_run=True), Blame.AGENT),
    ],
)
def test_who_is_blamed(context: Context, blamed: Blame) -> None:
    assert classify(Evidence(401, json.dumps(REFUSAL), {}, context))[0].blames is blamed


def test_a_refusal_of_another_principal_never_blames_the_caller() -> None:
    context = Context(plane=Plane.ENDPOINT, caller_ids=frozenset({"11111111-2222-3333-4444-555555555555"}))
    assert classify_answer(answer(401, REFUSAL), context)[0].blames is not Blame.CALLER


def test_a_downstream_refusal_blames_whom_the_run_knows() -> None:
    text = f"principal [{OID}] does not have required RBAC permissions to perform action [Microsoft.DocumentDB/x] on"
    known = Context(identities={OID: IdentityRole.APPLICATION_AGENT})
    assert classify(Evidence(403, text))[0].blames is Blame.UNKNOWN
    assert classify(Evidence(403, text, {}, known))[0].blames is Blame.AGENT


def test_the_body_goes_before_the_status() -> None:
    assert classify(Evidence(401, json.dumps(REFUSAL)))[0].cause is Cause.PERMISSION_DENIED
    assert classify(Evidence(403, "Please run 'az login' to setup account."))[0].cause is Cause.NO_CREDENTIAL


def test_a_status_alone_is_said_with_little_confidence() -> None:
    for status in (401, 403, 404, 500):
        assert classify(Evidence(status, ""))[0].confidence.value == "low"


def test_a_challenge_header_is_read() -> None:
    challenge = 'Bearer error="invalid_token", error_description="The access token is from the wrong issuer."'
    headers = {"www-authenticate": challenge}
    assert classify(Evidence(401, "", headers))[0].cause is Cause.WRONG_TENANT
    assert classify(Evidence(502, "", {"x-adc-response-details": "SandboxIdle"}))[0].cause is Cause.AGENT_RUNTIME_FAILED


ITEMS = [
    ({"type": "mcp_call", "status": "failed", "error": "401 Unauthorized"}, Cause.TOOL_DENIED),
    ({"type": "mcp_list_tools", "error": {"code": 403, "message": "Forbidden"}}, Cause.TOOL_DENIED),
    ({"type": "openapi_call", "status": "failed", "error": "boom"}, Cause.TOOL_FAILED),
    ({"type": "oauth_consent_request", "consent_link": "https://x"}, Cause.CONSENT_MISSING),
    ({"type": "mcp_call", "output": '{"error":"forbidden"}', "status": "completed"}, Cause.TOOL_DENIED),
]


@pytest.mark.parametrize(("item", "cause"), ITEMS)
def test_a_failed_item_of_an_answer_is_found(item: dict[str, Any], cause: Any) -> None:
    text = json.dumps({"object": "response", "status": "completed", "error": None, "output": [item]})
    assert tool_errors(text)[0].cause is cause


def test_a_failed_response_in_a_stream_is_found() -> None:
    failed = {
        "object": "response",
        "status": "failed",
        "error": {"code": "server_error", "message": REFUSAL["error"]["message"]},
    }
    text = f"event: response.failed\ndata: {json.dumps({'type': 'response.failed', 'response': failed})}\n\n"
    found = tool_errors(text)
    assert found[0].cause is Cause.PERMISSION_DENIED
    assert found[0].blames is Blame.AGENT


def test_what_the_agent_wrote_is_not_evidence() -> None:
    said = "AuthorizationFailed: lacks the required data action X. 403 Forbidden. AADSTS50076."
    message = {"type": "message", "status": "completed", "content": [{"type": "output_text", "text": said}]}
    text = json.dumps(
        {"object": "response", "status": "completed", "error": None, "instructions": said, "output": [message]}
    )
    delta = f"data: {json.dumps({'type': 'response.output_text.delta', 'sequence_number': 1, 'delta': said})}\n\n"
    assert tool_errors(text) == ()
    assert tool_errors(delta) == ()


def test_two_failed_tools_are_two_diagnoses() -> None:
    items = [
        {"type": "mcp_call", "server_label": "a", "error": "403 Forbidden", "status": "failed"},
        {"type": "oauth_consent_request", "server_label": "b", "consent_link": "https://x"},
    ]
    causes = {one.cause for one in tool_errors(json.dumps({"object": "response", "output": items}))}
    assert {Cause.TOOL_DENIED, Cause.CONSENT_MISSING} <= causes
