"""PostgreSQL flexible server: Entra administrators show in ARM, ordinary roles only inside the database.

Shape: `administrators` of Microsoft.DBforPostgreSQL/flexibleServers api-version 2024-08-01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.downstream import properties
from doctor.downstream.judgement import Ask, Judgement, for_a_person, granted, unread
from doctor.model.fact import Known

if TYPE_CHECKING:
    from doctor.downstream.lookup import Lookup

API_VERSION = "2024-08-01"


def judge(ask: Ask, lookup: Lookup) -> Judgement:
    """A pass for an administrator; for anybody else only the database can say."""
    listed = lookup.list(f"{ask.resource_id}/administrators", API_VERSION)
    if not isinstance(listed, Known):
        return unread(listed.problem, f"The Entra administrators of {ask.what}")
    members = {ask.identity.object_id.lower()} | {one.lower() for one in lookup.groups(ask.identity.object_id)}
    ids = {
        (properties.text(one, "properties.objectId") or properties.text(one, "name")).lower() for one in listed.value
    }
    if members & ids:
        return granted(f"{ask.subject} is an Entra administrator of {ask.what}")
    return for_a_person(ask, f"{ask.subject} is no administrator of {ask.what}; ordinary roles are inside the database")
