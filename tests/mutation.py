"""Mutation testing of the reasoning about access: a seeded sample of mutants, killed or not by tests/rbac.

mutmut makes the mutants of doctor/rbac (see `tool.mutmut` in pyproject.toml) and runs them; this script chooses which.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
MUTMUT = (sys.executable, "-m", "mutmut", "run")
SURVIVED, UNTESTED = 0, 33
"""Exit codes of mutmut for a mutant that no test notices, and for one that no test reaches."""


def main() -> int:
    """Print the score of the sample and name what survived; 1 when nothing could be run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=100, help="how many mutants; default 100")
    parser.add_argument("--seed", type=int, default=1, help="of the choice; default 1")
    given = parser.parse_args()
    # A name that no mutant has: they are made, and none is run.
    subprocess.run([*MUTMUT, "nothing"], cwd=HOME, capture_output=True, check=False)
    names = sorted(outcomes())
    if not names:
        print("mutmut made no mutants; `mutmut run nothing` tells why.", file=sys.stderr)
        return 1
    chosen = random.Random(given.seed).sample(names, min(given.sample, len(names)))  # noqa: S311 - a choice of tests
    children = str(min(os.cpu_count() or 1, 4))
    subprocess.run([*MUTMUT, "--max-children", children, *chosen], cwd=HOME, capture_output=True, check=False)
    after = outcomes()
    run = [name for name in chosen if after[name] is not None]
    alive = [name for name in run if after[name] in {SURVIVED, UNTESTED}]
    print(f"{len(run) - len(alive)} of {len(run)} mutants killed, out of {len(names)} (seed {given.seed}).")
    print("\n".join(f"  survived: {name}" for name in alive))
    return 0 if run else 1


def outcomes() -> dict[str, int | None]:
    """Mutant → exit code of its tests; None before they ran."""
    found: dict[str, int | None] = {}
    for file in (HOME / "mutants" / "doctor" / "rbac").rglob("*.meta"):
        found |= json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
