"""What Entra's codes (AADSTS…) mean: the one table of `data/entra.toml`, for live sign-ins and for pastes alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.reading.catalogue import entra_families
from doctor.reading.extract import GUID, entra_codes

if TYPE_CHECKING:
    from doctor.model.cause import Cause
    from doctor.reading.catalogue import EntraFamily

_APPLICATION = re.compile(
    rf"(?i)\b(?:application|app|client|resource principal)\b[^'\"\n]{{0,60}}['\"]?({GUID})\b"
    rf"|\bclient[_ ]?id[='\": ]{{1,4}}({GUID})"
)


@dataclass(frozen=True, slots=True)
class EntraRefusal:
    """What one refusal says."""

    number: int
    """Of the code that decides."""
    family: EntraFamily
    application: str = ""
    """The application (client) id that the text names, in lower case."""

    @property
    def code(self) -> str:
        """`AADSTS50076`."""
        return f"AADSTS{self.number}"

    @property
    def cause(self) -> Cause:
        """What it comes down to."""
        return self.family.cause

    @property
    def summary(self) -> str:
        """What it means, as a clause that starts with a capital letter and has no full stop."""
        return self.family.says.get(self.number, self.family.summary)


def entra_refusal(text: str) -> EntraRefusal | None:
    """What the first known AADSTS code of a text says, else its first one; None when there is none."""
    codes = entra_codes(text)
    if not codes:
        return None
    number, family = _decisive(codes)
    named = _APPLICATION.search(text)
    application = next((group for group in named.groups() if group), "") if named else ""
    return EntraRefusal(number, family, application.lower())


def _decisive(codes: tuple[int, ...]) -> tuple[int, EntraFamily]:
    families = entra_families()
    for code in codes:
        for family in families:
            if code in family.codes:
                return code, family
    first = str(codes[0])
    return codes[0], next((one for one in families if first.startswith(one.starts)), families[-1])
