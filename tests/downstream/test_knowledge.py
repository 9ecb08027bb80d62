"""The knowledge is data: it keeps to its schema, its roles exist and hold what they are recommended for."""

from __future__ import annotations

import json
import shlex
from importlib import resources
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from doctor import rbac
from doctor.downstream import KnowledgeError, knowledge, load, toml
from doctor.downstream.kind import Judge, Kind, Scenario, Store
from doctor.downstream.knowledge import parse
from doctor.downstream.resolve import kind_of
from doctor.downstream.switches import command
from doctor.model.access import Access, Action
from doctor.model.authorization import RoleAssignment
from doctor.rbac import AccessFacts, Needs
from tests.downstream import world as w

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = resources.files("doctor.downstream") / "kinds"
FILES = sorted(one.name for one in FOLDER.iterdir() if one.name.endswith(".toml"))
KINDS = tuple(load().kinds.values())
SCENARIOS = [(kind, one) for kind in KINDS for one in kind.scenarios]
WITH_NEEDS = [pair for pair in SCENARIOS if pair[1].needs]
PLAIN = 'dated = "2026-11"\n[[kind]]\nid="x"\ntitle="X"\nconfidence="high"\nstore="rbac"\nsources=[]\n'
THE_38 = (
    "storage_blob storage_queue storage_table storage_file ai_search foundry_iq_kb foundry_account speech"
    " document_intelligence foundry_project cosmos_nosql standard_setup key_vault acr app_insights log_analytics"
    " logic_apps_consumption logic_apps_standard functions_http functions_queue_tool openapi_managed_identity"
    " service_bus event_hubs event_grid app_configuration api_management azure_sql postgresql bing_grounding"
    " fabric_data_agent sharepoint mcp_remote_tool a2a_remote azure_ml_endpoint session_pool playwright entra_api"
    " not_researched"
)


def name(pair: tuple[Kind, Scenario]) -> str:
    return f"{pair[0].id}.{pair[1].id}"


