"""One browser for all tests of this folder, and the pages they look at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

import pytest

from doctor.model.format import Style
from reports.html import render
from tests.browser import packages
from tests.browser.chromium import Chromium, Tab, executable
from tests.reports import samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REQUIRED = "AGENTDOCTOR_BROWSER_TESTS"
"""Set to `required`, a missing browser or package fails these tests instead of skipping them."""


def lacking(reason: str) -> NoReturn:
    """Skip, or fail where these tests are required."""
    if os.environ.get(REQUIRED) == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    program = executable()
    if program is None:
        lacking("this machine has no Chromium (set CHROMIUM to one)")
    with Chromium(program, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def tab(chromium: Chromium) -> Iterator[Tab]:
    page = chromium.page()
    yield page
    page.close()


@pytest.fixture(scope="session")
def axe() -> str:
    file = packages.path("axe-core")
    if not file.exists():
        lacking("axe-core was not fetched: python -m tests.browser.packages")
    return file.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("pages")
    told = {**samples.ALL, "hostile": samples.hostile(" ".join(samples.HOSTILE))}
    addresses = {}
    for name, sample in told.items():
        file = folder / f"{name}.html"
        file.write_text(render(sample, Style()), encoding="utf-8")
        addresses[name] = file.as_uri()
    return addresses
