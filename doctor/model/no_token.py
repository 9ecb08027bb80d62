"""That no credential gave a token: what was asked and what each one said. What it means, `doctor.reading` says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.model.fact import Problem

_LONGEST_LINE = 300
_NOISE = re.compile(
    r"^Authentication failed: |^\w+Credential (?:authentication )?unavailable[.,:] ?"
    r"|See the troubleshooting guide for more information: https://\S+ ?|Please visit https://\S+ .*$"
)
"""What the line says already, and advice that the fix replaces."""


@dataclass(frozen=True, slots=True)
class TokenAsked:
    """What was asked for."""

    scope: str
    """`https://ai.azure.com/.default`."""
    tenant: str
    """"" where the credential's own tenant is asked."""
    kind: str
    """The kind of credential: one of `doctor.azure.chain.KINDS`."""
    claims: str = ""
    """The claims challenge that the token must answer."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One credential that gave no token."""

    label: str
    text: str
    """What it said, as it came."""
    is_unavailable: bool
    """It is not set up here; otherwise it is, and was refused."""
    no_answer: Problem | None = None
    """Why no HTTP answer came, where that is what happened."""

    @property
    def line(self) -> str:
        """One line for the story of the chain."""
        return f"{self.label}: {'not available' if self.is_unavailable else 'refused'} - {gist(self.text)}"


@dataclass(frozen=True, slots=True)
class NoTokenStory:
    """Everything that is known about why there is no token."""

    asked: TokenAsked
    failures: tuple[Failure, ...] = ()
    """Each credential of the chain that was tried, in order."""
    entra_status: int | None = None
    """HTTP status of Entra's last answer, where it answered."""
    narrowed: str = ""
    """AZURE_TOKEN_CREDENTIALS, where it narrows the default chain."""
    bad_settings: str = ""
    """What the credential says is wrong with its settings; then nothing was tried."""
    is_overdue: bool = False
    """The time of the run was over first."""


def gist(message: str) -> str:
    """The line of an error that says most: the one with an AADSTS code, else the first; clean and not too long."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    line = next((one for one in lines if "AADSTS" in one), lines[0] if lines else "no reason given")
    line = _NOISE.sub("", clean(line)).partition(" Trace ID:")[0].strip() or clean(line)
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"
