import json
import re

from hypothesis import given
from hypothesis import strategies as st

from doctor.evidence.identifiers import IdentifierKind, in_json, in_text, words_of
from doctor.evidence.pseudonyms import Pseudonyms
from doctor.model.resource_id import ResourceId

SUBSCRIPTION = "9f2d3c4b-1111-4222-8333-123456789abc"
ACCOUNT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-Prod/providers/Microsoft.CognitiveServices/accounts/Contoso-AI"
)
DOCUMENT = {
    "id": f"{ACCOUNT}/projects/shop/agents/helpdesk",
    "properties": {
        "displayName": "Dana Miller",
        "endpoint": "https://contoso-ai.services.ai.azure.com/api/projects/shop",
        "target": "https://mcp.contoso.com/mcp",
        "userAssignedIdentities": {f"{ACCOUNT}/userAssignedIdentities/uami": {"principalId": SUBSCRIPTION.upper()}},
    },
    "note": "dana@contoso.com may not call helpdesk; see Contoso-AI-shop-helpdesk-AgentIdentity in RG-prod",
}


def pseudonyms(document: object) -> Pseudonyms:
    return Pseudonyms.of(in_json(document), reserved=words_of([document]))


def test_every_place_and_letter_case_gets_the_same_pseudonym() -> None:
    names = pseudonyms(DOCUMENT)
    text = json.dumps(names.replace_json(DOCUMENT))
    for planted in ("contoso", "dana", "helpdesk", "rg-prod", "miller", "uami", SUBSCRIPTION):
        assert planted not in text.lower(), planted
    account = names.table["contoso-ai"]
    assert f"accounts/{account}/projects" in text
    assert f"https://{account}.services.ai.azure.com/" in text
    assert f"{account}-{names.table['shop']}-{names.table['helpdesk']}-AgentIdentity" in text
    assert names.table["mcp.contoso.com"].endswith(".example")
    assert '"displayName": "name0001"' in text


def test_what_is_everybodys_stays() -> None:
    role = "53ca6127-db72-4b80-b1b0-d745d6d5456d"
    text = f"https://management.azure.com/{role} https://login.microsoftonline.com 00000000-0000-0000-0000-000000000000"
    names = Pseudonyms.of(in_text(text), public=[role])
    assert names.replace(text) == text


def test_what_cannot_be_told_from_other_words_is_left_and_named() -> None:
    found = in_text(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/endpoint/providers/X.Y/accounts/ab")
    names = Pseudonyms.of(found)
    assert {text for text, _ in names.undecided} == {"endpoint", "ab"}
    assert names.replace("endpoint and ab") == "endpoint and ab"


def test_the_name_of_an_action_is_no_resource_id() -> None:
    action = "Microsoft.Resources/subscriptions/resourceGroups/providers/read on Microsoft.Resources/subscriptions/read"
    assert not list(in_text(action))


def test_the_owner_translates_back() -> None:
    names = pseudonyms(DOCUMENT)
    note = names.replace(DOCUMENT["note"])  # type: ignore[arg-type]
    assert Pseudonyms.of_key(names.key()).replace(note) == str(DOCUMENT["note"]).lower().replace(
        "agentidentity", "AgentIdentity"
    )


def test_pseudonyms_of_pseudonyms_are_themselves() -> None:
    once = pseudonyms(DOCUMENT).replace_json(DOCUMENT)
    assert pseudonyms(once).replace_json(once) == once


guids = st.uuids().map(str)
labels = st.from_regex(re.compile(r"[a-z][a-z0-9]{3,8}(-[a-z0-9]{2,5})?"), fullmatch=True)


@given(st.lists(st.tuples(guids, labels, labels), min_size=1, max_size=6))
def test_scopes_still_nest_and_keep_their_order(rows: list[tuple[str, str, str]]) -> None:
    ids = [f"/subscriptions/{guid}/resourceGroups/{group}/providers/X.Y/accounts/{name}" for guid, group, name in rows]
    names = Pseudonyms.of(one for text in ids for one in in_text(text))
    changed = [names.replace(text) for text in ids]
    for one, other in zip(ids, changed, strict=True):
        for upper, changed_upper in zip(ids, changed, strict=True):
            parent, changed_parent = ResourceId.read(upper).parent, ResourceId.read(changed_upper).parent
            assert parent is not None
            assert changed_parent is not None
            assert parent.holds(ResourceId.read(one)) == changed_parent.holds(ResourceId.read(other))
    sorted_ids = sorted({guid for guid, _, _ in rows})
    assert [names.table[one] for one in sorted_ids] == sorted(names.table[one] for one in sorted_ids)
    assert names.counts()[IdentifierKind.GUID.value] == len(sorted_ids)
