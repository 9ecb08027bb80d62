"""An access decision as a picture: who, through which role, to what, and what stands in the way.

It is drawn from left to right or from top to bottom; the page shows what fits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from doctor.model.access import Access, Decision
from doctor.model.cause import Cause
from doctor.model.untrusted import visible
from reports.columns import wrap

if TYPE_CHECKING:
    from doctor.model.access import Grant, NearMiss
    from doctor.model.identity import Identity

# What the principal does not hold, or does not hold now: the way breaks before the role, not behind it.
NOT_HELD = frozenset(
    {
        Cause.LOST_ON_PUBLISH,
        Cause.WRONG_PRINCIPAL,
        Cause.ELIGIBLE_NOT_ACTIVE,
        Cause.ASSIGNMENT_EXPIRED,
        Cause.NOT_PROPAGATED,
    }
)
SHOWN_PATHS = 4
"""More ways than this make no picture; the text below it names them all."""
MOST_LINES = 10
"""A box holds this many lines of text; what is longer ends with an ellipsis."""
LINE, PAD, GAP = 19, 12, 18
CHAR = 7.9
"""Width of a narrow character, in the drawing's units; the letters of the drawing are 13 units high."""


@dataclass(frozen=True, slots=True)
class Path:
    """One way from the principal to the resource: open, perhaps open, or closed."""

    kind: str
    """open, perhaps or closed: the class of its lines and its box."""
    title: str
    detail: tuple[str, ...]
    held: bool = True
    """Whether the principal has it at all; a closed way breaks behind the role then, else before it."""


