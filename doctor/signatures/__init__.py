"""One catalogue of error signatures, used by `explain` and by every live check alike."""

from __future__ import annotations

from doctor.signatures.answers import accepted, classify_answer, tool_errors
from doctor.signatures.classify import classify
from doctor.signatures.evidence import Context, Evidence, Plane

__all__ = ["Context", "Evidence", "Plane", "accepted", "classify", "classify_answer", "tool_errors"]
