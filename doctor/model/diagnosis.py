"""What an error text proves and what it suggests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doctor.model.cause import Cause
    from doctor.model.fix import Fix


class Blame(str, Enum):
    """Whose access the text is about."""

    CALLER = "caller"
    AGENT = "agent"
    PROJECT = "project"
    UNKNOWN = "unknown"


class Confidence(str, Enum):
    """How sure a piece of knowledge is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One reading of an error text."""

    cause: Cause
    summary: str
    """What it means here, in one sentence."""
    signature: str = ""
    """Id of the catalogue entry that matched."""
    proves: str = ""
    suggests: str = ""
    principal: str = ""
    """Object id, user principal name or client id that the text names."""
    blames: Blame = Blame.UNKNOWN
    action: str = ""
    """The (data) action that the text names."""
    operation: str = ""
    """The operation that the text names: `POST /api/projects/{projectName}/openai/*`."""
    scope: str = ""
    fixes: tuple[Fix, ...] = ()
    confidence: Confidence = Confidence.HIGH
    docs: str = ""
    source: str = ""
