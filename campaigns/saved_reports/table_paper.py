"""A cross-table as PDF: shares of the columns with their intervals, bases above, notes below."""

from collections.abc import Sequence

from babel.numbers import format_decimal, format_percent
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from campaigns.crosstabs.making import Made
from campaigns.crosstabs.table import Cell
from campaigns.crosstabs.wording import TableWords
from campaigns.crosstabs.workbook import BASES, notes_of
from campaigns.saved_reports.pages import FONT, GREY, SHADE, Pages, begin

#: Columns beside each other; more make another table below. That of all is in each of them.
_ABREAST = 8
_NOTHING = "–"


def as_pdf(made: Made, words: TableWords, title: str, notes: Sequence[str], language: str) -> bytes:
    """Return a cross-table as PDF."""
    page = begin(title, (*notes, _subject(made, words)))
    columns = len(made.table.columns)
    if not made.table.columns[0].base.count:
        page.ln(4)
        page.line_of(words.nobody, 6)
    for first in range(1, max(columns, 2), _ABREAST - 1):
        page.ln(4)
        places = (0, *range(first, min(first + _ABREAST - 1, columns)))
        _table(page, made, words, places, language)
    _below(page, made, words, language)
    return bytes(page.output())


def _subject(made: Made, words: TableWords) -> str:
    rows = made.table.rows.label or words.version
    return rows if made.column is None else f"{rows} × {made.column.label or words.version}"


def _table(
    page: Pages, made: Made, words: TableWords, places: Sequence[int], language: str
) -> None:
    page.set_font(FONT, size=8)
    bold = FontFace(emphasis="BOLD")
    with page.table(
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=(4, *(2,) * len(places)),
        width=None if len(places) > 4 else 45 * (len(places) + 2),
        align="LEFT",
        text_align=("LEFT", *("RIGHT",) * len(places)),
        headings_style=FontFace(emphasis="BOLD", fill_color=SHADE),
        line_height=4.2,
        padding=0.8,
        repeat_headings=1,
    ) as table:
        heads = [made.table.columns[at] for at in places]
        shown = [f"{one.category.label or words.total} {one.letter}".strip() for one in heads]
        table.row(["", *shown])
        for name in BASES if made.weighted else BASES[:1]:
            figures = [_number(getattr(one.base, name), language) for one in heads]
            table.row([words.bases.get(name, name), *figures], style=bold)
        for category, cells in made.table.lines:
            shown = [_cell(cells[at], language, made.column is not None) for at in places]
            table.row([category.label, *shown])


def _cell(cell: Cell, language: str, is_crossed: bool) -> str:
    if cell.of_column is None or cell.interval is None:
        return _NOTHING
    share = f"{_share(cell.of_column, language)} {cell.higher_than}".strip()
    between = f"{_share(cell.interval.low, language)} – {_share(cell.interval.high, language)}"
    lines = [share, between, f"n {_number(cell.count, language)}"]
    if is_crossed:
        of = [_share(one, language) for one in (cell.of_row or 0, cell.of_total or 0)]
        lines.append(" / ".join(of))
    return "\n".join(lines)


def _share(value: float, language: str) -> str:
    return str(format_percent(value, "#,##0.0 %", locale=language))


def _number(value: float, language: str) -> str:
    return str(format_decimal(round(value, 1), locale=language))


def _below(page: Pages, made: Made, words: TableWords, language: str) -> None:
    page.ln(5)
    page.set_text_color(*GREY)
    page.set_font(FONT, size=7)
    for key, why, count in made.table.missing:
        page.line_of(f"{key}: {words.why(why)} {_number(count, language)}", 3.6)
    page.ln(2)
    for note in notes_of(made, words):
        page.line_of(note, 3.6)
