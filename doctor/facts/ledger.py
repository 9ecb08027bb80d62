"""The run's ledger of identities: every object id it met, who that is, and where it was seen."""

from __future__ import annotations

import threading
from dataclasses import replace

from doctor.model.identity import Identity, IdentityRole

_ORDER = list(IdentityRole)


class Ledger:
    """Thread-safe; an object id keeps its first role other than unknown."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[tuple[str, IdentityRole], Identity] = {}

    def note(self, identity: Identity) -> Identity:
        """Enter an identity, or add to its entry where it was seen now."""
        object_id = identity.object_id.lower()
        with self._lock:
            if identity.role is IdentityRole.UNKNOWN:
                known = next((e for e in self._entries.values() if e.object_id == object_id), None)
                if known is not None:
                    identity = replace(identity, role=known.role)
            key = (object_id, identity.role)
            old = self._entries.get(key)
            entry = Identity(
                object_id,
                identity.role,
                name=identity.name or (old.name if old else ""),
                seen_in=tuple(dict.fromkeys((*(old.seen_in if old else ()), *identity.seen_in))),
                client_id=identity.client_id or (old.client_id if old else ""),
                kind=identity.kind or (old.kind if old else ""),
            )
            self._entries[key] = entry
            return entry

    def entries(self) -> tuple[Identity, ...]:
        """All entries, by role and then by object id."""
        with self._lock:
            return tuple(sorted(self._entries.values(), key=lambda e: (_ORDER.index(e.role), e.object_id)))

    def find(self, name: str) -> Identity | None:
        """The entry whose object id, client id or name this is; letter case does not matter."""
        wanted = name.lower()
        return next(
            (
                entry
                for entry in self.entries()
                if wanted and wanted in {entry.object_id, entry.client_id.lower(), entry.name.lower()}
            ),
            None,
        )
