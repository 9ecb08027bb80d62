"""One browser for all tests of this folder, and the pages they look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doctor.model.format import Style
from reports.html import render
from tests.browser.chromium import Chromium, Tab, executable
from tests.npm import lacking, read
from tests.reports import samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
    return read("axe-core")


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
