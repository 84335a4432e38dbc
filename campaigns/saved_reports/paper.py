"""A report as PDF: its chart, its table, and below it how each measure is counted."""

from collections.abc import Sequence

from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from campaigns.saved_reports.pages import FONT, GREY, SHADE, Pages, begin
from campaigns.saved_reports.paper_drawing import draw, width_on
from campaigns.saved_reports.picture import chart_of
from campaigns.saved_reports.printing import Printed, PrintedLine

#: More rows are for a workbook.
MOST_ROWS = 500
#: Measures beside each other; more make another table below.
_ABREAST = 8


def as_pdf(report: Printed) -> bytes:
    """Return a report as PDF; texts are never read as anything but texts."""
    cut = (report.words.cut,) if len(report.lines) > MOST_ROWS else ()
    page = begin(report.title, (*report.notes, *cut))
    _chart(page, report)
    for first in range(0, len(report.columns), _ABREAST):
        page.ln(4)
        _table(page, report, range(first, min(first + _ABREAST, len(report.columns))))
    _definitions(page, report)
    return bytes(page.output())


def _chart(page: Pages, report: Printed) -> None:
    found = chart_of(report, width=width_on(page))
    if found is None:
        return
    page.ln(4)
    if found.title:
        page.set_font(FONT, "B", 9)
        page.line_of(found.title, 6)
    if found.is_cut:
        page.set_font(FONT, size=8)
        page.line_of(report.words.chart_cut, 5)
    draw(page, found.drawing)


def _table(page: Pages, report: Printed, places: Sequence[int]) -> None:
    page.set_font(FONT, size=8)
    names = max(len(report.headings), 1)
    with page.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=(*(3,) * names, *(2,) * len(places)),
        text_align=("LEFT",) * names + ("RIGHT",) * len(places),
        headings_style=FontFace(emphasis="BOLD", fill_color=SHADE),
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


def _definitions(page: Pages, report: Printed) -> None:
    page.ln(5)
    page.set_text_color(*GREY)
    page.set_font(FONT, size=7)
    for one in report.columns:
        if not one.is_before:
            page.line_of(f"{one.name}: {one.formula} ({one.measure.source})", 3.6)
