"""What recording costs a check of ten downstream resources, and how long a replay takes."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from doctor.cli.simulate import check_arguments
from doctor.facts.ground import Ground
from doctor.facts.options import CredentialKind, Options
from doctor.simulator import Simulator
from doctor.use_cases.bundling import bundle
from doctor.use_cases.recording import Recording
from doctor.use_cases.replaying import replay_of, replayed
from doctor.use_cases.run_checks import EVERYTHING, check

RUNS = 5
LATENCY_MS = 80
RECORDING_SHARE = 1.10
REPLAY_SECONDS = 1.0


def main() -> int:
    """Print the two figures beside their limits; 1 when one is broken."""
    plain, recorded = [], []
    with Simulator("ten-downstream", latency_ms=LATENCY_MS) as azure, tempfile.TemporaryDirectory() as folder:
        os.environ.update(azure.environ)
        options = _options(azure)
        path = Path(folder) / "out.zip"
        for _ in range(RUNS + 1):
            plain.append(_seconds(lambda: check(options, ground=Ground(os.environ))))
            recording = Recording(os.environ)
            began = time.perf_counter()
            report = check(options, ground=recording.ground())
            documents = recording.documents(report, options, EVERYTHING)
            content, _ = bundle(documents, keep_ids=True)
            path.write_bytes(content)
            recorded.append(time.perf_counter() - began)
    ratio = statistics.median(b / a for a, b in zip(plain[1:], recorded[1:], strict=True))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.zip"
        path.write_bytes(content)
        replays = [_seconds(lambda: replayed(replay_of(path), EVERYTHING)) for _ in range(RUNS)]
    replay = statistics.median(replays)
    print(f"recording / not recording   {ratio:5.2f}   limit {RECORDING_SHARE}   {ratio / RECORDING_SHARE:.2f} of it")
    print(f"replay, seconds             {replay:5.2f}   limit {REPLAY_SECONDS}   {replay / REPLAY_SECONDS:.2f} of it")
    return 1 if ratio > RECORDING_SHARE or replay > REPLAY_SECONDS else 0


def _options(azure: Simulator) -> Options:
    given = check_arguments(azure)
    ca_file = Path(given[given.index("--ca-file") + 1])
    return Options(given[0], credential=CredentialKind.ENV, connect_to=(azure.connect_to,), ca_file=ca_file)


def _seconds(job: object) -> float:
    began = time.perf_counter()
    job()  # type: ignore[operator]
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
