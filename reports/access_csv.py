"""An access table as comma-separated values (RFC 4180): one line for each assignment, every cell quoted."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from typing import TYPE_CHECKING

from doctor.model.access_table import AccessRow
from doctor.model.codec import encode
from doctor.model.untrusted import clean

if TYPE_CHECKING:
    from doctor.model.access_table import AccessTable

_FORMULA = ("=", "+", "-", "@")
"""A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection); a quotation mark before it disarms it."""


def render(table: AccessTable) -> str:
    """The rows under the names of their fields."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    names = [field.name for field in fields(AccessRow)]
    writer.writerow(names)
    for row in table.rows:
        values = encode(row)
        writer.writerow(_cell(values[name]) for name in names)
    return text.getvalue()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case _:
            text = clean(str(value))
            return f"'{text}" if text.startswith(_FORMULA) else text
