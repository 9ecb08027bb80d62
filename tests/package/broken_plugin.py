"""No documentation to speak of."""

from __future__ import annotations

from dataclasses import replace

from tests.package import plugin_example


def run(session: object) -> list[object]:
    """Nothing."""
    return [session]


check = replace(plugin_example.check, run=run)
