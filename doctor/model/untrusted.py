"""Text from a server, a resource name or a paste is hostile: make its controls visible and take its secrets out.

The run's own secrets are known by value (`secrets`), those of others by a table of patterns (`secret_patterns`). What
stays: object ids, request ids, action names, addresses, ordinary words. All of it in linear time.
"""

from __future__ import annotations

import unicodedata

from doctor.model.secret_patterns import MAY_NAME_ONE, PATTERNS, When
from doctor.model.secrets import REDACTED, VAULT

__all__ = ["REDACTED", "clean", "redact", "visible"]


def redact(text: str) -> str:
    """The text without tokens, keys, cookies, passwords and signatures, in linear time."""
    text = VAULT.hide(text)
    looked = {When.ALWAYS, *([When.PRIVATE_KEY] if "PRIVATE KEY-----" in text else [])}
    if MAY_NAME_ONE.search(text):
        looked.add(When.NAMED)
    for one in PATTERNS:
        if one.when in looked:
            text = one.pattern.sub(one.kept + REDACTED, text)
    return text


def visible(text: str) -> str:
    """One line in which every control, format and bidirectional character is shown as an escape.

    What a continuous integration log would obey (`::error`, `##vso[`, `##[`) is broken up too.
    """
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _show(char) for char in text)
    if "##" in text:
        text = text.replace("##vso[", "#\\#vso[").replace("##[", "#\\#[")
    return f"\\{text}" if text.startswith("::") else text


def _show(char: str) -> str:
    if char in "\n\r\t" or unicodedata.category(char) == "Zs":
        return " "
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")


def clean(text: str) -> str:
    """Hostile text made fit for a report: redacted, then visible."""
    return visible(redact(text))