@pytest.mark.parametrize("file", FILES)
def test_every_file_keeps_to_the_schema(file: str) -> None:
    schema = json.loads((FOLDER / "kind.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    document: dict[str, Any] = toml.loads((FOLDER / file).read_text(encoding="utf-8"))
    errors = list(jsonschema.Draft202012Validator(schema).iter_errors(document))
    assert not errors, [f"{list(one.absolute_path)}: {one.message}" for one in errors]


def test_all_38_kinds_are_there() -> None:
    assert set(load().kinds) == set(THE_38.split())


@pytest.mark.parametrize("pair", WITH_NEEDS, ids=name)
def test_the_recommended_role_exists_under_its_present_name(pair: tuple[Kind, Scenario]) -> None:
    _, scenario = pair
    assert rbac.bundled_definitions()[scenario.role_guid].name == scenario.role_name


@pytest.mark.parametrize("pair", WITH_NEEDS, ids=name)
def test_the_recommended_role_holds_what_is_needed(pair: tuple[Kind, Scenario]) -> None:
    _, scenario = pair
    scope = w.resource("Microsoft.Example/things", "one")
    held = (RoleAssignment("ra", "p", scenario.role_guid, scope),)
    decision = rbac.decide_all("p", Needs(scenario.needs), scope, AccessFacts(held, {}, w.NOW))
    assert decision.access is Access.GRANTED, decision.reason


@pytest.mark.parametrize("pair", WITH_NEEDS, ids=name)
def test_what_is_needed_is_known_to_some_built_in_role_and_not_to_reader_alone(pair: tuple[Kind, Scenario]) -> None:
    _, scenario = pair
    for action in (one for group in scenario.needs for one in group):
        holders = [role for role in rbac.bundled_definitions().values() if rbac.grants(role, action).held.name == "YES"]
        assert holders, action


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_a_kind_that_is_judged_can_be_read_and_says_its_sources(kind: Kind) -> None:
    assert kind.sources or kind.id == "not_researched"
    assert all(one.startswith(("https://", "PyPI:")) for one in kind.sources)
    if kind.store is Store.PERSON:
        assert kind.verify
    elif kind.id != "standard_setup":
        assert kind.api_version
        assert kind.arm_types
        always = [one for one in kind.scenarios if one.judge is Judge.ALWAYS]
        assert always or kind.store not in {Store.RBAC, Store.COSMOS, Store.KEY_VAULT}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_the_commands_of_a_kind_are_one_shell_safe_line(kind: Kind) -> None:
    hostile = w.resource("Microsoft.Example/things", "x'; rm -rf $HOME\n#")
    templates = [one.fix for one in kind.switches] + [kind.network.open_command if kind.network else None]
    for template in templates:
        for fix in command(template, hostile):
            for line in filter(None, (fix.command, fix.undo)):
                assert "\n" not in line
                assert any("x'; rm -rf $HOME #" in word for word in shlex.split(line))
                assert "rm" not in shlex.split(line)


def test_a_third_party_adds_a_kind_with_a_file_alone(tmp_path: Path) -> None:
    (tmp_path / "contoso.toml").write_text(
        'dated = "2026-11"\n[[kind]]\nid = "contoso_store"\ntitle = "Contoso store"\nconfidence = "high"\n'
        'store = "rbac"\narm_types = ["Contoso.Data/stores"]\napi_version = "2026-01-01"\n'
        'audiences = ["https://contoso.example"]\nsources = ["https://contoso.example/docs"]\n'
        'host = [{ suffix = ".contoso.example" }]\n'
        '[[kind.scenario]]\nid = "read"\ntitle = "reading"\njudge = "always"\n'
        'needs = [["data:Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]]\n'
        'role = { guid = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", name = "Storage Blob Data Reader" }\n'
    )
    known = load(tmp_path)
    kind = known.kinds["contoso_store"]
    assert kind.scenarios[0].needs == (
        (Action("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", data=True),),
    )
    assert known.of_host("one.contoso.example")[0][0] is kind
    assert "contoso_store" not in load().kinds


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kind = [", "not TOML"),
        ('dated = "2026-11"\n[[kind]]\nid = "x"\n', "title"),
        ('dated = "2026-11"\n[[kind]]\nid="x"\ntitle="X"\nconfidence="sure"\nstore="rbac"\nsources=[]\n', "sure"),
        ('dated = "2026-11"\n[[kind]]\nid="x"\ntitle="X"\nconfidence="high"\nstore="magic"\nsources=[]\n', "magic"),
        (f"{PLAIN}arm_typos=[]\n", "arm_typos"),
        (f'{PLAIN}[[kind.scenario]]\nid="a"\ntitle="b"\nneed=[]\n', "did you mean 'needs'"),
        (f'{PLAIN}[[kind.switch]]\nwhen=[]\nconcerns="key"\nsays="s"\nconfidence="high"\n', "when is empty"),
        (f'{PLAIN}[kind.network]\npublik="x"\n', "did you mean 'public'"),
        (f"{PLAIN}audiences=5\n", "audiences should be a list"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_name(text: str, says: str) -> None:
    with pytest.raises(KnowledgeError, match=r"strange\.toml") as caught:
        parse(text, "strange.toml")
    assert says in str(caught.value)


def installed(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    found = EntryPoint("contoso", value, knowledge.ENTRY_POINTS)
    monkeypatch.setattr(knowledge, "entry_points", lambda group: [found] if group == knowledge.ENTRY_POINTS else [])
    monkeypatch.setattr(knowledge, "load", load.__wrapped__)


def test_an_installed_package_adds_a_kind_without_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "contoso_kinds"
    package.mkdir()
    text = 'dated="2026-11"\n[[kind]]\nid="crm"\ntitle="CRM"\nconfidence="high"\nstore="person"\nsources=["x"]\n'
    (package / "crm.toml").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    installed(monkeypatch, "contoso_kinds")
    assert knowledge.load().kinds["crm"].title == "CRM"


def test_an_installed_package_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "no_such_kinds")
    with pytest.raises(KnowledgeError, match=r"no_such_kinds \(agentdoctor\.kinds\), which cannot be read"):
        knowledge.load()


def test_an_id_cannot_be_taken_twice(tmp_path: Path) -> None:
    text = 'dated = "2026-11"\n[[kind]]\nid="key_vault"\ntitle="X"\nconfidence="high"\nstore="person"\nsources=[]\n'
    (tmp_path / "again.toml").write_text(text)
    with pytest.raises(KnowledgeError, match="already described"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("url", "kind_id"),
    [
        ("https://a.blob.core.windows.net/x", "storage_blob"),
        ("https://a.dfs.core.windows.net", "storage_blob"),
        ("https://a.queue.core.windows.net", "storage_queue"),
        ("https://a.table.core.windows.net", "storage_table"),
        ("https://a.file.core.windows.net", "storage_file"),
        ("https://a.search.windows.net", "ai_search"),
        ("https://a.search.windows.net/knowledgebases/k/mcp?api-version=1", "foundry_iq_kb"),
        ("https://a.openai.azure.com", "foundry_account"),
        ("https://a.cognitiveservices.azure.com/", "foundry_account"),
        ("https://a.services.ai.azure.com/openai", "foundry_account"),
        ("https://a.services.ai.azure.com/api/projects/p/agents/b", "foundry_project"),
        ("https://a.documents.azure.com:443/", "cosmos_nosql"),
        ("https://a.vault.azure.net", "key_vault"),
        ("https://a.azurecr.io", "acr"),
        ("https://a.eventgrid.azure.net/api/events", "event_grid"),
        ("https://a.azconfig.io", "app_configuration"),
        ("https://a.azure-api.net/x", "api_management"),
        ("https://a.database.windows.net", "azure_sql"),
        ("https://a.postgres.database.azure.com", "postgresql"),
        ("https://a.azurewebsites.net/mcp", "functions_http"),
        ("https://a.b.westeurope.azurecontainerapps.io", "functions_http"),
        ("https://prod-1.westeurope.logic.azure.com/workflows/x", "logic_apps_consumption"),
        ("https://a.westeurope.inference.ml.azure.com/score", "azure_ml_endpoint"),
        ("https://westeurope.dynamicsessions.io/x", "session_pool"),
        ("https://graph.microsoft.com/v1.0", "entra_api"),
    ],
)
def test_a_host_tells_the_kind(url: str, kind_id: str) -> None:
    assert kind_of(load(), connection=None, target=url, audience="") == kind_id


def test_a_look_alike_host_tells_nothing() -> None:
    for host in ("evilsearch.windows.net.example.org", "xblob.core.windows.net", "azurecr.io.evil.com"):
        assert not load().of_host(host)
