"""Azure SQL: the Entra administrator shows in ARM, users only inside each database.

Shape: `properties.administrators` of Microsoft.Sql/servers api-version 2023-08-01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.downstream import properties
from doctor.downstream.judgement import Ask, Judgement, for_a_person, granted

if TYPE_CHECKING:
    from doctor.downstream.lookup import Lookup


def judge(ask: Ask, lookup: Lookup) -> Judgement:
    """A pass for the administrator; for anybody else only the database can say."""
    admin = properties.text(ask.resource, "properties.administrators.sid").lower()
    mine = {ask.identity.object_id.lower(), ask.identity.client_id.lower()} - {""}
    mine |= {one.lower() for one in lookup.groups(ask.identity.object_id)}
    if admin in mine:
        return granted(f"{ask.subject} is the Entra administrator of {ask.what}")
    return for_a_person(ask, f"{ask.subject} is not the administrator of {ask.what}; its users are inside the database")
