"""The TOML reader of the standard library, or its twin for Python 3.10."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 11):
    from tomllib import TOMLDecodeError, loads
else:
    from tomli import TOMLDecodeError, loads  # type: ignore[import-not-found,unused-ignore]  # Python 3.10 only

__all__ = ["TOMLDecodeError", "loads"]
