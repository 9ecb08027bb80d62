"""Advice in the terms of the service that refused: texts judged before the reader saw them; values kept apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from doctor.use_cases.explain import explain
from tests.reading.measure import judge

HERE = Path(__file__).parent
SERVICES = json.loads((HERE / "held_out_services.json").read_text("utf-8"))
"""Varied from public reports of 2024 to 2026. First run: cause right in 87 of 92, advice in 83, both in 82."""
VALUES = json.loads((HERE / "held_out_values.json").read_text("utf-8"))
"""Varied from the sources that they name; the advice must hold the text's own values. First run: of the first 58 cause
right in 52, advice in 26, both in 25; of the next 42 cause in 40, advice in 34, both in 34; of the next 36 cause
in 35, advice in 30, both in 29; of the last 24, of services seen less often, cause in 22, advice in 16, both in 16."""
CASES = [*SERVICES, *VALUES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_cause_and_advice_are_right(case: dict[str, Any]) -> None:
    cause, advice, first = judge(case)
    assert cause, first
    assert advice, first


def test_the_sentence_that_proves_it_is_pointed_at() -> None:
    text = "2026-03-01 INFO start.\nLogin failed for user '<token-identified principal>'. More words."
    proof = explain(text.encode()).proofs[0]
    assert proof is not None
    assert text[proof.offset :].startswith("Login failed for user")
    assert proof.text == "Login failed for user '<token-identified principal>'."


def test_the_host_that_was_asked_decides_and_no_foundry_token_goes_elsewhere() -> None:
    text = "> GET /v1.0/myorg/groups HTTP/1.1\n> Host: api.powerbi.com\n>\n< HTTP/1.1 401 Unauthorized\n<\nno"
    fix = explain(text.encode()).diagnoses[0].fixes[0]
    assert "analysis.windows.net" in fix.title + fix.command
    assert "ai.azure.com" not in fix.title + fix.command


def test_an_unknown_host_gets_no_audience_and_no_role() -> None:
    text = "> GET /orders HTTP/1.1\n> Host: orders.contoso.com\n>\n< HTTP/1.1 401 Unauthorized\n<\nno"
    fix = explain(text.encode()).diagnoses[0].fixes[0]
    assert "orders.contoso.com" in fix.title
    assert fix.command == ""


def test_publishing_is_granted_on_the_project_that_is_there() -> None:
    scope = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a/projects/p"
    action = "Microsoft.CognitiveServices/accounts/projects/applications/write"
    text = (
        "(AuthorizationFailed) The client 'x' with object id '3f9d1c52-7b7e-4d58-9f7a-1c2d3e4f5a6b' does not have "
        f"authorization to perform action '{action}' over scope '{scope}/applications/helpdesk'"
    )
    command = explain(text.encode()).diagnoses[0].fixes[0].command
    assert command.endswith(f"--scope {scope}")
    assert "--assignee-principal-type" in command


def test_a_causes_name_and_our_own_report_are_answered() -> None:
    assert explain(b"role-lacks-action").diagnoses[0].cause.value == "role-lacks-action"
    assert explain(b'{"schema": "agentdoctor/report/1"').is_ours is False


ONE, TWO = "3f9d1c52-7b7e-4d58-9f7a-1c2d3e4f5a6b", "77777777-7b7e-4d58-9f7a-1c2d3e4f5a6b"
FOUNDRY = (
    f"The principal `{ONE}` lacks the required data action "
    "`Microsoft.CognitiveServices/accounts/AIServices/agents/write` to perform `POST /x` operation."
)
COSMOS = (
    f"Forbidden (403); Reason: (Request is blocked because principal [{TWO}] does not have required RBAC permissions "
    "to perform action [Microsoft.DocumentDB/databaseAccounts/readMetadata] on resource [/]."
)


@pytest.mark.parametrize("text", [f"{FOUNDRY}\n\n{COSMOS}", f"{COSMOS}\n\n{FOUNDRY}"])
def test_two_errors_are_two_diagnoses_and_their_values_are_never_mixed(text: str) -> None:
    told = {one.cause.value: one for one in explain(text.encode()).diagnoses}
    assert (told["permission-denied"].principal, told["native-role-missing"].principal) == (ONE, TWO)
    assert "AIServices" in told["permission-denied"].action
    assert "DocumentDB" in told["native-role-missing"].action
    assert ONE not in told["native-role-missing"].fixes[0].command


def test_who_was_signed_in_is_not_blamed_for_anothers_refusal() -> None:
    first = explain(f"Signed in as dana@contoso.example (object id {TWO}).\nError: 401 {FOUNDRY}".encode()).diagnoses[0]
    assert first.principal == ONE
    assert first.blames.value == "unknown"
