"""One table says what each status is called where."""

from __future__ import annotations

import pytest

from doctor.model.status import Status, Verdict
from reports.states import OF_VERDICT, STATES, WORST_FIRST

TABLE = {
    # ours: JUnit, SARIF kind, SARIF level, annotation in GitHub and Azure DevOps
    Status.PASS: ("", "pass", "none", ""),
    Status.WARN: ("system-out", "review", "warning", "warning"),
    Status.FAIL: ("failure", "fail", "error", "error"),
    Status.UNKNOWN: ("error", "open", "warning", "warning"),
    Status.SKIP: ("skipped", "notApplicable", "none", ""),
    Status.ERROR: ("error", "", "error", "error"),
}


@pytest.mark.parametrize("status", Status)
def test_the_mapping(status: Status) -> None:
    state = STATES[status]
    assert (state.junit, state.sarif_kind, state.sarif_level, state.annotation) == TABLE[status]


def test_every_status_has_its_own_word_and_symbol_also_in_ascii() -> None:
    assert set(STATES) == set(WORST_FIRST) == set(Status)
    for words in zip(*((s.word, s.symbol, s.ascii) for s in STATES.values()), strict=True):
        assert len(set(words)) == len(Status)
    assert all(state.ascii.isascii() and len(state.ascii) == len(state.symbol) == 1 for state in STATES.values())


def test_every_verdict_looks_like_its_status() -> None:
    assert {verdict: status.value for verdict, status in OF_VERDICT.items()} == {v: v.value for v in Verdict}
