"""Every form of target names the same application; bad ones are refused with a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doctor.simulator import Simulator
from tests.check.cli import check

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("form", ["url", "short url", "id", "triple", "bare"])
def test_every_form_is_checked_alike(form: str, tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        url = azure.target.split("?", maxsplit=1)[0]
        resource_id = check(azure, tmp_path, target=url).document["target"]["resource_id"]
        parts = resource_id.split("/")
        forms = {
            "url": url,
            "short url": url.split("/protocols", maxsplit=1)[0],
            "id": resource_id.upper().replace("/SUBSCRIPTIONS", "/subscriptions"),
            "triple": f"{parts[8]}/{parts[10]}/{parts[12]}",
            "bare": parts[12],
        }
        ran = check(azure, tmp_path, target=forms[form])
    assert (ran.exit_code, ran.document["verdict"]) == (0, "pass")
    assert ran.document["target"]["resource_id"].lower() == resource_id.lower()


def test_a_name_that_nothing_has_is_a_result(tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        ran = check(azure, tmp_path, target="no-such-app")
    assert (ran.exit_code, ran.root["cause"]) == (1, "application-not-found")


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("contoso-ai.services.ai.azure.com/api/projects/p/agents/a", "https://contoso-ai.services.ai.azure.com/api"),
        ("https://contoso-ai.openai.azure.com/api/projects/p/agents/a", "https://contoso-ai.services.ai.azure.com/api"),
        ("<https://contoso-ai.services.ai.azure.com/api/projects/p/agents/a>", "/api/projects/p/agents/a\n"),
    ],
)
def test_what_is_no_target_exits_2_before_any_sign_in(given: str, right: str, tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        ran = check(azure, tmp_path, target=given)
        requests = azure.requests
    assert (ran.exit_code, ran.stdout, len(requests)) == (2, "", 0)
    assert right in ran.stderr


def test_a_foundry_address_that_is_no_agents_is_a_result(tmp_path: Path) -> None:
    with Simulator("healthy") as azure:
        base = azure.target.split("/applications/")[0]
        ran = check(azure, tmp_path, target=f"{base}/agents/helpdesk/protocols/openai/responses")
    assert (ran.exit_code, ran.root["cause"]) == (1, "wrong-endpoint")
    assert f"{base}/agents/helpdesk/endpoint/protocols/openai/responses" in ran.root["fixes"][0]["title"]