@dataclass(frozen=True, slots=True)
class Block:
    """What keeps a principal from the resource although its roles do not: the target ignores them, say."""

    kind: str
    """closed, or perhaps when it is not known whether it does."""
    reason: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with lines of text, the first of them (its title's) bold."""

    x: float
    y: float
    width: float
    kind: str
    lines: tuple[str, ...]
    bold: int = 1
    """Number of bold lines."""
    held: bool = True

    @property
    def height(self) -> float:
        """Room for all lines."""
        return len(self.lines) * LINE + PAD * 1.6

    @property
    def middle(self) -> float:
        """Height of its middle on the page."""
        return self.y + self.height / 2


def picture(
    decision: Decision, identities: tuple[Identity, ...], number: str, *, wide: bool, block: Block | None = None
) -> Markup:
    """The drawing of a decision, with its sentence as text alternative.

    Args:
        decision: The answer to draw.
        identities: The run's ledger, for the name of the principal.
        number: Makes the element ids of the drawing unique on the page.
        wide: From left to right, for a screen; otherwise from top to bottom, for a column.
        block: What stands behind a way that the roles leave open.
    """
    layout = _wide if wide else _narrow
    boxes, lines = layout(_who(decision, identities), _paths(decision, block), _what(decision))
    sentence = f"{decision.access.value.replace('-', ' ')}: {decision.reason}"
    sentence += f"; but {block.reason}" if block and decision.access is Access.GRANTED else ""
    return Markup(
        '<svg class="picture {}" viewBox="0 0 {} {}" role="img" aria-labelledby="picture-{}">'
        '<title id="picture-{}">{}</title>{}{}</svg>'
    ).format(
        "wide" if wide else "narrow",
        f"{max(box.x + box.width for box in boxes) + 2:.0f}",
        f"{max(box.y + box.height for box in boxes) + 2:.0f}",
        number,
        number,
        visible(sentence),
        Markup("").join(lines),
        Markup("").join(_boxed(box) for box in boxes),
    )


def short(scope: str) -> str:
    """A scope in a few words: the kind and the name of its last part ("resource group support")."""
    parts = [part for part in scope.split("/") if part]
    if not parts:
        return "the root scope"
    if len(parts) == 1:
        return parts[0]
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", parts[-2]).lower()
    return f"{_one_of(kind)} {parts[-1]}"


def _one_of(plural: str) -> str:
    for ending, singular in (("ies", "y"), ("xes", "x"), ("sses", "ss"), ("ss", "ss"), ("s", "")):
        if plural.endswith(ending):
            return plural.removesuffix(ending) + singular
    return plural


def _who(decision: Decision, identities: tuple[Identity, ...]) -> tuple[str, ...]:
    principal = decision.question.principal_id
    for identity in identities:
        if identity.object_id == principal:
            return tuple(part for part in (identity.role.label, identity.name, principal) if part)
    return ("a principal", principal)


def _what(decision: Decision) -> tuple[str, ...]:
    action = decision.question.action
    return (short(decision.question.scope), "data action" if action.data else "action", action.name)


def _paths(decision: Decision, block: Block | None) -> list[Path]:
    kind = "open" if decision.access is Access.GRANTED else "perhaps"
    but: tuple[str, ...] = ()
    if block and kind == "open":
        kind, but = block.kind, (block.reason,)
    paths = [Path(kind, grant.role_name or "a role", (*_granted(grant), *but)) for grant in decision.grants]
    paths += [_missed(miss) for miss in decision.near_misses]
    if not paths:
        words = {Access.UNKNOWN: ("perhaps", "not known"), Access.CONDITIONAL: ("perhaps", "conditional")}
        kind, title = words.get(decision.access, ("closed", "no role that helps"))
        paths = [Path(kind, title, (decision.reason,))]
    if len(paths) > SHOWN_PATHS:
        paths = [*paths[: SHOWN_PATHS - 1], Path("closed", f"and {len(paths) - SHOWN_PATHS + 1} more ways", ())]
    return paths


def _granted(grant: Grant) -> tuple[str, ...]:
    on = f"on {short(grant.scope)}"
    until = f"until {grant.ends_on:%Y-%m-%d %H:%M} UTC" if grant.ends_on else ""
    depends = f"depends on {grant.depends_on}" if grant.depends_on else ""
    return tuple(part for part in (on, until, depends) if part)


def _missed(miss: NearMiss) -> Path:
    on = f"on {short(miss.scope)}" if miss.scope else ""
    on = "" if on.lower() in miss.reason.lower() else on
    fallback = "deny assignment" if miss.cause is Cause.DENIED else miss.cause.value.replace("-", " ")
    detail = tuple(part for part in (on, miss.reason) if part)
    return Path("closed", miss.role_name or fallback, detail, miss.cause not in NOT_HELD)


def _box(x: float, y: float, width: float, texts: tuple[str, ...], path: Path | None = None) -> Box:
    """A box whose lines fit; ids without a place to break are broken anyway: this is a picture, not for copying."""
    room = int((width - 2 * PAD) / CHAR)
    lines: list[str] = []
    bold = 0
    for number, text in enumerate(texts):
        lines += wrap(" ".join(piece for word in visible(text).split() for piece in _pieces(word, room)), room)
        bold = bold if number else len(lines)
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = [f"{lines[MOST_LINES - 1][: room - 1]}…"]
    return Box(x, y, width, path.kind if path else "end", tuple(lines), bold, path.held if path else True)


def _pieces(word: str, room: int) -> list[str]:
    """The word in pieces that fit; one more character, a comma say, finds room in the padding."""
    step = room + 1 if len(word) == room + 1 else room
    return [word[start : start + step] for start in range(0, len(word), step)]


def _wide(subject: tuple[str, ...], paths: list[Path], target: tuple[str, ...]) -> tuple[list[Box], list[Markup]]:
    side, centre, gap = 240.0, 330.0, 70.0
    left, right = _box(2, 2, side, subject), _box(2 + side + 2 * gap + centre, 2, side, target)
    y, roles = 2.0, []
    for path in paths:
        roles.append(_box(2 + side + gap, y, centre, (path.title, *path.detail), path))
        y += roles[-1].height + GAP
    bottom = max(y - GAP, left.y + left.height, right.y + right.height)
    left, right = (replace(box, y=(bottom - box.height) / 2 + 1) for box in (left, right))
    roles = [replace(box, y=box.y + (bottom - y + GAP) / 2) for box in roles]
    lines: list[Markup] = []
    for box in roles:
        before = ((left.x + side, left.middle), (box.x, box.middle))
        behind = ((box.x + centre, box.middle), (right.x, right.middle))
        closed = box.kind == "closed"
        lines += _broken(*before) if closed and not box.held else [_line(box.kind, *before)]
        if box.held:
            lines += _broken(*behind) if closed else [_line(box.kind, *behind, arrow=True)]
    return [left, *roles, right], lines


def _narrow(subject: tuple[str, ...], paths: list[Path], target: tuple[str, ...]) -> tuple[list[Box], list[Markup]]:
    width, inset = 420.0, 34.0
    top = _box(2, 2, width, subject)
    y, roles = top.y + top.height + GAP, []
    for path in paths:
        roles.append(_box(2 + inset, y, width - 2 * inset, (path.title, *path.detail), path))
        y += roles[-1].height + GAP
    bottom = _box(2, y + GAP, width, target)
    lines: list[Markup] = []
    for box in roles:
        right, corner = box.x + box.width, width - 8
        lines.append(_line(box.kind, (12, top.y + top.height), (12, box.middle), (box.x, box.middle)))
        if box.kind != "closed":
            lines.append(_line(box.kind, (right, box.middle), (corner, box.middle), (corner, bottom.y), arrow=True))
        elif box.held:
            lines += [_line("closed", (right, box.middle), (right + 14, box.middle)), _cross(right + 20, box.middle)]
        else:
            lines.append(_cross(box.x - 10, box.middle))
    return [top, *roles, bottom], lines


def _broken(start: tuple[float, float], end: tuple[float, float]) -> list[Markup]:
    """A way that ends at a cross, halfway."""
    stop = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    return [_line("closed", start, stop), _cross(*stop)]


def _line(kind: str, *points: tuple[float, float], arrow: bool = False) -> Markup:
    joined = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    head = Markup("")
    if arrow:
        x, y = points[-1]
        down = points[-2][0] == x
        corners = ((x - 5, y - 9), (x + 5, y - 9)) if down else ((x - 9, y - 5), (x - 9, y + 5))
        tips = " ".join(f"{a:.0f},{b:.0f}" for a, b in ((x, y), *corners))
        head = Markup('<polygon class="tip {}" points="{}"/>').format(kind, tips)
    return Markup('<polyline class="way {}" points="{}"/>{}').format(kind, joined, head)


def _cross(x: float, y: float) -> Markup:
    return Markup(
        '<circle class="stop" cx="{0}" cy="{1}" r="9"/><path class="cross" d="M{2} {3}l8 8m0-8l-8 8"/>'
    ).format(f"{x:.0f}", f"{y:.0f}", f"{x - 4:.0f}", f"{y - 4:.0f}")


def _boxed(box: Box) -> Markup:
    texts = Markup("").join(
        Markup('<text x="{}" y="{}"{}>{}</text>').format(
            f"{box.x + PAD:.0f}",
            f"{box.y + PAD + 9 + index * LINE:.0f}",
            Markup(' class="strong"') if index < box.bold else "",
            escape(line),
        )
        for index, line in enumerate(box.lines)
    )
    return Markup('<rect class="box {}" x="{}" y="{}" width="{}" height="{}" rx="6"/>{}').format(
        box.kind, f"{box.x:.0f}", f"{box.y:.0f}", f"{box.width:.0f}", f"{box.height:.0f}", texts
    )
