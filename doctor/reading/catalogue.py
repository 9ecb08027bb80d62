"""The catalogue of error signatures: what servers say, and what it means.

The entries are data (`doctor/reading/data/*.toml`). An entry names phrases and codes, a cause out of the closed
list, whose access it is about, where it was seen, and a real example which is a test.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, fields
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence
from doctor.reading.evidence import Plane
from doctor.reading.folding import spaced, squeeze

if TYPE_CHECKING:
    from collections.abc import Mapping

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_DATA = Path(__file__).parent / "data"
_GAP = 90
_WIDE_GAP = 400
_SURE = 12
"""Letters and digits from which a phrase is unlikely to be found inside other words."""
_RANKS = range(1, 101)
_LONG_WORD = 4
_GOING_ON = {"aadsts", "action"}
"""Words that the data writes without their ends: AADSTS50076, actions."""


class Blames(str, Enum):
    """How an entry finds out whose access it is about."""

    REFUSED = "refused"
    """The refused principal: by its id if known, else the agent inside a run, else the caller."""
    NAMED = "named"
    """As `refused`, but only where the text names a principal; a downstream service's callers are many."""
    AGENT = "agent"
    PROJECT = "project"
    CALLER = "caller"
    UNKNOWN = "unknown"


class CatalogueError(Exception):
    """An entry of the catalogue is not well formed; names the entry and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order, whatever their letter case, quoting and spacing; the last one may go on.

    In the data `*` stands for a name or an id (up to 90 characters), `**` for a path or a sentence (up to 400). A
    phrase without stars is also found where a narrow terminal broke its words in two.
    """

    parts: tuple[str, ...]
    """Each with a space before it, as in `spaced` text."""
    gap: int = _GAP
    squeezed: str = ""
    """Its letters and digits; "" where it is too short or has stars."""
    words: frozenset[bytes] = frozenset()
    """Its whole words; a text without all of them cannot hold the phrase unless a word was broken in two."""

    def find(self, spaced: str, squeezed: str) -> int:
        """Where the phrase begins, or -1."""
        start = spaced.find(self.parts[0])
        while start >= 0:
            end = start + len(self.parts[0])
            for part in self.parts[1:]:
                at = spaced.find(part, end, end + self.gap + len(part))
                if at < 0:
                    break
                end = at + len(part)
            else:
                return start
            start = spaced.find(self.parts[0], start + 1)
        return squeezed.find(self.squeezed) if self.squeezed else -1


@dataclass(frozen=True, slots=True)
class Signature:
    """One entry. Empty conditions do not restrict; `any_of`, `codes` and `code_fields` are one condition together."""

    id: str
    plane: Plane
    cause: Cause
    summary: str
    """With fields in braces: {principal}, {action}, {audience}, {host}… and what stands in for them after a bar."""
    source: str
    """Where the text was seen: an address, or a package and version."""
    example: str
    counter: str = ""
    """A text of the same words that the entry must not match."""
    any_of: tuple[Phrase, ...] = ()
    codes: tuple[str, ...] = ()
    """Distinctive codes, met as a whole word anywhere."""
    code_fields: tuple[str, ...] = ()
    """Codes that are ordinary words too, met only in the place of a code."""
    all_of: tuple[Phrase, ...] = ()
    and_any_of: tuple[Phrase, ...] = ()
    """A second condition of the kind of `any_of`."""
    and_statuses: tuple[int, ...] = ()
    """HTTP statuses anywhere in the text; they and `and_any_of` are one condition together."""
    none_of: tuple[Phrase, ...] = ()
    no_codes: tuple[str, ...] = ()
    no_statuses: tuple[int, ...] = ()
    """HTTP statuses that must not be in the text."""
    status: tuple[int, ...] = ()
    shape: tuple[str, ...] = ()
    rank: int = 60
    """90 settles it, 80 explicit, 60 ordinary, 40 a mask around another error, 20 vague, 5 a status alone."""
    also: tuple[Cause, ...] = ()
    """What it may turn out to be instead, likeliest first."""
    blames: Blames = Blames.UNKNOWN
    confidence: Confidence = Confidence.HIGH
    proves: str = ""
    suggests: str = ""
    fix: str = ""
    command: str = ""
    note: str = ""
    grant: bool = False
    """The fix is a role assignment, made from the principal, action and scope in the text."""
    service: str = ""
    """Id of the service whose words they are, for texts that do not name it."""
    is_exact: bool = False
    """Its fix is for this very text, whatever service is named in it."""
    docs: str = ""
    example_status: int | None = None
    example_headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """What holds for every entry of a cause, unless the entry says otherwise."""

    proves: str
    suggests: str
    may_be: str
    """Ends the sentence "It may turn out that …"."""
    fix: str
    command: str = ""
    docs: str = ""


