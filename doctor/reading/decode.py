"""Any bytes made into text: encodings, byte order marks, terminal escapes and line ends."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4096
_MANY = 0.3
_MOSTLY = 0.7
_ANSI = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]|\x1b\][^\x07\x1b\n]{0,500}(?:\x07|\x1b\\)?|\x1b[@-Z\\^_]|\x9b[0-?]{0,64}[@-~]"
)
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad\x00]+")
_LINE_ENDS = re.compile(r"\r+\n?")


def decode(data: bytes) -> str:
    """The text; broken bytes are replaced, never refused."""
    text = _text(data)
    if "\x1b" in text or "\x9b" in text:
        text = _ANSI.sub("", text)
    if "\r" in text:
        text = _LINE_ENDS.sub("\n", text)
    if not text.isascii() or "\x00" in text:
        text = _INVISIBLE.sub("", text).replace("\xa0", " ")
    return text


def _text(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark) and (encoding == "utf-8" or not _is_ascii_like(data[:_SAMPLE])):
            return data[len(mark) :].decode(encoding, "replace")
    sample = data[:_SAMPLE]
    if len(sample) >= 4:
        if sample[1::2].count(0) > _MANY * len(sample):
            return data.decode("utf-16-le", "replace")
        if sample[0::2].count(0) > _MANY * len(sample):
            return data.decode("utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252" if _is_latin(sample) else "utf-8", "replace")


def _is_ascii_like(sample: bytes) -> bool:
    """Whether the bytes are single-byte text that only begins like a mark of a wider encoding."""
    printable = sum(32 <= byte < 127 for byte in sample)
    return 0 not in sample and printable > _MOSTLY * len(sample)


def _is_latin(sample: bytes) -> bool:
    """Whether single high bytes stand between letters, as in a Western single-byte encoding."""
    return bool(re.search(rb"[A-Za-z ][\x80-\xff][A-Za-z ]", sample))
