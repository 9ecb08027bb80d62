"""One catalogue of error signatures, used by `explain` and by every live check alike."""

from __future__ import annotations

from doctor.signatures.answers import accepted, classify_answer, tool_errors
from doctor.signatures.classify import classify
from doctor.signatures.evidence import Context, Evidence, Plane
from doctor.signatures.explain import Explanation, explain
from doctor.signatures.paste import Paste, read_paste

__all__ = [
    "Context",
    "Evidence",
    "Explanation",
    "Paste",
    "Plane",
    "accepted",
    "classify",
    "classify_answer",
    "explain",
    "read_paste",
    "tool_errors",
]
