"""Every form of target names the same application; bad ones are refused with a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.simulator import Simulator
from doctor.target import Kind, MalformedTarget, Target, parse
from tests.check.cli import check

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = ("services.ai.azure.com",)
BASE = "https://contoso.services.ai.azure.com/api/projects/shop/applications/support"
GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
ARM = (
    f"/subscriptions/{GUID}/resourceGroups/rg/providers/Microsoft.CognitiveServices"
    "/accounts/contoso/projects/shop/applications/support"
)


def read(text: str) -> Target:
    return parse(text, ai_suffixes=SUFFIXES)


@pytest.mark.parametrize(
    "text",
    [
        BASE,
        BASE + "/",
        BASE + "/protocols/openai/responses",
        BASE + "/protocols/openai/responses?api-version=2025-11-15-preview",
        BASE + "/protocols/openai",
        BASE.replace("contoso", "CONTOSO"),
        ARM,
        ARM.strip("/") + "/",
        ARM.replace("resourceGroups", "RESOURCEGROUPS").replace("Microsoft", "MICROSOFT"),
        "contoso/shop/support",
        f"  {BASE}\n",
    ],
)
def test_forms_of_one_application(text: str) -> None:
    target = read(text)
    assert (target.kind, target.account.lower(), target.project, target.name) == (
        Kind.APPLICATION, "contoso", "shop", "support",
    )  # fmt: skip
    assert not target.wrong_because


def test_a_bare_name() -> None:
    assert read("support-agent_2.0") == Target("support-agent_2.0", Kind.APPLICATION, name="support-agent_2.0")


def test_the_api_version_and_the_path_of_a_url_are_kept() -> None:
    target = read(BASE + "/protocols/openai/conversations?api-version=v7")
    assert (target.api_version, target.path) == ("v7", "protocols/openai/conversations")


def test_a_new_model_agent() -> None:
    url = (
        "https://c.services.ai.azure.com/api/projects/p/agents/desk/endpoint/protocols/openai/responses?api-version=v1"
    )
    assert (read(url).kind, read(url).name) == (Kind.AGENT, "desk")
    assert read(ARM.replace("applications", "agents")).kind is Kind.AGENT


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://contoso.services.ai.azure.com/api/projects/shop", "project's endpoint"),
        ("https://contoso.services.ai.azure.com/api/projects/shop/assistants", "project's own API"),
        ("https://contoso.services.ai.azure.com/api/projects/shop/agents/desk", "management path"),
        ("https://contoso.services.ai.azure.com/", "no /api/projects/"),
        ("https://contoso.openai.azure.com/openai/deployments/gpt", "not a Foundry endpoint"),
    ],
)
def test_an_azure_address_that_is_not_an_applications(text: str, why: str) -> None:
    assert why in read(text).wrong_because


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "a/b", "a/b/c/d", "https://example.com/api/projects/p/applications/a",
        BASE.replace("https", "http"), BASE.replace("https://", "https://user@"), BASE.replace(".com/", ".com:8443/"),
        "https://[", "/subscriptions/x/y", ARM.replace("/applications/support", ""), "ftp://x", "\x1b[31m",
        "contoso.services.ai.azure.com/api/projects/p/applications/a",
    ],
)  # fmt: skip
def test_malformed(text: str) -> None:
    with pytest.raises(MalformedTarget) as caught:
        read(text)
    assert str(caught.value).isprintable()


@given(st.text())
def test_any_text_is_a_target_or_malformed(text: str) -> None:
    try:
        given_text = read(text).given
    except MalformedTarget:
        return
    assert given_text == text.strip()


def test_a_host_that_the_user_vouches_for() -> None:
    url = "https://gateway.example/api/projects/shop/applications/support"
    assert parse(url, ai_suffixes=SUFFIXES, allowed_hosts=("gateway.example",)).name == "support"


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
