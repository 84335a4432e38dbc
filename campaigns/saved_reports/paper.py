"""A report as PDF, in letters of Latin, Cyrillic and Greek."""

from collections.abc import Sequence
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from campaigns.saved_reports.printing import Printed, PrintedLine

#: More rows are for a workbook.
MOST_ROWS = 500
#: Measures beside each other; more make another table below.
_ABREAST = 8
_FONTS = Path(__file__).with_name("fonts")
_FONT = "DejaVu"
_GREY = (90, 98, 112)
_SHADE = (238, 241, 246)


class _Page(FPDF):
    """Pages with their number below."""

    def footer(self) -> None:
        """Write the page's number."""
        self.set_y(-12)
        self.set_font(_FONT, size=8)
        self.set_text_color(*_GREY)
        self.cell(0, 6, f"{self.page_no()} / {{nb}}", align="R")


def as_pdf(report: Printed) -> bytes:
    """Return a report as PDF; texts are never read as anything but texts."""
    page = _Page(orientation="landscape", format="A4")
    page.add_font(_FONT, fname=_FONTS / "DejaVuSansCondensed.ttf")
    page.add_font(_FONT, style="B", fname=_FONTS / "DejaVuSansCondensed-Bold.ttf")
    page.set_title(report.title)
    page.set_creator("Outdial")
    page.set_auto_page_break(auto=True, margin=15)
    page.add_page()
    page.set_font(_FONT, "B", 16)
    _write(page, report.title, 9)
    page.set_font(_FONT, size=9)
    page.set_text_color(*_GREY)
    for note in report.notes:
        _write(page, note, 5)
    if len(report.lines) > MOST_ROWS:
        _write(page, report.words.cut, 5)
    page.set_text_color(0, 0, 0)
    for first in range(0, len(report.columns), _ABREAST):
        page.ln(4)
        _table(page, report, range(first, min(first + _ABREAST, len(report.columns))))
    _definitions(page, report)
    return bytes(page.output())


def _write(page: FPDF, text: str, height: float) -> None:
    page.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _table(page: FPDF, report: Printed, places: Sequence[int]) -> None:
    page.set_font(_FONT, size=8)
    names = max(len(report.headings), 1)
    with page.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=(*(3,) * names, *(2,) * len(places)),
        text_align=("LEFT",) * names + ("RIGHT",) * len(places),
        headings_style=FontFace(emphasis="BOLD", fill_color=_SHADE),
        line_height=4.5,
        padding=0.8,
        repeat_headings=1,
    ) as table:
        table.row([*(report.headings or ("",)), *(report.columns[at].name for at in places)])
        for line in report.lines[:MOST_ROWS]:
            table.row(_cells(line, names, places))
        bold = FontFace(emphasis="BOLD")
        table.row(_cells(report.total, names, places), style=bold)


def _cells(line: PrintedLine, names: int, places: Sequence[int]) -> list[str]:
    shown = [*line.names, *("",) * (names - len(line.names))]
    return [*shown, *(line.figures[at].text for at in places)]


def _definitions(page: FPDF, report: Printed) -> None:
    page.ln(5)
    page.set_text_color(*_GREY)
    page.set_font(_FONT, size=7)
    for one in report.columns:
        if not one.is_before:
            _write(page, f"{one.name}: {one.formula} ({one.source})", 3.6)
