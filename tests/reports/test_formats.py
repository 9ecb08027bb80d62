"""What holds for every format that is installed."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata

import pytest

from doctor.model.format import Format, Style
from tests.reports import samples

NAMES = ["azure-devops", "github", "html", "json", "junit", "markdown", "sarif", "text"]
FORMATS: dict[str, Format] = {
    entry.name: entry.load() for entry in metadata.entry_points(group="agentdoctor.reports") if entry.name in NAMES
}
every = pytest.mark.parametrize("name", NAMES)


def test_the_formats_of_the_package_are_installed_under_their_own_names() -> None:
    assert sorted(FORMATS) == NAMES
    assert all(format_.name == name and format_.title.endswith(".") for name, format_ in FORMATS.items())


def test_an_ending_means_one_format() -> None:
    endings = [format_.extension for name, format_ in FORMATS.items() if name not in {"github", "azure-devops"}]
    assert len(set(endings)) == len(endings)
    assert not {"txt", "json", "html", "md", "xml"} & {FORMATS["github"].extension, FORMATS["azure-devops"].extension}


@every
def test_a_format_is_a_pure_function_that_ends_its_last_line(name: str) -> None:
    for sample in samples.ALL.values():
        first, second = (FORMATS[name].render(sample, Style()) for _ in range(2))
        assert first == second
        assert first.endswith("\n")
        assert not first.endswith("\n\n")


@every
def test_every_text_can_be_written_and_holds_no_control_character(name: str) -> None:
    for text in samples.HOSTILE:
        told = FORMATS[name].render(samples.hostile(text), Style(verbose=True, links=False))
        told.encode("utf-8")
        assert not [char for char in told if char != "\n" and not char.isprintable()]


@every
def test_no_text_from_outside_is_obeyed_by_a_ci_system(name: str) -> None:
    for text in samples.HOSTILE:
        told = FORMATS[name].render(samples.hostile(text), Style())
        own = {
            "azure-devops": r"^##vso\[task\.logissue type=(error|warning);\]",
            "github": r"^::(error|warning) title=",
        }
        rest = re.sub(own.get(name, r"(?!)"), "", told, flags=re.MULTILINE)
        assert not re.search(r"##[A-Za-z]*\[|^\s*::", rest, re.MULTILINE)


@every
def test_a_report_of_thousands_is_told_in_time_that_grows_with_it(name: str) -> None:
    told = FORMATS[name].render(samples.many(300), Style())
    assert name in {"github", "text"} or told.count("connection-0299") >= 2


def test_loading_all_formats_loads_no_template_engine() -> None:
    program = (
        "import sys; from importlib import metadata;"
        "[e.load() for e in metadata.entry_points(group='agentdoctor.reports')];"
        "sys.exit('jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
