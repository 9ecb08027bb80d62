"""What reasoning about access costs, and how the cost grows.

    python bench/rbac.py

Prints each figure beside its limit, and the growth of the cost when the number of facts doubles; exits 1 when a limit
is broken. Every figure is the best of several rounds, in milliseconds.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.model.access import Access, Action, Question
from doctor.model.authorization import (
    EVERYONE,
    DenyAssignment,
    DenyPrincipal,
    Permission,
    RoleAssignment,
    RoleDefinition,
)
from doctor.model.identity import Identity, IdentityRole
from doctor.rbac import AccessFacts, Needs, bundled_definitions, decide, remedies, who_may

if TYPE_CHECKING:
    from collections.abc import Callable

INVOKE = Action("Microsoft.CognitiveServices/accounts/AIServices/applications/invoke/action", data=True)
GROUP = "/subscriptions/s/resourceGroups/rg"
APPLICATION = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/a/projects/p/applications/x"
ME = "me"


def world(assignments: int, definitions: int, denials: int, *, mine: int = 10) -> AccessFacts:
    """Facts in which nothing grants, so that every near miss has to be looked for."""
    built_in = list(bundled_definitions().values())
    roles = [replace(built_in[at % len(built_in)], live=True) for at in range(min(definitions, len(built_in)))]
    roles += [_custom(at) for at in range(definitions - len(roles))]
    given = [
        RoleAssignment(
            f"/a/{at}",
            ME if at % max(1, assignments // mine) == 0 else f"principal-{at % 997}",
            roles[at % len(roles)].guid,
            f"{GROUP}/providers/Microsoft.Storage/storageAccounts/s{at}" if at % 3 else "/subscriptions/s",
            principal_type="Group" if at % 10 == 1 else "ServicePrincipal",
        )
        for at in range(assignments)
    ]
    refusals = [
        DenyAssignment(
            f"/d/{at}",
            f"deny {at}",
            GROUP,
            (Permission(("*/delete",), (), ("*/delete",)),),
            (DenyPrincipal(EVERYONE),),
            (DenyPrincipal(f"principal-{at}"),),
        )
        for at in range(denials)
    ]
    ledger = (
        Identity(ME, IdentityRole.CALLER),
        *(Identity(f"principal-{at}", IdentityRole.UNKNOWN) for at in range(5)),
    )
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    return AccessFacts(tuple(given), {role.guid: role for role in roles}, now, tuple(refusals), identities=ledger)


def _custom(at: int) -> RoleDefinition:
    entry = Permission(("Microsoft.Storage/*",), ("*/delete",), (f"My.Things/type{at}/*",))
    return RoleDefinition(f"custom-{at}", f"Custom {at}", (entry,), built_in=False)


def best(work: Callable[[], object], rounds: int = 7) -> float:
    """The fastest of several rounds, in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def loading() -> float:
    """Reading the bundled definitions in a fresh process, in milliseconds."""
    code = (
        "import time, doctor.rbac as r; s = time.perf_counter(); r.bundled_definitions(); "
        "print((time.perf_counter() - s) * 1000)"
    )
    root = Path(__file__).resolve().parents[1]
    runs = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=root) for _ in range(3)]
    return min(float(run.stdout) for run in runs)


def decision(assignments: int) -> float:
    """One decision with everything kept that explains a no."""
    facts = world(assignments, 1000, 50)
    question = Question(ME, INVOKE, APPLICATION)
    assert decide(question, facts).access is Access.NOT_GRANTED
    return best(lambda: decide(question, facts))


def invokers(assignments: int) -> float:
    """Who may invoke, over everybody's assignments."""
    facts = world(assignments, 1000, 50)
    assert who_may(INVOKE, "/subscriptions/s", facts)
    return best(lambda: who_may(INVOKE, "/subscriptions/s", facts), rounds=3)


def remedy(assignments: int) -> float:
    """The smallest change, verified."""
    facts = world(assignments, 1000, 50)
    return best(lambda: remedies(ME, Needs.of(INVOKE), APPLICATION, facts, caller=ME), rounds=3)


def main() -> int:
    """Measure, print, and say whether every limit holds."""
    figures = [
        ("load 928 bundled definitions, fresh process", loading(), 60.0),
        ("decide over 2,000 assignments, 1,000 definitions, 50 denials", decision(2_000), 20.0),
        ("who may, over 20,000 assignments", invokers(20_000), 2_000.0),
        ("smallest change over 2,000 assignments, verified", remedy(2_000), 200.0),
    ]
    for name, figure, limit in figures:
        print(f"{name:<64} {figure:8.1f} ms  (limit {limit:.0f}, x{figure / limit:.2f})")
    print("\ngrowth of the cost when the assignments double")
    for name, cost, sizes in (
        ("decide", decision, (1_000, 2_000, 4_000, 8_000)),
        ("who may", invokers, (5_000, 10_000, 20_000)),
        ("smallest change", remedy, (1_000, 2_000, 4_000)),
    ):
        costs = [cost(size) for size in sizes]
        steps = "  ".join(
            f"{size:,}: {mine:.1f} ms (x{mine / before:.2f})"
            for size, mine, before in zip(sizes[1:], costs[1:], costs[:-1], strict=True)
        )
        print(f"{name:<16} {sizes[0]:,}: {costs[0]:.1f} ms  {steps}")
    return 0 if all(figure < limit for _, figure, limit in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