@dataclass(frozen=True, slots=True)
class EntraFamily:
    """Sign-in error codes of Microsoft Entra ID that mean the same here."""

    cause: Cause
    codes: frozenset[int]
    summary: str
    """A clause that starts with a capital letter and has no full stop."""
    fix: str
    command: str = ""
    also: tuple[Cause, ...] = ()
    starts: tuple[str, ...] = ()
    """First digits of codes of this family that no list has."""
    says: Mapping[int, str] = field(default_factory=dict)
    """Code → what it means, a clause like `summary`, where that is more than the family's."""


@cache
def signatures() -> tuple[Signature, ...]:
    """All entries, the highest rank first.

    Raises:
        CatalogueError: an entry is not well formed or its id is taken.
    """
    found: dict[str, Signature] = {}
    for path in sorted(_DATA.glob("plane_*.toml")):
        for entry in _read(path)["signature"]:
            signature = _signature(entry)
            if signature.id in found:
                raise CatalogueError(f"signature {signature.id}: the id is taken")
            found[signature.id] = signature
    return tuple(sorted(found.values(), key=lambda signature: -signature.rank))


@cache
def advice() -> dict[Cause, Advice]:
    """What to say by cause."""
    return {_cause(name): Advice(**entry) for name, entry in _read(_DATA / "causes.toml").items()}


@cache
def entra_families() -> tuple[EntraFamily, ...]:
    """The known AADSTS codes by meaning; the last family stands for every other code."""
    return tuple(
        EntraFamily(
            cause=_cause(entry["cause"]),
            codes=frozenset(entry["codes"]),
            summary=entry["summary"],
            fix=entry["fix"],
            command=entry.get("command", ""),
            starts=tuple(entry.get("starts", [])),
            also=tuple(_cause(name) for name in entry.get("also", [])),
            says={int(code): clause for code, clause in entry.get("says", {}).items()},
        )
        for entry in _read(_DATA / "entra.toml")["family"]
    )


_CAUSES = {cause.value: cause for cause in Cause}


def _cause(slug: str) -> Cause:
    return _CAUSES[slug]


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    return content


def _signature(entry: dict[str, Any]) -> Signature:
    name = entry.get("id", "without an id")
    if unknown := set(entry) - {one.name for one in fields(Signature)}:
        raise CatalogueError(f"signature {name}: unknown keys {sorted(unknown)}")
    if not any(entry.get(key) for key in ("any_of", "codes", "code_fields", "all_of", "status", "shape")):
        raise CatalogueError(f"signature {name}: it would match everything")
    if entry.get("rank", 60) not in _RANKS:
        raise CatalogueError(f"signature {name}: the rank is not within 1 to 100")
    made = dict(entry)
    try:
        made["plane"] = Plane(entry["plane"])
        made["cause"] = _cause(entry["cause"])
        made["also"] = tuple(_cause(slug) for slug in entry.get("also", []))
        made["blames"] = Blames(entry.get("blames", "unknown"))
        made["confidence"] = Confidence(entry.get("confidence", "high"))
    except (KeyError, ValueError) as error:
        raise CatalogueError(f"signature {name}: {error}") from error
    for key in ("any_of", "all_of", "and_any_of", "none_of"):
        made[key] = tuple(_phrase(name, text) for text in entry.get(key, []))
    for key in ("codes", "code_fields", "no_codes"):
        made[key] = tuple(code.lower() for code in entry.get(key, []))
    for key in ("status", "and_statuses", "no_statuses", "shape"):
        made[key] = tuple(entry.get(key, []))
    made["example_headers"] = tuple(entry.get("example_headers", {}).items())
    try:
        return Signature(**made)
    except TypeError as error:
        raise CatalogueError(f"signature {name}: {error}") from error


def _phrase(name: str, text: str) -> Phrase:
    parts = tuple(spaced(part) for part in text.replace("**", "*").split("*"))
    if any(len(part) < 4 for part in parts):
        raise CatalogueError(f"signature {name}: too little to look for in {text!r}")
    whole = squeeze(text)
    return Phrase(
        parts,
        _WIDE_GAP if "**" in text else _GAP,
        whole if "*" not in text and len(whole) >= _SURE else "",
        _whole_words(text),
    )


def _whole_words(text: str) -> frozenset[bytes]:
    """The long words that a text with the phrase has, but not those that often go on there."""
    found = {word for part in text.split("*") for word in spaced(part).split() if len(word) >= _LONG_WORD}
    return frozenset(word.encode() for word in found - _GOING_ON)
