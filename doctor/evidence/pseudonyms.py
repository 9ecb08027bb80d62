"""Stable pseudonyms: the same text is the same pseudonym in every place and format, and their order is kept.

Because the order of ids and names is kept, whatever was sorted by them is sorted alike afterwards, and a replay of
redacted evidence gives the redacted report.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from doctor.evidence.identifiers import Found, IdentifierKind, is_identifier_key
from doctor.model import loose
from doctor.model.loose import Garbage
from doctor.model.resource_id import is_guid

KEY_SCHEMA = "agentdoctor/pseudonyms/1"
_CHUNK = re.compile(r"[A-Za-z0-9]+(?:[-._@+]+[A-Za-z0-9]+)*")
_ESCAPE = re.compile(r"(%[0-9A-Fa-f]{2})")
_PART = re.compile(r"[A-Za-z0-9]+|[^A-Za-z0-9]+")
_SHORTEST = 3
_LONGEST_PARTS = 15
"""So many parts of a chunk are looked up together: a GUID has nine, separators counted, a mail address hardly more."""
_PRECEDENCE = (
    IdentifierKind.GUID,
    IdentifierKind.MAIL,
    IdentifierKind.NAME,
    IdentifierKind.HOST,
    IdentifierKind.PERSON,
)
RESERVED = frozenset({
    "default", "agents", "agent", "applications", "application", "responses", "projects", "project", "accounts",
    "account", "connections", "connection", "public", "private", "true", "false", "null", "none", "user", "group",
    "service", "principal", "role", "owner", "reader", "contributor", "deny", "allow", "access", "token", "tokens",
    "endpoint", "error", "message", "code", "status", "azure", "foundry", "microsoft", "openai", "model", "models",
    "tool", "tools", "search", "storage", "vault", "blob", "key", "keys", "network", "internet", "system",
    "identity", "managed", "permission", "permissions", "request", "resource",
})  # fmt: skip
"""Words that are Azure's language before they are anybody's name."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """What is replaced by what."""

    table: Mapping[str, str]
    """Identifier in lower case → pseudonym."""
    kinds: Mapping[str, IdentifierKind]
    """Identifier in lower case → what it names."""
    undecided: tuple[tuple[str, str], ...] = ()
    """Identifiers that were left as they are, each with the reason."""
    phrases: re.Pattern[str] | None = None
    """Matches the identifiers that are no single chunk: names with spaces in them."""

    @classmethod
    def of(cls, found: Iterable[Found], *, public: Iterable[str] = (), reserved: Iterable[str] = ()) -> Pseudonyms:
        """Choose pseudonyms for what was found.

        Args:
            found: the identifiers, repeated or not.
            public: ids that are the same for everybody: built-in roles, Microsoft's own applications.
            reserved: further words that must stay, since they are words of the language around them.
        """
        known = {one.lower() for one in public}
        words = RESERVED | {one.lower() for one in reserved}
        best: dict[str, tuple[int, str, IdentifierKind]] = {}
        undecided: dict[str, str] = {}
        for kind, prefix, text in found:
            key = text.lower()
            reason = None if key in known else _why_left(kind, key, words)
            if reason:
                undecided[key] = reason
            elif reason is not None:
                candidate = (_PRECEDENCE.index(kind), prefix, kind)
                best[key] = min(best.get(key, candidate), candidate)
        table: dict[str, str] = {}
        count: Counter[str] = Counter()
        for key in sorted(best):
            _, prefix, kind = best[key]
            count[prefix] += 1
            table[key] = _pseudonym(kind, prefix, key, count[prefix])
        kinds = {key: kind for key, (_, _, kind) in best.items()}
        return cls(table, kinds, tuple(sorted(undecided.items())), _phrases(table))

    def replace(self, text: str) -> str:
        """The text with every identifier replaced, in one pass."""
        if self.phrases is not None:
            text = self.phrases.sub(lambda match: self.table[match[0].lower()], text)
        if "%" not in text:
            return self._plain(text)
        # In an address an escape such as %27 stands beside a name without being part of it.
        return "".join(
            piece if _ESCAPE.fullmatch(piece) else self._plain(piece) for piece in _ESCAPE.split(_unescaped(text))
        )

    def replace_json(self, value: object) -> object:
        """The JSON document with every identifier in its texts replaced; keys only where they are ids themselves."""
        if isinstance(value, str):
            return self.replace(value)
        if isinstance(value, Mapping):
            return {
                self.replace(str(key)) if is_identifier_key(str(key)) else str(key): self.replace_json(held)
                for key, held in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.replace_json(one) for one in value]
        return value

    def key(self) -> dict[str, object]:
        """The key as a JSON document, for the owner of the names alone."""
        kinds = {pseudonym: self.kinds[text].value for text, pseudonym in self.table.items()}
        return {"schema": KEY_SCHEMA, "names": {value: text for text, value in self.table.items()}, "kinds": kinds}

    @classmethod
    def of_key(cls, document: object) -> Pseudonyms:
        """Pseudonyms back to names, by the key that was kept.

        Raises:
            Garbage: the document is no such key.
        """
        names = loose.string_map(document, "names")
        if loose.text(document, "schema") != KEY_SCHEMA or not names:
            raise Garbage(f"this is no key to pseudonyms: its schema is not {KEY_SCHEMA}")
        return cls(names, {}, (), _phrases(names))

    def counts(self) -> dict[str, int]:
        """How many different identifiers of each kind are replaced."""
        return dict(Counter(kind.value for kind in self.kinds.values()))

    def _plain(self, text: str) -> str:
        return _CHUNK.sub(lambda match: self._chunk(match[0]), text)

    def _chunk(self, chunk: str) -> str:
        whole = self.table.get(chunk.lower())
        if whole is not None:
            return whole
        parts = _PART.findall(chunk)
        made: list[str] = []
        at = 0
        while at < len(parts):
            for size in range(min(_LONGEST_PARTS, len(parts) - at), 0, -1):
                found = self.table.get("".join(parts[at : at + size]).lower())
                if found is not None:
                    made.append(found)
                    at += size
                    break
            else:
                made.append(parts[at])
                at += 1
        return "".join(made)


def _unescaped(text: str) -> str:
    """The text with the escape of the sign in a mail address written plainly, which says the same in an address."""
    return text.replace("%40", "@")


def _phrases(table: Mapping[str, str]) -> re.Pattern[str] | None:
    odd = sorted((key for key in table if not _CHUNK.fullmatch(key)), key=len, reverse=True)
    if not odd:
        return None
    return re.compile(rf"(?i)(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, odd))})(?![A-Za-z0-9])")


def _why_left(kind: IdentifierKind, key: str, words: frozenset[str]) -> str | None:
    """Why an identifier is not replaced; "" for one that is; None for what is not worth a word (a number, an id)."""
    if kind in {IdentifierKind.GUID, IdentifierKind.MAIL}:
        return ""
    if key.isdigit() or is_guid(key):
        return None
    if key in words:
        return "it is also a word of Azure's own language"
    return "" if len(key) >= _SHORTEST else "it is too short to be told from other words"


def _pseudonym(kind: IdentifierKind, prefix: str, key: str, number: int) -> str:
    match kind:
        case IdentifierKind.GUID:
            return f"aaaaaaaa-0000-4000-8000-{number:012x}"
        case IdentifierKind.MAIL:
            return f"{prefix}{number:04}@customer.example"
        case IdentifierKind.HOST if "." in key:
            return f"{prefix}{number:04}.example"
        case _:
            return f"{prefix}{number:04}"
