"""The only room that says what an answer or an error text means.

`problem(answer, asked)` says why an answer is not the fact that was asked for; `no_token(story)` why there is no token;
`proof(answer, context)` whether an answer proves that the caller was let in; `is_completed(answer)` whether a real call
was answered to its end; `classify_answer` and `explain` what an answer or a paste says. All of them read one catalogue.
"""

from __future__ import annotations

from doctor.reading.answers import Proof, classify_answer, is_completed, proof, tool_errors
from doctor.reading.classify import classify
from doctor.reading.evidence import Context, Evidence, Plane
from doctor.reading.explain import Explanation, explain
from doctor.reading.no_token import no_token
from doctor.reading.paste import Paste, read_paste
from doctor.reading.refusals import Asked, garbage, problem

__all__ = [
    "Asked",
    "Context",
    "Evidence",
    "Explanation",
    "Paste",
    "Plane",
    "Proof",
    "classify",
    "classify_answer",
    "explain",
    "garbage",
    "is_completed",
    "no_token",
    "problem",
    "proof",
    "read_paste",
    "tool_errors",
]
