"""Bars lying one below the other: a funnel, or how far quotas are."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.charts.drawing import FONT, Drawing, Mark, label, line, rect
from campaigns.charts.scales import Scale

_BAR = 22.0
_GAP = 14.0
_LINE = FONT * 1.5


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name and figure above it, and what goes with it below."""

    name: str
    value: float
    text: str  #: the figure, at the right end of the name's line
    says: str
    href: str = ""
    note: str = ""  #: below the bar
    look: str = "fill"
    mark: float | None = None  #: a line across: a target
    whole: float | None = None  #: the track's end; None: as long as the longest bar


def bars(name: str, rows: Sequence[Bar], *, width: float, indented: float = 0.0) -> Drawing:
    """Draw bars on one scale; a bar with a ``whole`` has a scale of its own.

    Args:
        name: What a screen reader calls the drawing.
        rows: From above.
        width: Of the drawing.
        indented: How far they begin from the left.
    """
    most = max((one.value for one in rows if one.whole is None), default=0.0)
    marks: list[Mark] = []
    y = 0.0
    for one in rows:
        top = one.whole if one.whole is not None else most
        marks += _bar(one, Scale(top or 1.0, indented, width - 1), y, width)
        y += _LINE + _BAR + (_LINE if one.note else 0) + _GAP
    return Drawing(name, width, max(y - _GAP, 1.0), tuple(marks))


def _bar(one: Bar, scale: Scale, y: float, width: float) -> list[Mark]:
    below = y + _LINE
    left, right = scale.start, scale.at(one.value)
    figure = FONT * 0.62 * len(one.text)
    marks = [
        label("strong", left, y + FONT, one.name, room=width - left - figure - 6),
        label("number", width - 1, y + FONT, one.text, anchor="end"),
        rect("track", left, below, scale.end - left, _BAR, round_by=3),
    ]
    long = max(right - left, 2.0) if one.value > 0 else 0.0
    says, href = one.says, one.href
    if long:
        marks.append(rect(one.look, left, below, long, _BAR, says=says, href=href, round_by=3))
    if one.mark is not None and scale.top:
        x = scale.at(one.mark)
        marks.append(line("target", x, below - 3, x, below + _BAR + 3))
    if one.note:
        marks.append(label("quiet", left, below + _BAR + FONT * 1.15, one.note, room=width - left))
    return marks
