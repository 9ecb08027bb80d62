"""The example in CONTRIBUTING.md works when it is pasted."""

from __future__ import annotations

import importlib.util
import re
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from doctor.engine.run import Plan, run
from doctor.model.cause import Cause
from doctor.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.check import Check

TEXT = (Path(__file__).resolve().parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture
def pasted(tmp_path: Path) -> Iterator[Check]:
    """The check of the example, from a file of its own."""
    found = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    file = tmp_path / "my_check.py"
    file.write_text(textwrap.dedent(found[1]), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("my_check", file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["my_check"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module.check
    del sys.modules["my_check"]


@pytest.mark.parametrize(
    ("name", "status", "cause"), [("support", Status.PASS, None), ("support2", Status.WARN, Cause.REQUEST_INVALID)]
)
def test_the_pasted_check_runs(pasted: Check, name: str, status: Status, cause: Cause | None) -> None:
    facts: Any = SimpleNamespace(target=SimpleNamespace(name=name))
    (result,) = run(Plan((pasted,)), facts, seconds=5).results
    assert (result.status, result.finding.cause) == (status, cause)


def test_the_pasted_entry_point_names_the_pasted_check(pasted: Check) -> None:
    assert f'\n   {pasted.id} = "checks.{pasted.id.replace("-", "_")}:check"\n' in TEXT
