"""What may be concluded where the sources leave open who calls, and where several things are needed at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from doctor.downstream import Dependency, assess
from doctor.downstream.dependency import Caller, Who
from doctor.model.cause import Cause
from doctor.model.diagnosis import Confidence
from doctor.model.status import Status
from tests.downstream import world as w

if TYPE_CHECKING:
    from doctor.model.finding import Finding

STORE = w.resource("Microsoft.Storage/storageAccounts", "store1")
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
CONNECTION = w.connection(
    "c",
    auth_type="AAD",
    category="AzureBlob",
    target="https://store1.blob.core.windows.net",
    metadata={"ResourceId": STORE},
)
HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW


def world(*holders: w.IdentityRole, **fields: Any) -> w.World:
    found = w.World(resources={STORE: {"properties": {}}}, **fields)
    for role in holders:
        found.assign(role, BLOB_READER, STORE)
    return found


def judged(known: w.World, confidence: Confidence, *others: w.IdentityRole, **more: Any) -> Finding:
    caller = Caller(Who.IDENTITY, w.PMI, confidence, others)
    (found,) = assess(Dependency("mcp", caller, "storage_blob", connection=CONNECTION, **more), known)
    return found


@pytest.mark.parametrize(
    ("confidence", "others", "holders", "status"),
    [
        (HIGH, (), [w.PMI], Status.PASS),
        (HIGH, (), [], Status.FAIL),
        (MEDIUM, (w.APP,), [w.PMI], Status.PASS),
        (MEDIUM, (w.APP,), [], Status.FAIL),
        (MEDIUM, (w.APP,), [w.APP], Status.UNKNOWN),
        (MEDIUM, (w.APP, w.AMI), [w.AMI], Status.UNKNOWN),
        (MEDIUM, (), [], Status.UNKNOWN),
        (LOW, (w.APP,), [w.PMI, w.APP], Status.PASS),
        (LOW, (w.APP, w.AMI), [w.PMI, w.APP], Status.UNKNOWN),
        (LOW, (w.APP,), [w.PMI], Status.UNKNOWN),
        (LOW, (w.APP,), [], Status.UNKNOWN),
        (LOW, (), [w.PMI], Status.UNKNOWN),
        (LOW, (), [], Status.UNKNOWN),
    ],
)
def test_who_calls_and_how_sure_that_is(
    confidence: Confidence, others: tuple[w.IdentityRole, ...], holders: list[w.IdentityRole], status: Status
) -> None:
    assert judged(world(*holders), confidence, *others).status is status


def test_another_caller_that_does_not_exist_has_nothing_and_one_that_was_not_read_may_have_it() -> None:
    assert judged(world(absent={w.APP}), MEDIUM, w.APP).status is Status.FAIL
    assert judged(world(unreadable={w.APP.value}), MEDIUM, w.APP).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("confidence", "status"), [(HIGH, Status.FAIL), (MEDIUM, Status.UNKNOWN), (LOW, Status.UNKNOWN)]
)
def test_an_identity_that_is_not_there_fails_only_when_it_surely_calls(confidence: Confidence, status: Status) -> None:
    found = judged(world(absent={w.PMI}), confidence)
    assert (found.status, found.cause, found.required) == (status, Cause.PRINCIPAL_NOT_FOUND, True)


def test_an_identity_known_by_its_client_id_alone_is_for_a_person() -> None:
    caller = Caller(Who.USER_ASSIGNED, confidence=MEDIUM)
    (found,) = assess(Dependency("mcp", caller, "storage_blob", connection=CONNECTION), world())
    assert (found.status, found.cause, found.required) == (Status.UNKNOWN, Cause.NOT_CHECKABLE, True)


def test_a_role_on_one_of_two_containers_is_not_enough() -> None:
    one, two = (f"blobServices/default/containers/{name}" for name in ("one", "two"))
    known = world()
    known.assign(w.PMI, BLOB_READER, f"{STORE}/{one}")
    for children, status in (((one,), Status.PASS), ((one, two), Status.FAIL), ((two, one), Status.FAIL)):
        assert judged(known, HIGH, children=children).status is status


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        ((2,), Status.WARN),
        ((90,), Status.PASS),
        ((2, 3), Status.WARN),
        ((2, None), Status.PASS),
        ((2, 90), Status.PASS),
    ],
)
def test_access_ends_when_the_last_assignment_does(ends: tuple[int | None, ...], status: Status) -> None:
    known = world()
    for days in ends:
        known.assign(w.PMI, BLOB_READER, STORE, ends_on=w.NOW + timedelta(days=days) if days else None)
    assert judged(known, HIGH).status is status


def test_access_to_two_parts_ends_when_that_to_one_of_them_does() -> None:
    parts = [f"blobServices/default/containers/{name}" for name in ("one", "two")]
    known = world()
    for part, days in zip(parts, (2, 90), strict=True):
        known.assign(w.PMI, BLOB_READER, f"{STORE}/{part}", ends_on=w.NOW + timedelta(days=days))
    assert judged(known, HIGH, children=tuple(parts)).cause is Cause.EXPIRES_SOON


def test_what_may_not_be_used_never_fails() -> None:
    caller = Caller(Who.IDENTITY, w.PMI)
    dependency = Dependency("connection", caller, "storage_blob", connection=CONNECTION, used=None)
    (found,) = assess(dependency, world())
    assert (found.status, found.required) == (Status.UNKNOWN, False)
    (used,) = assess(replace(dependency, used=True), world())
    assert used.status is Status.FAIL
