"""A secret of the run is found in every form it may take, and nothing else is taken for it."""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doctor.model.secret_patterns import PATTERNS, Pattern
from doctor.model.secrets import PART, REDACTED, Vault
from doctor.model.untrusted import redact

SECRET = "Xk7~pQ9_z<Wm&2v%Tn'4r\"Yb/8c+Dg=5f Hj"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIxMjM0In0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbi1yYW5kb20tOTg3NjU0MzIx"

Form = Callable[[str], str]
FORMS: dict[str, Form] = {
    "as it is": lambda s: s,
    "in a sentence": lambda s: f"the value {s}, as given",
    "percent, special characters": lambda s: quote(s, safe=""),
    "percent, everything": lambda s: "".join(f"%{ord(c):02x}" for c in s),
    "percent twice": lambda s: quote(quote(s, safe=""), safe=""),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64url": lambda s: base64.urlsafe_b64encode(s.encode()).decode().rstrip("="),
    "base64 of a pair": lambda s: base64.b64encode(f"me:{s}".encode()).decode(),
    "base64 of UTF-16": lambda s: base64.b64encode(s.encode("utf-16-le")).decode(),
    "base64 over lines": lambda s: base64.encodebytes(b"x" * 50 + s.encode()).decode(),
    "base64 of base64": lambda s: base64.b64encode(base64.b64encode(s.encode())).decode(),
    "hex": lambda s: s.encode().hex(),
    "hex with colons": lambda s: s.encode().hex(":").upper(),
    "JSON": json.dumps,
    "JSON in JSON": lambda s: json.dumps(json.dumps({"a": s})),
    "JSON, everything": lambda s: "".join(f"\\u{ord(c):04X}" for c in s),
    "HTML": html.escape,
    "HTML twice": lambda s: html.escape(html.escape(s)),
    "HTML, decimal": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "HTML, hexadecimal": lambda s: "".join(f"&#x{ord(c):X};" for c in s),
    "over lines": lambda s: "\n    ".join(s[at : at + 5] for at in range(0, len(s), 5)),
    "over lines of JSON": lambda s: json.dumps("\r\n".join(s[at : at + 5] for at in range(0, len(s), 5))),
}


@pytest.mark.parametrize("secret", [SECRET, TOKEN], ids=["secret", "token"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_found(form: str, secret: str) -> None:
    vault = Vault()
    vault.keep(secret)
    shown = FORMS[form](secret)
    scrubbed = vault.scrub(f"before {shown} after")
    assert REDACTED in scrubbed
    assert scrubbed.startswith("before ")
    assert scrubbed.endswith(" after")
    assert Vault.scrub(vault, scrubbed) == scrubbed
    for piece in (shown[at : at + PART] for at in range(0, len(shown) - PART, PART)):
        assert piece not in scrubbed


@given(st.integers(0, len(TOKEN) - PART), st.integers(PART, len(TOKEN)))
def test_every_part_of_twelve_is_found(start: int, size: int) -> None:
    vault = Vault()
    vault.keep(TOKEN)
    part = TOKEN[start : start + size]
    for text in (f"({part})", f'"{part}"', f"id-{part}.x"):
        scrubbed = vault.scrub(text)
        assert part not in scrubbed
        assert vault.hide(text) == scrubbed


@given(st.text(max_size=300))
def test_what_holds_no_secret_is_not_touched(text: str) -> None:
    vault = Vault()
    vault.keep(TOKEN)
    vault.keep("hunter2")
    assert "hunter2" in text or vault.scrub(text) == text


def test_a_short_secret_goes_whole_and_only_as_a_word() -> None:
    vault = Vault()
    vault.keep("hunter2")
    vault.keep("abc")
    assert vault.scrub("pw=hunter2; hunter22 abc hunter") == f"pw={REDACTED}; hunter22 abc hunter"
    assert vault.scrub(base64.b64encode(b"user:hunter2").decode()) == REDACTED


def test_an_output_of_a_megabyte_takes_no_time() -> None:
    vault = Vault()
    for number in range(4):
        vault.keep("".join(chr(33 + (number * 7 + at * at) % 90) for at in range(2000)))
    text = "".join(
        f"<tr><td>{number:x}</td><td>Microsoft.CognitiveServices/accounts/read</td></tr>\n" for number in range(14_000)
    )
    began = time.process_time()
    assert vault.scrub(text) == text
    assert time.process_time() - began < 3


@pytest.mark.parametrize("one", PATTERNS, ids=[one.name for one in PATTERNS])
def test_the_table_of_patterns_holds_what_its_examples_say(one: Pattern) -> None:
    text, secret = one.goes
    assert secret in text
    assert secret not in one.pattern.sub(one.kept + REDACTED, text)
    assert secret not in redact(text)
    assert redact(one.stays) == one.stays
