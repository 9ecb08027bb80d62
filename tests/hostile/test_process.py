"""The real process: what it writes, how it ends, and how much memory it takes."""

from __future__ import annotations

import base64
import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from doctor.cli.simulate import check_arguments
from doctor.simulator import Simulator
from doctor.simulator.scenario_model import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMATS = ("json", "html", "markdown", "junit", "sarif", "github", "azure-devops")
SECRET = "Xk7~pQ9_zWm2vTn4rYb8cDg5fHj-secret"
MEMORY_MB = 200


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "agentdoctor", *arguments]


@contextmanager
def running(azure: Simulator, *options: str) -> Iterator[subprocess.Popen[str]]:
    environ = {**os.environ, **azure.environ}
    arguments = command("check", *check_arguments(azure), *options)
    with subprocess.Popen(arguments, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_soon_with_what_was_found(number: signal.Signals, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    hanging = Simulator("healthy", faults=(Fault(host="management.", kind="latency", ms=60_000),))
    with hanging as azure, running(azure, "-o", str(file)) as process:
        while not any("management" in str(one) for one in azure.requests):
            time.sleep(0.1)
        time.sleep(2)
        process.send_signal(number)
        began = time.monotonic()
        _, told = process.communicate(timeout=20)
        seconds = time.monotonic() - began
    assert process.returncode == 130, told
    assert "Traceback" not in told
    results = json.loads(file.read_text())["results"]
    assert any(one["status"] == "pass" for one in results)
    assert any("interrupted" in one["summary"] for one in results)
    assert seconds < 10  # one, on a machine with nothing else to do; the requests hang for sixty


def test_a_closed_output_is_no_traceback() -> None:
    with Simulator("healthy") as azure, running(azure) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        told = process.stderr.read()
        process.wait(20)
    assert "Traceback" not in told
    assert "Exception ignored" not in told


def test_no_secret_of_the_run_leaves_it_in_any_format(tmp_path: Path) -> None:
    files = [tmp_path / f"report.{name}" for name in FORMATS]
    options = [f"--report={name}={file}" for name, file in zip(FORMATS, files, strict=True)]
    encoded = base64.b64encode(SECRET.encode()).decode()
    with Simulator("lost-on-publish") as azure:
        target = check_arguments(azure)
        # Names come from the user as well; the worst that one can hold is the secret itself.
        waiver = tmp_path / "agentdoctor.toml"
        waiver.write_text(f'[[waivers]]\ncheck = "token"\nreason = "as {SECRET} and {encoded}"\n')
        environ = {**os.environ, **azure.environ, "AZURE_CLIENT_CERTIFICATE_PASSWORD": SECRET}
        ran = subprocess.run(
            command("check", *target, "-v", "--config", str(waiver), *options),
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 1, ran.stderr
    told = ran.stdout + ran.stderr + "".join(file.read_text() for file in files)
    for secret in (SECRET, azure.environ["AZURE_CLIENT_SECRET"]):
        forms = (secret, base64.b64encode(secret.encode()).decode().rstrip("="), secret.encode().hex())
        assert not [form for form in forms for at in range(len(form) - 11) if form[at : at + 12] in told]
    assert "eyJ" not in told.replace("[redacted]", "")


@pytest.mark.parametrize("text", ["it was {}", "login with {} failed"])
def test_a_paste_with_a_secret_of_this_machine_is_not_echoed(text: str) -> None:
    environ = {**os.environ, "AZURE_CLIENT_SECRET": SECRET}
    paste = f"HTTP 403 Forbidden {text.format(SECRET)} {base64.b64encode(SECRET.encode()).decode()}"
    for style in ("text", "json", "markdown"):
        ran = subprocess.run(
            command("explain", paste, "--format", style), env=environ, capture_output=True, text=True, check=False
        )
        assert SECRET not in ran.stdout + ran.stderr
        assert ran.returncode in {0, 3}


def peak_mb(arguments: list[str], environ: dict[str, str], feed: str = "") -> tuple[int, int]:
    """Megabytes and exit code of a command, fed by a shell line."""
    line = f'{feed} | exec "$@"' if feed else 'exec "$@"'
    code = (
        "import os, resource, subprocess, sys\n"
        "ran = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, ran.returncode)"
    )
    ran = subprocess.run(
        ["/bin/sh", "-c", line, "sh", sys.executable, "-c", code, *arguments],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    kilobytes, status = map(int, ran.stdout.split())
    return kilobytes // (1024 if sys.platform != "darwin" else 1024 * 1024), status


@pytest.mark.parametrize("kind", ["huge", "bomb", "endless", "drip", "headers", "redirect", "deep"])
def test_no_answer_makes_it_swell_or_hang(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    hosts = ("management.", "services.ai.")
    faults = tuple(Fault(kind=kind, host=host, ms=50, layers=100_000) for host in hosts)
    with Simulator("healthy", faults=faults) as azure:
        arguments = command("check", *check_arguments(azure), "--timeout", "10", "-o", str(file))
        began = time.monotonic()
        megabytes, status = peak_mb(arguments, dict(azure.environ))
        seconds = time.monotonic() - began
    report = json.loads(file.read_text())
    assert status in {1, 3}, report["root_causes"]
    assert report["summary"]["error"] == 0, [one for one in report["results"] if one["status"] == "error"]
    assert megabytes < MEMORY_MB
    assert seconds < 30  # ten, on a machine with nothing else to do
    assert report["root_causes"][0]["cause"] in {"not-azure", "timed-out", "unrecognised", "wrong-endpoint"}


def test_a_token_that_swells_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    with Simulator("healthy", faults=(Fault(kind="huge", host="login."),)) as azure:
        arguments = command("check", *check_arguments(azure), "--timeout", "10", "-o", str(file))
        megabytes, status = peak_mb(arguments, dict(azure.environ))
    report = json.loads(file.read_text())
    assert (status in {1, 3}, report["root_causes"][0]["cause"]) == (True, "not-azure")
    assert megabytes < MEMORY_MB


@pytest.mark.skipif(not hasattr(resource, "RUSAGE_CHILDREN"), reason="no resource usage of children here")
@pytest.mark.parametrize(
    "feed",
    [
        "head -c 1000000000 /dev/zero",
        'yes \'{"a":[1,{}],"b":\' | head -c 1000000000',
        "yes 'AADSTS50076: multifactor 😀 403 Forbidden' | head -c 1000000000",
    ],
)
def test_explain_of_a_gigabyte(feed: str) -> None:
    megabytes, status = peak_mb(command("explain", "-"), {}, feed)
    assert status in {0, 3}
    assert megabytes < MEMORY_MB


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("large.json", b'{"schema": "' + b"x" * 40_000_000 + b'"}'),
        ("parts.json", b"[" + b"[]," * 3_000_000 + b"[]]"),
        ("deep.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        ("deep.html", b"<html>" * 300_000),
    ],
)
@pytest.mark.parametrize("arguments", [("report", "FILE"), ("diff", "FILE", "FILE")])
def test_a_hostile_document_is_one_sentence(
    name: str, content: bytes, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    megabytes, status = peak_mb(command(*(str(file) if one == "FILE" else one for one in arguments)), {})
    assert (status, megabytes < MEMORY_MB) == (2, True)
