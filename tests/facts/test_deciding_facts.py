"""Which of two facts decides: a tenant's token, a resource's own record, the nearer identity, the end of a run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from doctor.azure.clouds import PUBLIC
from doctor.azure.token import Claims, Token
from doctor.facts.asker import Stopped
from doctor.facts.ground import Ground
from doctor.facts.lookup import RunLookup
from doctor.facts.opening import open_facts
from doctor.facts.options import Options
from doctor.facts.resources import GraphQuery, Resource
from doctor.facts.tokens import ResourceTenant, TokenFor, TokenFrom
from doctor.model.cause import Cause
from doctor.model.fact import Known, Problem, Unread
from doctor.model.resource_id import ResourceId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.facts.estate import Estate
    from doctor.facts.subject import Facts

SCOPE = PUBLIC.ai_scope or ""
HOME, THEIRS = "11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"
STORE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/store1"


class Told:
    """An estate whose answers the test gives; it remembers what was asked."""

    def __init__(self, answers: dict[object, object]) -> None:
        self.answers = answers
        self.asked: list[object] = []
        self.tenants: list[str] = []
        self.tenant = ""
        self.cloud = PUBLIC
        self.estate = self
        self.clients = SimpleNamespace(credentials=SimpleNamespace(use_tenant=self.tenants.append))

    def ask(self, question: object) -> object:
        self.asked.append(question)
        return self.answers[question]

    def begin(self, *questions: object) -> None:
        pass

    def answered(self, kind: type) -> Iterator[tuple[Any, Any]]:
        return ((one, answer) for one, answer in self.answers.items() if type(one) is kind)


def token(tenant: str) -> Known[Token]:
    return Known(Token("secret", SCOPE, 0, claims=Claims("https://ai.azure.com", tenant_id=tenant)))


def for_scope(home: object, theirs: object, tenant: str = THEIRS) -> tuple[Any, Told]:
    answers = {TokenFrom(SCOPE, ""): home, TokenFrom(SCOPE, THEIRS): theirs, ResourceTenant(): Known(tenant)}
    told = Told(answers)
    return TokenFor(SCOPE).answer(cast("Estate", told)), told


def test_the_token_is_that_of_the_resources_tenant() -> None:
    theirs = token(THEIRS)
    fact, told = for_scope(token(HOME), theirs)
    assert fact is theirs
    assert told.tenants == [THEIRS], "whoever asks for another token asks there"


@pytest.mark.parametrize("tenant", [HOME, HOME.upper(), ""])
def test_a_credential_of_the_resources_own_tenant_is_asked_once(tenant: str) -> None:
    home = token(HOME)
    fact, told = for_scope(home, Unread(Problem(Cause.SIGN_IN_BLOCKED, "no")), tenant)
    assert fact is home
    assert TokenFrom(SCOPE, THEIRS) not in told.asked


def test_a_tenant_that_gives_no_token_to_a_stranger_is_named_beside_his_own() -> None:
    fact, told = for_scope(token(HOME), Unread(Problem(Cause.SIGN_IN_BLOCKED, "AADSTS50020")))
    assert fact.problem.cause is Cause.WRONG_TENANT
    assert HOME in fact.problem.summary
    assert THEIRS in fact.problem.fixes[0].command
    assert told.tenants == []


@pytest.mark.parametrize(
    ("row", "read"),
    [
        ({"properties": {"networkAcls": {"defaultAction": "Allow"}}}, False),
        ({"properties": {"NetworkAcls": {"defaultaction": None}}}, False),
        ({"properties": {"networkAcls": {}}}, True),
        ({"properties": {}}, True),
        ({"properties": None}, True),
        ({}, True),
    ],
)
def test_a_row_that_lacks_what_decides_does_not_stand_for_the_resource(row: dict[str, object], *, read: bool) -> None:
    query = GraphQuery("q", "the targets", "p")
    whole = Known({"id": STORE})
    told = Told({query: Known(({"id": STORE.upper(), **row},)), Resource(ResourceId.read(STORE), "v"): whole})
    lookup = RunLookup(cast("Facts", told))
    found = lookup.resource(STORE, "v", properties=("properties.networkAcls.defaultAction",))
    assert (found is whole) is read


def test_a_run_that_is_over_asks_and_sends_nothing() -> None:
    facts = open_facts(Options("https://contoso.services.ai.azure.com/api/projects/p/agents/a/endpoint"), Ground())
    facts.close()
    for question in (TokenFor(SCOPE), Resource(ResourceId.read(STORE), "v")):
        with pytest.raises(Stopped):
            facts.ask(question)
    assert facts.exchanges() == ()
