"""The words of `agentdoctor diff`: for a terminal, for a pull request, and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.diff import PRESENT, Change, Kind
from doctor.model.codec import encode
from doctor.model.untrusted import visible
from reports import story
from reports.columns import wrap
from reports.disarm import disarm
from reports.json import dumps
from reports.markup import code, prose

if TYPE_CHECKING:
    from doctor.diff import Between, Diff
    from doctor.model.finding import Result
    from doctor.model.report import Report

SCHEMA = "agentdoctor/diff/1"
TITLES = {
    Kind.BROKE: "Broke",
    Kind.APPEARED: "Not well, and not judged before",
    Kind.FIXED: "Fixed",
    Kind.WAIVED: "Not well, and waived now",
    Kind.BETTER: "Better, but not well",
    Kind.OTHER_CAUSE: "Still not well, for another reason",
    Kind.STILL: "Still not well",
    Kind.GONE: "Not judged any more",
}
_COUNTED = {Kind.BROKE: "broke", Kind.FIXED: "fixed", Kind.WAIVED: "waived now"}
_BETWEEN = "What changed in between"


def as_text(diff: Diff, width: int, *, unicode: bool = True) -> str:
    """The comparison as lines of text, ending with a newline."""
    arrow = "→" if unicode else "->"
    lines = wrap(_headline(diff), width)
    lines += [line for side in (_side("old", diff.old), _side("new", diff.new)) for line in wrap(side, width, "  ")]
    lines += [line for warning in _warnings(diff) for line in wrap(warning, width)]
    for kind, title in TITLES.items():
        if changes := diff.of(kind):
            lines += ["", title]
            for change in changes:
                lines += wrap(_sentence(change, arrow), width, "  ", "    ")
    if diff.between:
        lines += ["", _BETWEEN]
        for one in diff.between:
            lines += wrap(_happened(one, arrow), width, "  ", "    ")
    return "\n".join(disarm(line) for line in lines) + "\n"


def as_markdown(diff: Diff) -> str:
    """The comparison as Markdown, ending with a newline."""
    blocks = [f"## {prose(_headline(diff))}", f"- {prose(_side('old', diff.old))}\n- {prose(_side('new', diff.new))}"]
    blocks += [prose(warning) for warning in _warnings(diff)]
    for kind, title in TITLES.items():
        if changes := diff.of(kind):
            rows = [f"- {code(change.reference)}: {prose(_became(change, '→'))}" for change in changes]
            blocks += [f"### {title}", "\n".join(rows)]
    if diff.between:
        rows = [f"| {_cell(one.what)} | {_cell(one.before)} | {_cell(one.after)} |" for one in diff.between]
        blocks += [f"### {_BETWEEN}", "\n".join(["| What | Before | After |", "| --- | --- | --- |", *rows])]
    return "\n".join(disarm(line) for line in "\n\n".join(blocks).split("\n")) + "\n"


def as_json(diff: Diff) -> str:
    """The comparison as a JSON document of schema agentdoctor/diff/1."""
    return (
        dumps(
            {
                "schema": SCHEMA,
                "old": _summary(diff.old),
                "new": _summary(diff.new),
                "same_target": diff.same_target,
                "exit_code": diff.exit_code,
                "changes": [
                    {
                        "kind": change.kind.value,
                        "reference": change.reference,
                        "before": _state(change.before),
                        "after": _state(change.after),
                    }
                    for change in diff.changes
                ],
                "between": encode(diff.between),
            }
        )
        + "\n"
    )


def _summary(report: Report) -> dict[str, Any]:
    return {
        "target": encode(report.target),
        "started_at": encode(report.started_at),
        "verdict": report.verdict.value,
        "tool_version": report.tool_version,
    }


def _state(result: Result | None) -> dict[str, Any] | None:
    if result is None:
        return None
    cause = result.finding.cause
    return {
        "status": result.status.value,
        "cause": cause.value if cause else None,
        "summary": result.finding.summary,
        "waived": result.waived,
    }


def _headline(diff: Diff) -> str:
    said = [f"{len(diff.of(kind))} {word}" for kind, word in _COUNTED.items() if diff.of(kind)]
    left = sum(len(diff.of(kind)) for kind in (Kind.APPEARED, Kind.BETTER, Kind.OTHER_CAUSE, Kind.STILL))
    said += [f"{left} {'more ' if said else ''}not well"] if left else []
    return f"{visible(story.name(diff.new))}: {', '.join(said) or 'nothing broke, and nothing was fixed'}."


def _side(label: str, report: Report) -> str:
    return f"{label}: {story.verdict_word(report)} at {report.started_at:%Y-%m-%d %H:%M:%S} UTC"


def _warnings(diff: Diff) -> list[str]:
    told = []
    if not diff.same_target:
        names = f"{visible(diff.old.target.resource_id)} and {visible(diff.new.target.resource_id)}"
        told.append(f"These reports are about two different agents: {names}.")
    if diff.old.started_at > diff.new.started_at:
        told.append("The old report is younger than the new one: are they the right way round?")
    return told


def _sentence(change: Change, arrow: str) -> str:
    return f"{visible(change.reference)}: {_became(change, arrow)}"


def _became(change: Change, arrow: str) -> str:
    was, now = _word(change.before), _word(change.after)
    told = change.after or change.before
    states = was if was == now else f"{was} {arrow} {now}"
    return f"{states}. {visible(told.finding.summary)}" if told else states


def _word(result: Result | None) -> str:
    if result is None:
        return "absent"
    cause = f" ({result.finding.cause.value})" if result.finding.cause else ""
    return f"{'waived ' if result.waived else ''}{result.status.value}{cause}"


def _happened(one: Between, arrow: str) -> str:
    if not one.before or not one.after:
        value = one.after or one.before
        told = "" if value == PRESENT else f" {visible(value)}"
        return f"{visible(one.what)}: {'new' if one.after else 'gone'}{told}"
    return f"{visible(one.what)}: {visible(one.before)} {arrow} {visible(one.after)}"


def _cell(value: str) -> str:
    return prose(value) if value else "-"
