"""How long a check takes and what it asks, against the simulated Azure with latency on every request.

    python bench/check.py [SCENARIO] [--latency 80] [--runs 5]

Prints requests (Entra's not counted), the longest chain of dependent requests that the run made (as the number of
latency periods that its network phase cannot go below), the network phase, the whole process, peak memory, and ratios.
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="?", default="ten-downstream")
    parser.add_argument("--latency", type=float, default=80)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    rows = []
    with Simulator(asked.scenario, latency_ms=asked.latency) as simulator, tempfile.TemporaryDirectory() as folder:
        for _ in range(asked.runs + 1):
            document, took = one_run(simulator, Path(folder))
            exchanges = document["exchanges"]
            network = max(e["started_ms"] + e["duration_ms"] for e in exchanges) - min(
                e["started_ms"] for e in exchanges
            )
            rows.append((network, took * 1000, chain(exchanges), document))
    rows = rows[1:]
    document = rows[0][3]
    counted = [e for e in document["exchanges"] if e["plane"] not in {"entra", "imds"}]
    length = statistics.median_low([row[2] for row in rows])
    network = statistics.median(row[0] for row in rows)
    print(f"scenario            {asked.scenario}, {asked.latency:.0f} ms on each request, {asked.runs} runs, medians")
    print(f"verdict             {document['verdict']}")
    print(f"requests            {len(counted)} (and {len(document['exchanges']) - len(counted)} to Entra)")
    print(f"longest chain       {length} requests = {length * asked.latency:.0f} ms")
    print(f"network phase       {network:.0f} ms = {network / (length * asked.latency):.2f} x the chain")
    print(f"whole process       {statistics.median(row[1] for row in rows):.0f} ms")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    print(f"peak memory         {peak:.0f} MB")


if __name__ == "__main__":
    main()
