"""How results relate: what merely follows, what is pointless, and which is the one thing to change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.application import check as real_check
from doctor.check import Check, Group
from doctor.engine.root_causes import relate, root_causes
from doctor.model.cause import Cause
from doctor.model.finding import Finding, Result, failed, passed, skipped, unknown, warned
from doctor.model.fix import Fix
from doctor.model.status import Status


def made(check_id: str, **changes: object) -> Check:
    return replace(real_check, **{"id": check_id, "needs": (), "explained_by": {}, **changes})  # type: ignore[arg-type]


def result(check_id: str, finding: Finding) -> Result:
    return Result(check_id, "title", "Other", finding, "", 0)


def no(cause: Cause = Cause.NO_ASSIGNMENT, **more: object) -> Finding:
    return failed(cause, "broken", **more)  # type: ignore[arg-type]


def test_a_failure_that_another_explains_is_no_root() -> None:
    checks = {"a": made("a", explained_by={Cause.PERMISSION_DENIED: ("b",)}), "b": made("b")}
    results = relate([result("a", no(Cause.PERMISSION_DENIED)), result("b", no(Cause.ROLE_LACKS_ACTION))], checks)
    roots = root_causes(results)
    assert [(root.check, root.explains) for root in roots] == [("b", ("a",))]


def test_it_is_a_root_when_the_other_passes() -> None:
    checks = {"a": made("a", explained_by={Cause.PERMISSION_DENIED: ("b",)}), "b": made("b")}
    results = relate([result("a", no(Cause.PERMISSION_DENIED)), result("b", passed("fine"))], checks)
    assert [root.check for root in root_causes(results)] == ["a"]


def test_explanations_chain() -> None:
    checks = {
        "a": made("a", explained_by={Cause.TOOL_DENIED: ("b",)}),
        "b": made("b", explained_by={Cause.LOST_ON_PUBLISH: ("c",)}),
        "c": made("c"),
    }
    results = relate(
        [
            result("a", no(Cause.TOOL_DENIED)),
            result("b", no(Cause.LOST_ON_PUBLISH).about("docs")),
            result("c", no(Cause.LOST_ON_PUBLISH)),
        ],
        checks,
    )
    assert [(root.check, root.explains) for root in root_causes(results)] == [("c", ("a", "b:docs"))]


def test_what_needs_a_failed_check_becomes_a_skip_that_names_it() -> None:
    checks = {"a": made("a"), "b": made("b", needs=("a",)), "c": made("c", needs=("b",))}
    results = relate([result("a", no()), result("b", no()), result("c", passed("fine"))], checks)
    assert [r.status for r in results] == [Status.FAIL, Status.SKIP, Status.SKIP]
    assert [r.finding.because_of for r in results] == [(), ("a",), ("a",)]


def test_an_unknown_need_makes_nothing_pointless() -> None:
    checks = {"a": made("a"), "b": made("b", needs=("a",))}
    results = relate([result("a", unknown(Cause.CANNOT_READ, "?")), result("b", passed("fine"))], checks)
    assert results[1].status is Status.PASS


def test_fails_come_before_unknowns_and_warnings_are_no_root() -> None:
    results = [
        result("a", unknown(Cause.CANNOT_READ, "?")),
        result("b", warned(Cause.KEY_IN_USE, "!")),
        result("c", no()),
    ]
    assert [root.check for root in root_causes(results)] == ["c"]


def test_without_a_fail_the_required_unknowns_are_the_roots() -> None:
    results = [
        result("a", unknown(Cause.CANNOT_READ, "?", required=False)),
        result("b", unknown(Cause.THROTTLED, "?")),
        result("c", skipped("-")),
    ]
    assert [(root.check, root.status) for root in root_causes(results)] == [("b", Status.UNKNOWN)]


def test_two_failures_that_one_command_mends_are_one_root() -> None:
    fix = Fix("do it", "az do-it")
    results = [result("a", no(fixes=(fix,))), result("b", no(fixes=(fix,)))]
    roots = root_causes(results)
    assert [(root.check, root.explains) for root in roots] == [("a", ("b",))]


@pytest.mark.parametrize("length", [2, 3, 4])
def test_of_a_ring_of_explanations_the_first_is_the_root(length: int) -> None:
    ring = "abcd"[:length]
    results = [result(one, no(because_of=(ring[(place + 1) % length],))) for place, one in enumerate(ring)]
    roots = root_causes([*results, result("z", no())])
    assert [(root.check, root.explains) for root in roots] == [("a", tuple(ring[1:])), ("z", ())]


def test_a_ring_that_something_else_explains_has_no_root_of_its_own() -> None:
    results = [result("a", no(because_of=("b",))), result("b", no(because_of=("a", "c"))), result("c", no())]
    assert [(root.check, root.explains) for root in root_causes(results)] == [("c", ("a", "b"))]


FINDINGS = st.builds(
    lambda status, cause, because: Finding(
        status, "said", cause if status.needs_cause else None, because_of=tuple(because)
    ),
    st.sampled_from(Status),
    st.sampled_from(Cause),
    st.lists(st.sampled_from("abcdef"), max_size=3),
)


@given(st.dictionaries(st.sampled_from("abcdef"), FINDINGS, min_size=1))
def test_there_is_a_root_whenever_something_failed_and_none_when_all_is_well(found: dict[str, Finding]) -> None:
    results = [result(check_id, finding) for check_id, finding in found.items()]
    roots = root_causes(results)
    serious = [r for r in results if r.status in {Status.FAIL, Status.ERROR}]
    open_ = [r for r in results if r.status is Status.UNKNOWN and r.finding.required]
    assert bool(roots) == bool(serious or open_)
    named = {root.check for root in roots} | {reference for root in roots for reference in root.explains}
    assert named <= set(found)
    fails = {r.reference for r in results if r.status is Status.FAIL}
    if fails:
        assert fails <= named, "each failure is a root, or one explains it"
        assert all(root.status is Status.FAIL for root in roots)


@pytest.mark.parametrize("group", Group)
def test_groups_have_words(group: Group) -> None:
    assert group.value[0].isupper()
