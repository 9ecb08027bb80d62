"""How long a check takes and what it asks, against the simulated Azure with latency on every request.

    python bench/check.py [SCENARIO] [--latency 80] [--runs 5]

Prints requests (Entra's not counted), the longest chain of dependent requests, the network phase and the whole process
beside the shortest chain there can be (five requests: discovery, token, place, details, assignments), when the first
request left, threads alive at a time, peak memory, how long `--help` takes, and each figure's ratio to its limit; exits
1 when a limit is broken. Wants a machine with nothing else to do.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from doctor.cli.simulate import check_arguments
from doctor.simulator import Simulator


@dataclass(frozen=True)
class Run:
    """What one whole process took."""

    document: dict[str, Any]
    seconds: float
    first_ms: float
    """From the start of the process until its first request was at the server."""


def one_run(simulator: Simulator, folder: Path) -> Run:
    """Run the command once."""
    report = folder / "report.json"
    command = [sys.executable, "-m", "agentdoctor", "check", *check_arguments(simulator), "--format", "json"]
    began, clock = time.perf_counter(), time.monotonic()
    ran = subprocess.run(
        [*command, "-o", str(report)],
        env={**os.environ, **simulator.environ, "NO_PROXY": "*"},
        check=False,
        capture_output=True,
    )
    took = time.perf_counter() - began
    if not report.exists():
        sys.exit(ran.stderr.decode())
    first = min(one.at for one in simulator.requests if one.at > clock)
    return Run(json.loads(report.read_text(encoding="utf-8")), took, (first - clock) * 1000)


def chain(exchanges: list[dict[str, Any]]) -> int:
    """Length of the longest chain of requests each of which began after the one before it had ended."""
    ordered = sorted(exchanges, key=lambda e: e["started_ms"] + e["duration_ms"])
    depth: list[tuple[int, int]] = []
    for exchange in ordered:
        before = max((d for end, d in depth if end <= exchange["started_ms"]), default=0)
        depth.append((exchange["started_ms"] + exchange["duration_ms"], before + 1))
    return max((d for _, d in depth), default=0)


SHORTEST = 5
"""Requests in the shortest chain: discovery, token, place, details, the identities' assignments."""
_WATCH = """
import sys, threading, time
most = [0]
def watch():
    while True:
        most[0] = max(most[0], threading.active_count() - 1)
        time.sleep(0.002)
threading.Thread(target=watch, daemon=True).start()
import agentdoctor
try:
    agentdoctor.main()
except SystemExit:
    pass
print(most[0], threading.active_count() - 1, file=sys.stderr)
"""
"""Counts the threads of a whole run without its own, at their most and when the run is over."""


def threads(simulator: Simulator) -> tuple[int, int]:
    """The most threads alive at a time, and those left after the run, the main thread included."""
    command = [sys.executable, "-c", _WATCH, "check", *check_arguments(simulator), "--format", "json"]
    environ = {**os.environ, **simulator.environ, "NO_PROXY": "*"}
    ran = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
    most, left = ran.stderr.split()[-2:]
    return int(most), int(left)


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


def measure(scenario: str, latency: float, runs: int) -> tuple[list[Run], tuple[int, int]]:
    """Each run, one more that is made first not counted; and the threads of another."""
    with Simulator(scenario, latency_ms=latency) as simulator, tempfile.TemporaryDirectory() as folder:
        return [one_run(simulator, Path(folder)) for _ in range(runs + 1)][1:], threads(simulator)


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
    runs, (most, left) = measure(asked.scenario, asked.latency, asked.runs)
    exchanges = runs[0].document["exchanges"]
    counted = [e for e in exchanges if e["plane"] not in {"entra", "imds"}]
    length = statistics.median_low([chain(run.document["exchanges"]) for run in runs])
    network = statistics.median(network_ms(run.document["exchanges"]) for run in runs)
    whole = statistics.median(run.seconds for run in runs) * 1000
    first = statistics.median(run.first_ms for run in runs)
    shortest = SHORTEST * asked.latency
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    quick = help_ms()
    print(f"scenario            {asked.scenario}, {asked.latency:.0f} ms on each request, {asked.runs} runs, medians")
    print(f"verdict             {runs[0].document['verdict']}")
    print(f"shortest chain      {SHORTEST} requests = {shortest:.0f} ms")
    to_entra = len(exchanges) - len(counted)
    held = [
        line("requests", f"{len(counted)} (and {to_entra} to Entra)", 24, len(counted)),
        line("longest chain", f"{length} requests", SHORTEST, length),
        line("network phase", f"{network:.0f} ms = {network / shortest:.2f} x the shortest", 1.15, network / shortest),
        line("first request", f"{first:.0f} ms after the start", 250, first, " ms"),
        line("whole process", f"{whole:.0f} ms", shortest + 350, whole, " ms"),
        line("threads", f"{most} alive at the most, {left} after the run", 32, most),
        line("peak memory", f"{peak:.0f} MB", 120, peak, " MB"),
        line("--help", f"{quick:.0f} ms", 80, quick, " ms"),
    ]
    return 0 if all(held) and left == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
