"""Sentences of the catalogue filled in with what a text names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.model.diagnosis import Diagnosis

_FIELD = re.compile(r"\{([a-z_]{1,20})(?:\|([^{}]{0,120}))?\}")


def fill(template: str, diagnosis: Diagnosis, values: Mapping[str, str]) -> str:
    """The sentence with each `{field|what to say when it is empty}` filled in."""
    own = {
        "principal": diagnosis.principal,
        "action": diagnosis.action,
        "operation": diagnosis.operation,
        "scope": diagnosis.scope,
        "who": _WHO[diagnosis.blames.value],
    }
    told = _FIELD.sub(
        lambda found: own.get(found.group(1)) or values.get(found.group(1)) or found.group(2) or "", template
    )
    return told.replace("  ", " ").replace(" ,", ",").replace(" ;", ";")


_WHO = {
    "caller": "the caller",
    "agent": "the agent's identity",
    "project": "the project's managed identity",
    "unknown": "the identity that made the call",
}
