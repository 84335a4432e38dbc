"""A drawing of ``campaigns.charts`` on a page of a PDF: the same shapes, in colours of print."""

import re
from collections.abc import Mapping

from campaigns.charts.drawing import FONT as LETTER
from campaigns.charts.drawing import Drawing, Mark, Shape
from campaigns.saved_reports.pages import FONT, GREY, RULE, Pages

#: A unit of the drawing on paper, in millimetres: its letters are 7 points high then.
UNIT_MM = 0.2
_POINTS_PER_MM = 72 / 25.4
_BLUE, _BLACK, _RED = (23, 92, 211), (0, 0, 0), (180, 35, 24)
_FILLS: Mapping[str, tuple[int, int, int]] = {"fill": _BLUE, "dot": _BLUE, "track": (230, 234, 241)}
_LINES: Mapping[str, tuple[int, int, int]] = {
    "grid": RULE,
    "ceiling": _RED,
    "line": _BLUE,
}
_POINT = re.compile(r"([ML])(-?[\d.e+-]+) (-?[\d.e+-]+)")


def width_on(page: Pages) -> float:
    """Return how wide a drawing may be."""
    return page.epw / UNIT_MM


def draw(page: Pages, drawing: Drawing) -> None:
    """Put a drawing below what is written; on a page of its own, if there is no room."""
    height = drawing.height * UNIT_MM
    if page.will_page_break(height):
        page.add_page()
    top = page.get_y()
    with page.local_context():
        for mark in drawing.marks:
            _mark(page, mark, page.l_margin, top)
    page.set_xy(page.l_margin, top + height)


def _mark(page: Pages, mark: Mark, left: float, top: float) -> None:
    look = mark.look.split()[0]
    if mark.shape is Shape.TEXT:
        _label(page, mark, left, top)
        return
    page.set_fill_color(*_FILLS.get(look, GREY))
    page.set_draw_color(*_LINES.get(look, GREY))
    page.set_line_width(0.4 if look == "line" else 0.2)
    at = {name: float(one) * UNIT_MM for name, one in mark.at.items() if name != "d"}
    if mark.shape is Shape.RECT:
        page.rect(left + at["x"], top + at["y"], at["width"], at["height"], style="F")
    elif mark.shape is Shape.LINE:
        page.line(left + at["x1"], top + at["y1"], left + at["x2"], top + at["y2"])
    elif mark.shape is Shape.CIRCLE:
        page.circle(left + at["cx"], top + at["cy"], at["r"], style="F")
    else:
        _path(page, str(mark.at["d"]), left, top)


def _path(page: Pages, path: str, left: float, top: float) -> None:
    """Draw the straight pieces of a path; M lifts the pen."""
    before: tuple[float, float] | None = None
    for kind, x, y in _POINT.findall(path):
        point = left + float(x) * UNIT_MM, top + float(y) * UNIT_MM
        if kind == "L" and before is not None:
            page.line(*before, *point)
        before = point


def _label(page: Pages, mark: Mark, left: float, top: float) -> None:
    page.set_font(FONT, "B" if "strong" in mark.look else "", LETTER * UNIT_MM * _POINTS_PER_MM)
    page.set_text_color(*(GREY if "quiet" in mark.look else _BLACK))
    long = page.get_string_width(mark.text)
    before = {"middle": long / 2, "end": long}.get(str(mark.at.get("text-anchor", "")), 0.0)
    x, y = (float(mark.at[name]) * UNIT_MM for name in ("x", "y"))
    page.text(left + x - before, top + y, mark.text)
