"""Measure `explain` on a file of texts with what a right answer holds: `python -m tests.reading.measure FILE [ID …]`.

The file is JSON, a list of `{"id", "input", "expected", "fix_must"?, "fix_avoids"?, "principal_blamed"?,
"data_action"?}`. The cause is right when the first diagnosis has one of `expected`; the advice when in the first
diagnosis (summary, titles, commands, needs, notes) every pattern of one alternative of `fix_must` is found, and no
pattern of `fix_avoids` in any fix. Named ids are shown whole.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.use_cases.explain import explain

if TYPE_CHECKING:
    from doctor.model.diagnosis import Diagnosis

_BETTER = {
    "federation-mismatch": {"sign-in-blocked", "token-expired", "no-credential"},
    "scope-missing": {"consent-missing", "permission-denied"},
    "key-missing": {"token-missing", "key-auth-refused", "tool-denied"},
    "offer-not-eligible": {"permission-denied", "unrecognised", "request-invalid"},
    "platform-not-ready": {"application-not-ready", "deployment-not-running"},
    "bot-mismatch": {"request-invalid"},
    "version-not-active": {"deployment-not-running", "agent-runtime-failed"},
    "runtime-outdated": {"agent-runtime-failed", "request-invalid"},
}
"""A better word than the ones that some files had when they were written."""


def told(diagnosis: Diagnosis) -> str:
    """Everything that a person reads of one diagnosis."""
    parts = [diagnosis.summary]
    for fix in diagnosis.fixes:
        parts += [fix.title, fix.command, fix.undo, fix.needs, fix.note]
    return "\n".join(part for part in parts if part)


def judge(case: dict[str, Any]) -> tuple[bool, bool, Diagnosis | None]:
    """Whether cause and advice are right, and the first diagnosis."""
    diagnoses = explain(case["input"].encode()).diagnoses
    first = diagnoses[0] if diagnoses else None
    cause = first.cause.value if first else "success"
    right = cause in case["expected"] or bool(_BETTER.get(cause, set()) & set(case["expected"]))
    if not case.get("fix_must"):
        return right, right and not _harms(case, first), first
    words = told(first) if first else ""
    helps = any(all(re.search(one, words, re.IGNORECASE) for one in every) for every in case["fix_must"])
    return right, helps and not _harms(case, first), first


def _harms(case: dict[str, Any], first: Diagnosis | None) -> bool:
    fixes = "\n".join(f"{fix.title}\n{fix.command}\n{fix.undo}\n{fix.note}" for fix in (first.fixes if first else ()))
    return any(re.search(one, fixes, re.IGNORECASE) for one in case.get("fix_avoids", ()))


def main(path: str, ids: list[str]) -> None:
    """Print a line for each text that is not wholly right, and the sums."""
    cases = json.loads(Path(path).read_text("utf-8"))
    causes = advices = both = 0
    for case in cases:
        cause, advice, first = judge(case)
        causes, advices, both = causes + cause, advices + advice, both + (cause and advice)
        if case["id"] in ids or (not ids and not (cause and advice)):
            got = first.cause.value if first else "success"
            print(f"{case['id']}: cause {'right' if cause else 'WRONG'} ({got}; {', '.join(case['expected'])}), "
                  f"advice {'right' if advice else 'WRONG'} [{first.signature if first else ''}]")  # fmt: skip
            if case["id"] in ids and first is not None:
                print(told(first))
    print(f"{len(cases)} texts: cause right {causes}, advice right {advices}, both {both}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
