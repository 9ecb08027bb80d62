"""The bundle as a file: a ZIP of a few named JSON documents, read as what it is, somebody else's untrusted file."""

from __future__ import annotations

import io
import json
import stat
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MANIFEST = "bundle.json"
EXCHANGES = "exchanges.har"
NAMES = "names.json"
CREDENTIALS = "credentials.json"
REPORT = "report.json"
REDACTION = "redaction.json"
MEMBERS = (MANIFEST, EXCHANGES, NAMES, CREDENTIALS, REPORT, REDACTION)

FILE_BYTES = 60_000_000
"""The file itself."""
WHOLE_BYTES = 40_000_000
"""All documents together, unpacked."""
MOST_PARTS = 2_500_000
"""So many brackets and commas; each stands for one object in memory."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""ZIP's own first day: two bundles of one content are the same bytes."""


class BadBundle(Exception):  # noqa: N818 - it names what is bad
    """The file is no bundle, or one that will not be opened; the message says why and what would do."""


def packed(documents: Mapping[str, object], cleaned: Callable[[str], str]) -> bytes:
    """The bytes of a bundle that holds these JSON documents, by member name.

    Args:
        documents: what was recorded.
        cleaned: takes out of a text what must never be in a file.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in MEMBERS:
            if name in documents:
                text = json.dumps(documents[name], ensure_ascii=False, indent=1)
                info = zipfile.ZipInfo(name, _EPOCH)
                info.external_attr = 0o600 << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, cleaned(text).encode())
    return buffer.getvalue()


def unpacked(path: Path) -> dict[str, Any]:
    """The JSON documents of a bundle, by member name.

    Raises:
        BadBundle: it cannot be read, is no bundle, or is larger than any bundle of ours.
    """
    try:
        if path.stat().st_size > FILE_BYTES:
            raise BadBundle(f"{path} is larger than {FILE_BYTES // 1_000_000} MB; no bundle is.")
        content = path.read_bytes()
    except OSError as error:
        raise BadBundle(f"{path} cannot be read: {error.strerror or error}.") from error
    return unpacked_bytes(content, str(path))


def unpacked_bytes(content: bytes, where: str = "The file") -> dict[str, Any]:
    """The JSON documents of a bundle that was read already, by member name.

    Raises:
        BadBundle: as `unpacked` does.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _documents(where, archive)
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, zlib.error) as error:
        raise BadBundle(f"{where} cannot be read as a bundle: {error}. A bundle is made with --bundle.") from error


def is_archive(path: Path) -> bool:
    """Whether the file looks like a ZIP archive."""
    return path.is_file() and zipfile.is_zipfile(path)


def _documents(where: str, archive: zipfile.ZipFile) -> dict[str, Any]:
    members = archive.infolist()
    names = [member.filename for member in members]
    strange = sorted(set(names) - set(MEMBERS))
    if MANIFEST not in names or strange or len(set(names)) != len(names):
        what = f"it holds {strange[0][:80]!r}" if strange else "a member is missing or there twice"
        raise BadBundle(f"{where} is no bundle of agentdoctor: {what}.")
    found: dict[str, Any] = {}
    left, parts = WHOLE_BYTES, 0
    for member in members:
        content = _content(where, archive, member, left)
        left -= len(content)
        parts += sum(content.count(mark) for mark in (b"[", b"{", b","))
        if parts > MOST_PARTS:
            raise BadBundle(f"{member.filename} of {where} holds more than a bundle of ours ever does.")
        try:
            found[member.filename] = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise BadBundle(f"{member.filename} of {where} is no JSON that can be read.") from error
    return found


def _content(where: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    if member.flag_bits & 1 or stat.S_ISLNK(member.external_attr >> 16):
        raise BadBundle(f"{member.filename} of {where} is encrypted or a link.")
    try:
        with archive.open(member) as stream:
            # The size that the archive states is its own claim; what comes out is counted.
            content = stream.read(most + 1)
    except RuntimeError as error:
        raise BadBundle(f"{member.filename} of {where} cannot be unpacked: {error}.") from error
    if len(content) > most:
        raise BadBundle(f"{member.filename} of {where} unpacks to more than a bundle of ours ever holds.")
    return content
