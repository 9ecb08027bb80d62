"""The errors that the project's facts and public places hold: first cause, blame, action and principal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from doctor.reading import Evidence, classify, explain

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent
DATA = HERE.parent / "data"
FACTS = json.loads((DATA / "error_signatures.json").read_text("utf-8"))
EXAMPLES = json.loads((DATA / "explain_examples.json").read_text("utf-8"))
SETS = {
    name: tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))["case"]
    for name in ("held_out", "held_out_second", "held_out_third", "held_out_fourth")
}
CASES = [pytest.param(case, id=f"{name}-{case['id']}") for name, cases in SETS.items() for case in cases]

EXPECTED = json.loads((HERE / "facts_expected.json").read_text("utf-8"))
"""Id of a fact → the causes that are right; a fact that is a paraphrase without any words of a service has more."""


@pytest.mark.parametrize("case", CASES)
def test_a_public_error_is_read_right(case: dict[str, Any]) -> None:
    diagnoses = explain(case["text"].encode(), case.get("status")).diagnoses
    if case["cause"] == "success":
        assert diagnoses == ()
        return
    first = diagnoses[0]
    assert first.cause.value == case["cause"]
    assert first.blames.value == case.get("blames", "unknown")
    assert first.action == case.get("action", "")
    assert first.principal == case.get("principal", "")


def test_there_are_enough_of_them() -> None:
    assert sum(map(len, SETS.values())) >= 200


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["id"])
@pytest.mark.parametrize("shape", ["bare", "json", "python", "pasted"])
def test_a_fact_is_read_right_in_every_shape(fact: dict[str, Any], shape: str) -> None:
    message = fact["message"].replace("<oid>", "b3bd0e3e-7631-4f42-be6f-69317695d447")
    message = message.replace("<upn>", "sam.ito@litware.com")
    headers = {name.lower(): value for name, value in fact.get("headers", {}).items()}
    error = {"error": {"code": fact["code"], "message": message}}
    if shape == "bare" or message.startswith("{"):
        found = classify(Evidence(fact["http_status"], message, headers))
    elif shape == "json":
        found = classify(Evidence(fact["http_status"], json.dumps(error), headers))
    elif shape == "python":
        found = explain(f"HttpResponseError: Error code: {fact['http_status']} - {error}".encode()).diagnoses
    else:
        found = explain(json.dumps(error).encode(), fact["http_status"]).diagnoses
    assert (found[0].cause.value if found else "success") in EXPECTED[fact["id"]]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["id"])
def test_an_expert_says_the_same(example: dict[str, Any]) -> None:
    found = explain(example["input"].encode()).diagnoses
    assert [one.cause.value for one in found] == example["expected"]
    assert found[0].blames.value == (example["principal_blamed"] or "unknown")
    if example["data_action"]:
        assert found[0].action == example["data_action"]


SHORT = tomllib.loads((HERE / "short_texts.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", SHORT, ids=lambda case: case["id"])
def test_a_short_text_is_read_right(case: dict[str, Any]) -> None:
    found = explain(case["text"].encode()).diagnoses
    assert (found[0].cause.value if found else "success") == case["cause"]
    if "blames" in case:
        assert found[0].blames.value == case["blames"]
    if "action" in case:
        assert found[0].action == case["action"]
    if "principal" in case:
        assert found[0].principal == case["principal"]
