"""Names and ids out of a whole bundle, the same pseudonym in every document, and an account of what was replaced."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from doctor.evidence.archive import EXCHANGES, REDACTION
from doctor.evidence.exchanges import Recorded, from_har, to_har
from doctor.evidence.identifiers import in_json, words_of
from doctor.evidence.pseudonyms import Pseudonyms
from doctor.model import loose
from doctor.model.resource_id import GUID

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMA = "agentdoctor/redaction/1"
_CONTENT = frozenset({"instructions", "tags"})
"""Fields that hold a customer's own words and decide nothing."""
_TRACES = re.compile(
    rf"(?i)(?:request|correlation|trace|activity|tracking)[\s_-]{{0,2}}ids?[\"'\\]{{0,3}}\s{{0,3}}[:=]?\s{{0,3}}"
    rf"[\"'\\]{{0,3}}({GUID})"
)
_TRACE_HEADERS = re.compile(r"(?i)request-id|correlation|activity")


def redacted(documents: Mapping[str, Any], public: Iterable[str]) -> tuple[dict[str, Any], Pseudonyms]:
    """The documents with pseudonyms, with the account of it as one more document, and the key.

    Args:
        documents: a bundle's, by member name, already without secrets.
        public: ids that are the same for everybody: built-in roles, Microsoft's own applications.

    Raises:
        Garbage: the exchanges are no HAR document.
    """
    exchanges = from_har(documents.get(EXCHANGES, {"log": {"entries": []}}))
    others = {name: held for name, held in documents.items() if name not in {EXCHANGES, REDACTION}}
    bodies = [_parsed(text) for one in exchanges for text in (one.request_body, one.body)]
    texts = [[one.url, one.detail, *one.headers.values()] for one in exchanges]
    everything = [*others.values(), *bodies, *texts]
    traces = {trace.lower() for one in exchanges for trace in _traces(one)}
    names = Pseudonyms.of(
        (found for document in everything for found in in_json(document)),
        public={*public, *traces},
        reserved=words_of(everything),
    )
    made = {name: names.replace_json(_without_content(held)) for name, held in others.items()}
    version = loose.text(loose.part(loose.part(documents.get(EXCHANGES), "log"), "creator"), "version")
    made[EXCHANGES] = to_har((_exchange(one, names) for one in exchanges), version)
    made[REDACTION] = _account(names)
    return made, names


def _account(names: Pseudonyms) -> dict[str, Any]:
    """What kind was replaced how often, and where nothing could be decided."""
    return {
        "schema": SCHEMA,
        "replaced": names.counts(),
        "undecided": [{"text": text, "reason": reason} for text, reason in names.undecided],
        "dropped": sorted(_CONTENT),
        "kept": ["times", "request ids", "role names and built-in role ids", "IP addresses", "names of models"],
    }


def _exchange(one: Recorded, names: Pseudonyms) -> Recorded:
    return replace(
        one,
        url=names.replace(one.url),
        request_headers={name: names.replace(value) for name, value in one.request_headers.items()},
        request_body=_body(one.request_body, names),
        headers={name: names.replace(value) for name, value in one.headers.items()},
        body=_body(one.body, names),
        detail=names.replace(one.detail),
    )


def _body(text: str, names: Pseudonyms) -> str:
    parsed = _parsed(text)
    if isinstance(parsed, str):
        return names.replace(parsed)
    return json.dumps(names.replace_json(_without_content(parsed)), ensure_ascii=False)


def _parsed(text: str) -> Any:
    """The JSON in a body; the text itself where it is none."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _without_content(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _emptied(held) if str(key).lower() in _CONTENT else _without_content(held)
            for key, held in value.items()
        }
    return [_without_content(one) for one in value] if isinstance(value, list) else value


def _emptied(value: Any) -> Any:
    if isinstance(value, str):
        return "[a text of the customer]" if value else value
    return {} if isinstance(value, Mapping) else value


def _traces(one: Recorded) -> Iterable[str]:
    for name, value in one.headers.items():
        if _TRACE_HEADERS.search(name):
            yield value
    for text in (one.body, one.detail):
        yield from _TRACES.findall(text)
