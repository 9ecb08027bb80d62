"""What is no target is refused in a sentence, with the nearest right form filled in from what was given."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.target import MalformedTarget, parse
from tests.target.test_forms import GUID, NAMES, agent_forms, project_id, project_url, read

AGENT = f"{project_url('contoso', 'shop')}/agents/desk"
RESPONSES = f"{AGENT}/endpoint/protocols/openai/responses"
NOBODY = "https://ACCOUNT.services.ai.azure.com/api/projects/PROJECT/agents/NAME/endpoint/protocols/openai/responses"


def nearest(text: str) -> str:
    with pytest.raises(MalformedTarget) as caught:
        read(text)
    assert str(caught.value).isprintable()
    return caught.value.nearest


@pytest.mark.parametrize(
    ("text", "right"),
    [
        # without its scheme, or with another one
        (AGENT.removeprefix("https://"), AGENT),
        (AGENT.replace("https", "http"), AGENT),
        (AGENT.replace("https://", "https:/"), RESPONSES),
        (AGENT.replace("https", "ftp"), RESPONSES),
        # what a paste brings along
        (f'"{AGENT}"', AGENT),
        (f"<{RESPONSES}>", RESPONSES),
        (f"`{AGENT}`", AGENT),
        (f"({AGENT}).", AGENT),
        (f"\u201c{AGENT}\u201d", AGENT),
        (f"[desk]({AGENT})", AGENT),
        (f"AGENT_ENDPOINT={AGENT}", AGENT),
        (f"curl -X POST '{RESPONSES}?api-version=v1' -d '{{}}'", f"{RESPONSES}?api-version=v1"),
        (f"'{project_id('contoso', 'shop')}/agents/desk'", f"{project_id('contoso', 'shop')}/agents/desk"),
        ("`desk`", "desk"),
        ("(contoso/shop/desk)", "contoso/shop/desk"),
        ("contoso/shop/desk/", "contoso/shop/desk"),
        # another host of the same account, or a misspelt one
        (RESPONSES.replace("services.ai", "openai"), RESPONSES),
        (AGENT.replace("services.ai", "cognitiveservices"), RESPONSES),
        (AGENT.replace("azure.com", "azure.con"), RESPONSES),
        (AGENT.replace("services.ai", "service.ai"), RESPONSES),
        ("https://contoso.openai.azure.com/openai/deployments/gpt", NOBODY.replace("ACCOUNT", "contoso")),
        ("https://contoso.services.ai.azure.com/", NOBODY.replace("ACCOUNT", "contoso")),
        ("contoso.services.ai.azure.com", NOBODY.replace("ACCOUNT", "contoso")),
        ("https://services.ai.azure.com/api/projects/shop/agents/desk", RESPONSES.replace("contoso", "ACCOUNT")),
        ("https://docs-search.search.windows.net/indexes", NOBODY),
        ("https://ai.azure.com/", NOBODY),
        (AGENT.replace("contoso.", "user:x@contoso."), RESPONSES),
        (AGENT.replace(".com/", ".com:8443/"), RESPONSES),
        # misspelt and swapped parts
        (RESPONSES.replace("/agents/", "/agent/"), RESPONSES),
        (RESPONSES.replace("/agents/", "/agnets/"), RESPONSES),
        (AGENT.replace("/api", ""), RESPONSES),
        (f"{project_url('contoso', 'shop')}/aplications/desk/protocols/openai/responses",
         f"{project_url('contoso', 'shop')}/applications/desk/protocols/openai/responses"),
        ("https://contoso.services.ai.azure.com/agents/desk/api/projects/shop", RESPONSES),
        ("https://contoso.services.ai.azure.com/api/agents/desk/project/shop", RESPONSES),
        # resource ids
        (project_id("contoso", "shop").replace("/projects/", "/project/") + "/agent/desk",
         project_id("contoso", "shop").replace("rg.one", "rg.one") + "/agents/desk"),
        (project_id("contoso", "shop").removesuffix("/projects/shop"),
         project_id("contoso", "PROJECT") + "/agents/NAME"),
        (f"/subscriptions/{GUID}/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w",
         project_id("ACCOUNT", "PROJECT").replace("rg.one", "rg") + "/agents/NAME"),
        # parts without an address
        ("shop/desk", "ACCOUNT/shop/desk"),
        ("rg/contoso/shop/desk", "contoso/shop/desk"),
        ("contoso/projects/shop/agents/desk", "contoso/shop/desk"),
        ("contoso\\shop\\desk", "contoso/shop/desk"),
        ("agents/desk", "ACCOUNT/PROJECT/desk"),
        ("desk:3", "ACCOUNT/PROJECT/desk"),
        (f"swedencentral.api.azureml.ms;{GUID};rg;shop", "ACCOUNT/shop/NAME"),
        # nothing to go by
        ("", NOBODY), ("   ", NOBODY), ("asst_a1B2c3D4e5", NOBODY), ("dana@contoso.example", NOBODY), ("a b c", NOBODY),
        ("\x1b[31m", NOBODY), ("https://[", NOBODY),
    ],
)  # fmt: skip
def test_the_nearest_right_form(text: str, right: str) -> None:
    assert nearest(text) == right


def test_the_reason_names_what_is_odd() -> None:
    for text, why in (
        (AGENT.replace("https", "http"), "must be an https://"),
        (AGENT.removeprefix("https://"), "without its https://"),
        (RESPONSES.replace("services.ai", "openai"), "no host of a Foundry endpoint"),
        ("https://example.com/api/projects/p/applications/a", "no token may go there"),
        ("asst_a1B2c3D4e5", "classic agent"),
        (RESPONSES.replace("/agents/", "/agent/"), "no 'agent'"),
    ):
        with pytest.raises(MalformedTarget, match=why):
            read(text)


@settings(deadline=None)  # a busy machine is no fault
@given(NAMES, NAMES, NAMES, st.sampled_from(["'{}'", '"{}"', "<{}>", "`{}`", "see {}", "({})", "{},", "url: {}"]))
def test_a_wrapped_form_is_offered_bare(account: str, project: str, name: str, wrapping: str) -> None:
    for text in agent_forms(account, project, name):
        bare = text.strip()
        if "://" not in bare:
            continue
        try:
            found = read(wrapping.format(bare))
        except MalformedTarget as error:
            again = read(error.nearest)
        else:
            again = found
        assert (again.account, again.project, again.name) == (account, project, name), text


def test_where_no_suffix_is_documented_a_triple_is_offered() -> None:
    with pytest.raises(MalformedTarget) as caught:
        parse("shop/desk", ai_suffixes=())
    assert caught.value.nearest == "ACCOUNT/shop/desk"
