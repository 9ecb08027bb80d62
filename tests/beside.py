"""Inputs that may lie beside the project and are no part of it: recordings of real Azure, stories of public reports."""

from __future__ import annotations

from pathlib import Path

_PROJECT = Path(__file__).parents[1]
# A second work tree lies one folder deeper.
_FOLDER = next((found for up in _PROJECT.parents[:2] if (found := up / "shared").is_dir()), _PROJECT.parent / "shared")

RECORDINGS = _FOLDER / "recordings" / "exchanges.jsonl"
STORIES = _FOLDER / "cases" / "scenarios"
