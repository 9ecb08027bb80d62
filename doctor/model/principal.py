"""What people give as a principal: which forms can name one at all."""

from __future__ import annotations

import re

from doctor.model.bad_request import BadRequest
from doctor.model.resource_id import NIL_GUID, is_guid

ME = "me"
_PART_OF_A_GUID = re.compile(r"\{?[0-9a-fA-F]{4,}(?:-[0-9a-fA-F]*)*(?:\.\.\.|…)?\}?")


class BadPrincipal(BadRequest):
    """What was given names no principal that this run can know; the message says what to give instead."""


def well_formed(given: str) -> str:
    """What was given, without the blanks around it; "" for the caller.

    Raises:
        BadPrincipal: it is an id that nobody has, or a part of one.
    """
    text = given.strip()
    if text == NIL_GUID:
        raise BadPrincipal(f"--principal {text} is the empty id, which nobody has. Give the principal's object id.")
    if not is_guid(text) and _PART_OF_A_GUID.fullmatch(text):
        raise BadPrincipal(f"--principal {text!r} is no whole id. Give all 36 characters of the principal's object id.")
    return "" if text.lower() == ME else text
