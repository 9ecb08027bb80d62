"""Values from outside as words of a shell command."""

from __future__ import annotations

import shlex

from doctor.downstream import resolve
from doctor.model.untrusted import visible


def word(text: str) -> str:
    """A value as one word of a POSIX shell, on one line."""
    return shlex.quote(visible(text))


def where(resource_id: str, name_flag: str = "--name") -> str:
    """Name, resource group and subscription of a resource, as options of an `az` command."""
    return (
        f"{name_flag} {word(resolve.resource_name(resource_id))}"
        f" --resource-group {word(resolve.part(resource_id, 'resourceGroups'))}"
        f" --subscription {word(resolve.part(resource_id, 'subscriptions'))}"
    )
