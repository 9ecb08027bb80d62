import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.model.loose import Garbage
from doctor.model.resource_id import ResourceId, is_guid

SUBSCRIPTION = "/subscriptions/11111111-2222-3333-4444-55555555555A"
ACCOUNT = f"{SUBSCRIPTION}/resourceGroups/Shop/providers/Microsoft.CognitiveServices/accounts/contoso"
AGENT = f"{ACCOUNT}/projects/p1/agents/helpdesk"
names = st.text(alphabet="abcABC019-_.", min_size=1, max_size=8)


def test_parts_of_an_id() -> None:
    one = ResourceId.read(AGENT + "/")
    assert one.subscription == "11111111-2222-3333-4444-55555555555a"
    assert one.resource_group == "Shop"
    assert one.type == "Microsoft.CognitiveServices/accounts/projects/agents"
    assert (one.name, one.after("ACCOUNTS"), one.after("nothing")) == ("helpdesk", "contoso", "")
    assert str(one) == AGENT
    assert str(one.up_to("projects")) == f"{ACCOUNT}/projects/p1"
    assert one.up_to("connections") is None


def test_the_way_up_ends_at_the_subscription() -> None:
    one, seen = ResourceId.read(AGENT), []
    while one is not None:
        seen.append(str(one))
        one = one.parent
    assert seen == [AGENT, f"{ACCOUNT}/projects/p1", ACCOUNT, f"{SUBSCRIPTION}/resourceGroups/Shop", SUBSCRIPTION]


@pytest.mark.parametrize("text", ["", "  ", "name", "https://host/subscriptions/x", "/a//b"])
def test_what_is_no_id(text: str) -> None:
    assert ResourceId.of(text) is None
    with pytest.raises(Garbage):
        ResourceId.read(text)


def test_an_extension_resource_has_the_type_of_its_last_provider() -> None:
    one = ResourceId.read(f"{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/x")
    assert one.type == "Microsoft.Authorization/roleAssignments"
    assert str(one.parent) == ACCOUNT


@given(st.lists(names, min_size=2, max_size=6))
def test_letter_case_and_a_last_slash_do_not_matter(parts: list[str]) -> None:
    text = "/" + "/".join(parts)
    assert ResourceId.read(text) == ResourceId.read(text.upper() + "/")
    assert hash(ResourceId.read(text)) == hash(ResourceId.read(text.upper()))
    assert ResourceId.read(text).holds(ResourceId.read(text).child("x", "y"))
    assert not ResourceId.read(text).child("x", "y").holds(ResourceId.read(text))


def test_guids() -> None:
    assert is_guid("00000000-0000-0000-0000-000000000000")
    assert not is_guid("00000000-0000-0000-0000-00000000000")
    assert not is_guid("me")
