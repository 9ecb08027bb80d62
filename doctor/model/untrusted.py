"""Text from a server, a resource name or a paste is hostile: make its controls visible and take its secrets out."""

from __future__ import annotations

import re
import unicodedata

REDACTED = "[redacted]"

# A JWT, also one cut short: header, payload and perhaps a signature.
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?")
_BEARER = re.compile(
    r"(?i)\b(bearer|basic|sharedaccesssignature|sharedkey)([ \t]+)(?!error\b|token\b)[A-Za-z0-9._~+/=:%&-]{12,}"
)
_HEADER = re.compile(
    r"(?im)^([<>* \t\"']*)((?:proxy-)?authorization|cookie|set-cookie|api-key|ocp-apim-subscription-key|x-functions-key"
    r"|x-ms-authorization-auxiliary)([\"']?[ \t]*[:=][ \t]*)\S[^\r\n]{0,8000}"
)
_FIELD = re.compile(
    r"(?i)([\"']?(?:access[_-]?token|refresh[_-]?token|id[_-]?token|client[_-]?secret|client[_-]?assertion|assertion"
    r"|password|pwd|passwd|account[_-]?key|shared[_-]?access[_-]?key|shared[_-]?access[_-]?signature|api[_-]?key"
    r"|primary[_-]?key|secondary[_-]?key|subscription[_-]?key|connection[_-]?string|code[_-]?verifier|sig|sas|secret)"
    r"[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?)([A-Za-z0-9._~+/%$@!^*-][^\s\"'&;,<>}]{5,8000})"
)
# The base64 of a 64-byte storage key or a 32-byte service key, standing alone.
_KEY = re.compile(r"(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{43}=)(?![A-Za-z0-9+/=])")
_LONE_BIDI = {
    "\u202a",
    "\u202b",
    "\u202c",
    "\u202d",
    "\u202e",
    "\u2066",
    "\u2067",
    "\u2068",
    "\u2069",
    "\u200e",
    "\u200f",
    "\u061c",
}


def redact(text: str) -> str:
    """The text without tokens, keys, cookies, passwords and signatures, in linear time."""
    text = _JWT.sub(REDACTED, text)
    text = _HEADER.sub(rf"\1\2\3{REDACTED}", text)
    text = _BEARER.sub(rf"\1\2{REDACTED}", text)
    text = _FIELD.sub(rf"\1{REDACTED}", text)
    return _KEY.sub(REDACTED, text)


def visible(text: str) -> str:
    """One line in which every control, format and bidirectional character is shown as an escape."""
    return "".join(_show(char) for char in text)


def _show(char: str) -> str:
    if char in "\n\r\t":
        return " "
    if char in _LONE_BIDI or unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
        return char.encode("unicode_escape", "backslashreplace").decode("ascii")
    return char


def clean(text: str) -> str:
    """Hostile text made fit for a report: redacted, then visible."""
    return visible(redact(text))
