"""The wheel holds what the tree holds: it is built, unpacked and run on its own."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", os.fspath(folder / "dist")]
    ran = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_it_holds_every_data_file_and_no_test(unpacked: Path) -> None:
    for room in ("doctor", "checks", "reports"):
        tracked = {
            file.relative_to(HOME)
            for file in (HOME / room).rglob("*")
            if file.is_file() and "__pycache__" not in file.parts
        }
        assert tracked
        assert {file for file in tracked if not (unpacked / file).exists()} == set()
    assert not (unpacked / "tests").exists()
    assert (unpacked / "agentdoctor.py").exists()


def test_it_runs_alone(unpacked: Path, tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": os.fspath(unpacked)}
    script = (
        "import agentdoctor, doctor, checks, reports, sys; "
        "print([m.__file__ for m in (agentdoctor, doctor, checks, reports)])"
    )
    where = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert where.stdout.count(os.fspath(unpacked)) == 4
    ran = subprocess.run(
        [sys.executable, "-m", "agentdoctor", "demo", "lost-on-publish"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "az role assignment create" in ran.stdout
