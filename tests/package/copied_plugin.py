"""Another package that offers a check of the same id."""

from __future__ import annotations

from dataclasses import replace

from tests.package import plugin_example

check = replace(plugin_example.check, title="The same id again")
