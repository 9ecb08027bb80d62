"""An ARM resource id, taken apart in one place.

Azure writes one id in many letter cases (`resourceGroups`, `resourcegroups`) and with or without a slash at its end, so
two ids are compared by `key` and shown as they were written (source: Resource Manager's REST conventions).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from doctor.model.loose import Garbage

GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
"""The pattern of an object id, a tenant's or a subscription's id."""
NIL_GUID = "00000000-0000-0000-0000-000000000000"
_GUID = re.compile(GUID)


def is_guid(text: str) -> bool:
    """Whether the text is a whole GUID, the nil one included."""
    return _GUID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class ResourceId:
    """A parsed id; equal to another when both name the same resource."""

    key: tuple[str, ...]
    """Lower-case segments: what two ids are compared by."""
    shown: tuple[str, ...]
    """The same segments as they were written."""

    @classmethod
    def of(cls, text: str) -> ResourceId | None:
        """The id that the text is; None for an empty text, or one that is a URL or a name."""
        text = text.strip()
        if not text.startswith("/") or "//" in text.rstrip("/"):
            return None
        shown = tuple(segment for segment in text.split("/") if segment)
        return cls(tuple(segment.lower() for segment in shown), shown)

    @classmethod
    def read(cls, text: str) -> ResourceId:
        """The id that the text must be.

        Raises:
            Garbage: it is none.
        """
        found = cls.of(text)
        if found is None:
            raise Garbage(f"{text[:200]!r} is no resource id.")
        return found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResourceId) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __str__(self) -> str:
        return "/" + "/".join(self.shown)

    def after(self, word: str) -> str:
        """The segment after one that names a level: `after("accounts")`; "" when that level is not there."""
        wanted = word.lower()
        pairs = zip(self.key, self.shown[1:])  # noqa: B905 - the last segment has none after it
        return next((shown for key, shown in pairs if key == wanted), "")

    @property
    def subscription(self) -> str:
        """The subscription's GUID in lower case; "" where the id lies in none."""
        return self.after("subscriptions").lower() if self.key[:1] == ("subscriptions",) else ""

    @property
    def resource_group(self) -> str:
        """The resource group's name, or ""."""
        return self.after("resourceGroups")

    @property
    def name(self) -> str:
        """The last segment."""
        return self.shown[-1] if self.shown else ""

    @property
    def type(self) -> str:
        """The resource type, `Microsoft.Search/searchServices`; "" where no provider stands in the id."""
        if "providers" not in self.key:
            return ""
        last = len(self.key) - 1 - self.key[::-1].index("providers")
        tail = self.shown[last + 1 :]
        return "/".join((tail[0], *tail[1::2])) if len(tail) > 1 else ""

    @property
    def parent(self) -> ResourceId | None:
        """The resource (or resource group, or subscription) that this one is a child of; None above those."""
        cut = len(self.key) - 2
        if cut < 2:
            return None
        if self.key[cut - 2 : cut - 1] == ("providers",):
            cut -= 2
        return ResourceId(self.key[:cut], self.shown[:cut])

    def up_to(self, word: str) -> ResourceId | None:
        """The id of the level that a type segment names, of this resource or one above it: `up_to("projects")`."""
        wanted = word.lower()
        if wanted not in self.key[:-1]:
            return None
        end = self.key.index(wanted) + 2
        return ResourceId(self.key[:end], self.shown[:end])

    def child(self, *segments: str) -> ResourceId:
        """The id of a resource below this one: `child("connections", "docs")`."""
        return ResourceId((*self.key, *(one.lower() for one in segments)), (*self.shown, *segments))

    def holds(self, other: ResourceId) -> bool:
        """Whether the other one is this one or lies below it."""
        return other.key[: len(self.key)] == self.key
