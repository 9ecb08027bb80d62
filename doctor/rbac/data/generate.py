"""Packs a dump of Azure's built-in role definitions into `role_definitions.json`.

    python -m doctor.rbac.data.generate DUMP.json META.json DATE

DUMP is a list as `az role definition list` of the raw REST shape gives it (name, properties.roleName, permissions);
META holds `roles.<guid>.previousNames`. The packed form keeps every distinct action string once.

Source of the packed data: iann0036/iam-dataset, azure/built-in-roles-raw.json, commit 2073fa52, 2026-08-22 (a machine
dump of the live ARM list of the public cloud); former names from MicrosoftDocs/azure-ai-docs, role-rename-note.md.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_LISTS = ("actions", "notActions", "dataActions", "notDataActions")


def pack(dump: list[dict[str, Any]], former: dict[str, list[str]], date: str) -> dict[str, Any]:
    """The packed form: `strings`, and per role [guid, name, description, entries] with indices into it."""
    strings: dict[str, int] = {}
    roles = []
    for item in sorted(dump, key=lambda one: str(one["name"]).lower()):
        properties = item["properties"]
        if properties["assignableScopes"] != ["/"] or properties["type"] != "BuiltInRole":
            raise ValueError(f"{item['name']} is no built-in role of every scope")
        entries = [_entry(entry, strings) for entry in properties["permissions"]]
        roles.append([str(item["name"]).lower(), properties["roleName"], properties.get("description") or "", entries])
    return {"date": date, "former": former, "strings": list(strings), "roles": roles}


def _entry(entry: dict[str, Any], strings: dict[str, int]) -> list[Any]:
    packed: list[Any] = [[strings.setdefault(text, len(strings)) for text in entry.get(name) or []] for name in _LISTS]
    if entry.get("condition"):
        packed += [entry["condition"], entry.get("conditionVersion") or ""]
    return packed


def main(dump: str, meta: str, date: str) -> None:
    """Write the packed file beside this script."""
    known = json.loads(Path(meta).read_text(encoding="utf-8"))["roles"]
    former = {guid.lower(): role["previousNames"] for guid, role in known.items() if role.get("previousNames")}
    packed = pack(json.loads(Path(dump).read_text(encoding="utf-8")), former, date)
    text = json.dumps(packed, separators=(",", ":"), ensure_ascii=True)
    Path(__file__).with_name("role_definitions.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:4])
