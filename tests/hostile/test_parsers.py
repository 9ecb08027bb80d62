"""Every parser of what others wrote: it reads, or it refuses in its own words; it never raises anything else."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doctor import config
from doctor.azure import read_agents, read_authorization, read_foundry
from doctor.azure.exchange_log import safe_url
from doctor.azure.token import claims_of
from doctor.azure.waiting import retry_after
from doctor.evidence.archive import BadBundle, unpacked
from doctor.evidence.exchanges import from_har
from doctor.model import loose
from doctor.model.codec import NotAReport
from doctor.model.document import from_document
from doctor.model.exchange import Answer
from doctor.model.loose import Garbage
from doctor.model.untrusted import clean
from doctor.rbac.conditions.lexer import ConditionError
from doctor.rbac.conditions.parser import parse as parse_condition
from doctor.reading import explain
from doctor.reading.entra import entra_refusal
from doctor.reading.error_body import error_body
from doctor.reading.jwt import claims_in
from doctor.reading.stream import events
from doctor.simulator.kql import QueryError
from doctor.simulator.kql import run as run_query
from doctor.target.parse import parse as parse_target
from doctor.target.record import MalformedTarget

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXAMPLES = settings(
    max_examples=1000 if os.environ.get("HOSTILE") == "whole" else 30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FIELDS = st.sampled_from(
    [
        *("id", "name", "type", "kind", "properties", "value", "data", "error", "code", "message", "innererror"),
        *("principalId", "roleDefinitionId", "scope", "permissions", "actions", "notActions", "dataActions"),
        *("condition", "conditionVersion", "principals", "excludePrincipals", "doNotApplyToChildScopes"),
        *("startDateTime", "endDateTime", "expiration", "identity", "userAssignedIdentities", "tenantId"),
        *("authorizationPolicy", "trafficRoutingPolicy", "rules", "deploymentId", "trafficPercentage", "protocols"),
        *("agents", "versions", "latest", "definition", "tools", "authType", "credentials", "target", "metadata"),
        *(
            "instance_identity",
            "blueprint",
            "state",
            "status",
            "agent_endpoint",
            "log",
            "entries",
            "request",
            "response",
        ),
    ]
)
WORDS = st.sampled_from(
    ["", "x", "/", "/subscriptions/s", "true", "2026-01-01", "NaN", "\x00", "é", "\ud800", "9" * 400]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS | st.text(max_size=4), inner, max_size=6),
    max_leaves=25,
)
READERS: dict[str, Callable[[Any], object]] = {
    **{f"foundry {name}": getattr(read_foundry, name) for name in ("application", "deployment", "account", "project")},
    **{f"foundry {name}": getattr(read_foundry, name) for name in ("connection", "identity", "managed_identity")},
    **{f"agents {name}": getattr(read_agents, name) for name in ("agent", "agent_version")},
    **{f"authorization {name}": getattr(read_authorization, name) for name in ("role_assignment", "permissions")},
    **{f"authorization {name}": getattr(read_authorization, name) for name in ("active_assignment", "role_definition")},
    **{
        f"authorization {name}": getattr(read_authorization, name)
        for name in ("eligible_assignment", "deny_assignment")
    },
    "without secrets": loose.without_secrets,
    "date": loose.date,
}


@pytest.mark.parametrize("name", READERS)
@EXAMPLES
@given(value=JSON)
def test_readers_of_azures_json(name: str, value: Any) -> None:
    with suppress(Garbage):
        READERS[name](value)


@EXAMPLES
@given(value=JSON)
def test_documents_of_ours(value: Any) -> None:
    with suppress(NotAReport):
        from_document(value)
    with suppress(ValueError):
        from_har(value)


@EXAMPLES
@given(value=JSON, status=st.integers(100, 599))
def test_bodies_of_refusals(value: Any, status: int) -> None:
    body = json.dumps(value).encode("utf-8", "surrogatepass")
    error_body(Answer("GET", "https://x.example/", status, {}, body, 1))


CONDITION = st.lists(
    st.sampled_from(
        [
            *("(", ")", "!", " AND ", " OR ", " NOT ", "@Request", "@Resource", "[a/b:c]", "ActionMatches{'x/*'}"),
            *(
                "StringEquals",
                "ForAnyOfAnyValues:",
                "GuidEquals",
                "'a'",
                "{1, 2}",
                "{",
                "}",
                " Exists ",
                "5",
                "\\",
                "''",
            ),
        ]
    ),
    max_size=30,
).map("".join)


@EXAMPLES
@given(CONDITION | st.text(max_size=60))
def test_conditions(text: str) -> None:
    with suppress(ConditionError):
        parse_condition(text)


@pytest.mark.parametrize("piece", ["(", "!", "NOT ", "((", "@Request[", "{"])
def test_conditions_that_nest_without_end(piece: str) -> None:
    with pytest.raises(ConditionError):
        parse_condition(piece * 20_000)


QUERY = st.lists(
    st.sampled_from(
        [
            *(
                "resources",
                " | ",
                "where ",
                "project ",
                "id",
                "name =~ 'x'",
                " and ",
                " or ",
                "in~ (",
                "'",
                ")",
                "limit 5",
            ),
            *("tolower(", "extend a = ", "join ", "summarize count()", "==", "properties.a.b", "take ", "-1", "\n"),
        ]
    ),
    max_size=20,
).map("".join)


@EXAMPLES
@given(QUERY)
def test_queries_of_the_simulator(text: str) -> None:
    with suppress(QueryError):
        list(run_query(text, {"resources": lambda: iter([{"id": "a", "name": "x", "properties": {"a": {"b": 1}}}])}))


PASTE = st.lists(
    st.sampled_from(
        [
            *(
                "HTTP/1.1 403 Forbidden\r\n",
                "< ",
                "{",
                "}",
                '"error": {"code": "Forbidden", "message": "no"}',
                "eyJ",
                ".",
            ),
            *("AADSTS50076: ", "data: ", "event: response.failed\n", "\n\n", "\x1b[31m", "<html>", "Traceback", "\x00"),
            *("https://management.azure.com/subscriptions/x", "403", "\\u0000", '{"log":{"entries":[', "]}}", "\ufeff"),
        ]
    )
    | st.text(max_size=6),
    max_size=30,
).map("".join)


@EXAMPLES
@given(PASTE.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=200))
def test_pastes(data: bytes) -> None:
    explain(data)


@EXAMPLES
@given(PASTE)
def test_texts(text: str) -> None:
    clean(text)
    safe_url(text)
    entra_refusal(text)
    claims_of(text)
    claims_in(text)
    list(events(text))
    retry_after({"retry-after": text, "x-ms-user-quota-resets-after": text})
    with suppress(MalformedTarget):
        parse_target(text, ai_suffixes=("services.ai.azure.com",))


TARGET = st.lists(
    st.sampled_from(
        [
            *(
                "https://",
                "wss://",
                "contoso",
                ".services.ai.azure.com",
                "/api/projects/",
                "p",
                "/applications/",
                "/agents/",
            ),
            *(
                "/subscriptions/",
                "/resourceGroups/",
                "/providers/Microsoft.CognitiveServices/accounts/",
                "?api-version=v1",
            ),
            *(":", "@", "%2F", "..", "#", "[", "]", "\\", "https://portal.azure.com/#@x/resource", "\u202e", "/"),
        ]
    ),
    max_size=14,
).map("".join)


@EXAMPLES
@given(TARGET)
def test_targets(text: str) -> None:
    with suppress(MalformedTarget):
        parse_target(text, ai_suffixes=("services.ai.azure.com",))


@EXAMPLES
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["[[waivers]]\n", "check = ", '"a"\n', "[", "]", "x = 1\n"])).map("".join)
)
def test_configuration(tmp_path: Path, text: str) -> None:
    file = tmp_path / "agentdoctor.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with suppress(config.BadConfig):
        config.load(file)


@EXAMPLES
@given(st.binary(max_size=200).map(lambda rest: b"PK\x03\x04" + rest) | st.binary(max_size=50))
def test_bundles(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(content)
    with suppress(BadBundle):
        unpacked(file)
