"""The permission stores that decide whether an identity may use a target: one module each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.downstream.judgement import for_a_person
from doctor.downstream.kind import Store
from doctor.downstream.stores import (
    api_management,
    cosmos,
    easy_auth,
    key_vault,
    logic_apps,
    postgresql,
    role_assignments,
    sql,
)

if TYPE_CHECKING:
    from doctor.downstream.judgement import Ask, Judgement
    from doctor.downstream.lookup import Lookup


def judge(ask: Ask, lookup: Lookup) -> Judgement:
    """Ask the store that decides for this scenario; each store is read at most once per run."""
    if ask.scenario.native is not None:
        return cosmos.judge(ask, lookup)
    if ask.kind.store is Store.KEY_VAULT:
        return key_vault.judge(ask, lookup)
    if ask.scenario.needs:
        return role_assignments.judge(ask, lookup)
    readers = {
        Store.EASY_AUTH: easy_auth.judge,
        Store.POSTGRESQL: postgresql.judge,
        Store.SQL: sql.judge,
        Store.API_MANAGEMENT: api_management.judge,
        Store.LOGIC_APPS: logic_apps.judge,
    }
    reader = readers.get(ask.kind.store)
    if reader is None:
        return for_a_person(ask, f"Whether {ask.who} may use {ask.what} cannot be seen from Azure")
    return reader(ask, lookup)
