"""Finds the checks, built-in and third parties' alike, through the entry-point group `agentdoctor.checks`."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from doctor.check import ENTRY_POINT_GROUP, Check, Group
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_OURS = "checks."


@dataclass(frozen=True, slots=True)
class Registered:
    """A check that was found, and where it comes from."""

    check: Check
    origin: str
    """Distribution and version that provides it."""

    @property
    def is_ours(self) -> bool:
        """Whether it lies in our own package, which the launcher finds nowhere but beside itself."""
        return self.check.run.__module__.startswith(_OURS)


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry point that gave no valid check; shown in every report, since a rule must not vanish silently."""

    name: str
    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Registry:
    """All checks in declared order, and the entry points that could not be loaded."""

    checks: tuple[Registered, ...]
    broken: tuple[Broken, ...] = ()

    def ids(self) -> tuple[str, ...]:
        """The ids of the checks, in declared order."""
        return tuple(registered.check.id for registered in self.checks)

    def others(self) -> tuple[str, ...]:
        """A sentence about each check that comes from another package: it may do anything that the caller may."""
        return tuple(
            f"Check {one.check.id} comes from another package: {clean(one.origin)}."
            for one in self.checks
            if not one.is_ours
        )

    def get(self, check_id: str) -> Registered | None:
        """The check of that id."""
        return next((registered for registered in self.checks if registered.check.id == check_id), None)


def load(entry_points: Iterable[metadata.EntryPoint] | None = None) -> Registry:
    """Load every check that is installed, ours first, so that no other takes the place of one of them.

    One that cannot be loaded is kept as broken.
    """
    installed = metadata.entry_points(group=ENTRY_POINT_GROUP) if entry_points is None else entry_points
    found: dict[str, Registered] = {}
    broken: list[Broken] = []
    for entry_point in sorted(installed, key=lambda one: not one.value.startswith(_OURS)):
        origin = f"{entry_point.dist.name} {entry_point.dist.version}" if entry_point.dist else "unknown"
        try:
            check = entry_point.load()
        except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; it is reported, not hidden
            broken.append(Broken(entry_point.name, origin, f"{type(error).__name__}: {error}"))
            continue
        if not isinstance(check, Check):
            broken.append(Broken(entry_point.name, origin, f"{entry_point.value} is no Check"))
        elif check.id in found and found[check.id].check is not check:
            broken.append(Broken(entry_point.name, origin, f"{found[check.id].origin} has a check {check.id} already"))
        else:
            found[check.id] = Registered(check, origin)
    return Registry(tuple(sorted(found.values(), key=_place)), tuple(sorted(broken, key=lambda one: one.name)))


def _place(registered: Registered) -> tuple[int, int, str]:
    groups: Sequence[Group] = list(Group)
    return (groups.index(registered.check.group), registered.check.rank, registered.check.id)
