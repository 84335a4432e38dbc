"""A heat map: rows and columns of cells, each with a shade and its figure."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.charts.drawing import FONT, Drawing, Mark, label, rect

#: Shades from the lowest value to the highest.
SHADES = 7
_CELL_HEIGHT = 30.0
_ROOM = 84.0  # for the names of rows
_GAP = 1.5


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One cell."""

    value: float  #: 0 or more
    text: str  #: inside of it
    says: str
    href: str = ""
    few: bool = False  #: too few to be believed: an outline instead of a shade


def shade(value: float, lowest: float, highest: float) -> int:
    """Return 1 for the lowest value to ``SHADES`` for the highest; all alike is the middle."""
    if highest <= lowest:
        return (SHADES + 1) // 2
    share = (value - lowest) / (highest - lowest)
    return min(1 + int(share * SHADES), SHADES)


def heat_map(
    name: str,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Sequence[HeatCell | None]],
    *,
    width: float,
    room: float = _ROOM,
) -> Drawing:
    """Draw a row of cells for each name; None is a place of which nothing is known."""
    known = [one.value for row in cells for one in row if one is not None and not one.few]
    lowest, highest = min(known, default=0.0), max(known, default=0.0)
    step = (width - room) / max(len(columns), 1)
    head = FONT * 1.8
    marks: list[Mark] = [
        label("quiet", room + step * (n + 0.5), FONT, text, anchor="middle", room=step)
        for n, text in enumerate(columns)
    ]
    for place, (text, row) in enumerate(zip(rows, cells, strict=True)):
        y = head + place * _CELL_HEIGHT
        marks.append(label("", 0, y + _CELL_HEIGHT * 0.64, text, room=room - 4))
        for n, cell in enumerate(row):
            look = _look(cell, lowest, highest)
            marks += _cell(cell, look, room + n * step, y, step)
    return Drawing(name, width, head + len(rows) * _CELL_HEIGHT, tuple(marks))


def _look(cell: HeatCell | None, lowest: float, highest: float) -> str:
    if cell is None:
        return "empty"
    return "few" if cell.few else f"shade-{shade(cell.value, lowest, highest)}"


def _cell(cell: HeatCell | None, look: str, x: float, y: float, step: float) -> list[Mark]:
    inner, height = step - _GAP, _CELL_HEIGHT - _GAP
    if cell is None:
        return [rect(look, x, y, inner, height, round_by=3)]
    text_at = label(
        f"on-{look}", x + inner / 2, y + height * 0.66, cell.text, anchor="middle", room=step * 1.2
    )
    says, href = cell.says, cell.href
    return [rect(look, x, y, inner, height, says=says, href=href, round_by=3), text_at]
