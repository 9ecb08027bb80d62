"""A diagnosis from a paste alone, with the roles of its advice taken from the role definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.reading.explain import explain as read

if TYPE_CHECKING:
    from datetime import datetime

    from doctor.reading.evidence import Role
    from doctor.reading.explain import Explanation


def explain(data: bytes, status: int | None = None, *, now: datetime | None = None) -> Explanation:
    """Explain any bytes: no sign-in, no network.

    Args:
        data: the paste, in any encoding.
        status: the HTTP status, where it is known apart from the text.
        now: the time that tokens are judged by; the present when left out.
    """
    return read(data, status, now=now, roles=narrow_role)


def narrow_role(action: str, is_data: bool, /) -> Role | None:  # noqa: FBT001 - the kind of action
    """Name and GUID of the narrowest built-in role that holds an action; None when none does."""
    from datetime import datetime, timezone  # noqa: PLC0415 - only a refusal that names an action needs the definitions

    from doctor import rbac  # noqa: PLC0415 - as above
    from doctor.model.access import Action  # noqa: PLC0415 - as above

    facts = rbac.AccessFacts((), {}, datetime.now(timezone.utc))
    found = rbac.candidates(rbac.Needs.of(Action(action, is_data)), "/", facts)
    return (rbac.role_label(found[0].guid), found[0].guid) if found else None
