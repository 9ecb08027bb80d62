"""One catalogue of error signatures, used by `explain` and by every live check alike."""

from __future__ import annotations

from doctor.reading.answers import accepted, classify_answer, tool_errors
from doctor.reading.classify import classify
from doctor.reading.evidence import Context, Evidence, Plane
from doctor.reading.explain import Explanation, explain
from doctor.reading.paste import Paste, read_paste

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
