"""How long a check takes and what it asks, against the simulated Azure with latency on every request.

    python bench/check.py [SCENARIO] [--latency 80] [--runs 5]

Prints requests (Entra's not counted), the longest chain of dependent requests that the run made (as the number of
latency periods that its network phase cannot go below), the network phase, the whole process, peak memory, how long
`--help` takes, and each figure's ratio to its limit; exits 1 when a limit is broken. Wants a machine with nothing else
to do.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from doctor.cli.simulate import check_arguments
from doctor.simulator import Simulator


def one_run(simulator: Simulator, folder: Path) -> tuple[dict[str, Any], float]:
    """The report and the seconds of one whole process."""
    report = folder / "report.json"
    command = [sys.executable, "-m", "agentdoctor", "check", *check_arguments(simulator), "--format", "json"]
    began = time.perf_counter()
    ran = subprocess.run(
        [*command, "-o", str(report)],
        env={**os.environ, **simulator.environ, "NO_PROXY": "*"},
        check=False,
        capture_output=True,
    )
    took = time.perf_counter() - began
    if not report.exists():
        sys.exit(ran.stderr.decode())
    return json.loads(report.read_text(encoding="utf-8")), took


def chain(exchanges: list[dict[str, Any]]) -> int:
    """Length of the longest chain of requests each of which began after the one before it had ended."""
    ordered = sorted(exchanges, key=lambda e: e["started_ms"] + e["duration_ms"])
    depth: list[tuple[int, int]] = []
    for exchange in ordered:
        before = max((d for end, d in depth if end <= exchange["started_ms"]), default=0)
        depth.append((exchange["started_ms"] + exchange["duration_ms"], before + 1))
    return max((d for _, d in depth), default=0)


def help_ms(rounds: int = 5) -> float:
    """The fastest of several runs of `--help`, whole process, in milliseconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "agentdoctor", "--help"], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return min(times) * 1000


def network_ms(exchanges: list[dict[str, Any]]) -> int:
    """From the first request to the last answer."""
    last = max(e["started_ms"] + e["duration_ms"] for e in exchanges)
    return int(last - min(e["started_ms"] for e in exchanges))


def measure(scenario: str, latency: float, runs: int) -> list[tuple[dict[str, Any], float]]:
    """Report and seconds of each run; one more is made first, and not counted."""
    with Simulator(scenario, latency_ms=latency) as simulator, tempfile.TemporaryDirectory() as folder:
        return [one_run(simulator, Path(folder)) for _ in range(runs + 1)][1:]


def line(name: str, figure: str, limit: float, value: float, unit: str = "") -> bool:
    """Print a figure, its limit and how much of the limit it takes; say whether it holds."""
    print(f"{name:<20}{figure:<44} limit {limit:g}{unit}, x{value / limit:.2f}")
    return value <= limit


def main() -> int:
    """Measure, print, and say whether every limit holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="?", default="ten-downstream")
    parser.add_argument("--latency", type=float, default=80)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    rows = measure(asked.scenario, asked.latency, asked.runs)
    exchanges = rows[0][0]["exchanges"]
    counted = [e for e in exchanges if e["plane"] not in {"entra", "imds"}]
    length = statistics.median_low([chain(document["exchanges"]) for document, _ in rows])
    network = statistics.median(network_ms(document["exchanges"]) for document, _ in rows)
    shortest = length * asked.latency
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    quick = help_ms()
    print(f"scenario            {asked.scenario}, {asked.latency:.0f} ms on each request, {asked.runs} runs, medians")
    print(f"verdict             {rows[0][0]['verdict']}")
    print(f"longest chain       {length} requests = {shortest:.0f} ms")
    print(f"whole process       {statistics.median(took for _, took in rows) * 1000:.0f} ms")
    to_entra = len(exchanges) - len(counted)
    held = [
        line("requests", f"{len(counted)} (and {to_entra} to Entra)", 24, len(counted)),
        line("network phase", f"{network:.0f} ms = {network / shortest:.2f} x the chain", 1.3, network / shortest),
        line("peak memory", f"{peak:.0f} MB", 120, peak, " MB"),
        line("--help", f"{quick:.0f} ms", 100, quick, " ms"),
    ]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
