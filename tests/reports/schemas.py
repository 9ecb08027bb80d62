"""Schemas of documents, closed."""

from __future__ import annotations

from typing import Any


def strict(node: Any) -> Any:
    """The schema with every object closed: proof that each field that is written is also described.

    A change has its own fields beside its kind, and stays open.
    """
    if isinstance(node, list):
        return [strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: strict(item) for key, item in node.items()}
    if (
        node.get("type") == "object"
        and "additionalProperties" not in node
        and set(node.get("properties", ())) != {"kind"}
    ):
        closed["additionalProperties"] = False
    return closed
