"""A cross-table as a workbook: each figure a typed cell, bases above, what they mean on a second sheet."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from campaigns.crosstabs.making import Made
from campaigns.crosstabs.table import Cell
from campaigns.crosstabs.wording import TableWords
from campaigns.lists.columns.cells import guarded

#: Lines of a cell, in their order.
LINES = ("count", "weighted", "of_column", "low", "high", "of_row", "of_total", "higher_than")
BASES = ("count", "weighted", "effective")
_SHARES = {"of_column", "low", "high", "of_row", "of_total"}
_FORMATS = {"share": "0.0%", "count": "#,##0", "weighted": "#,##0.00"}


def figure_of(cell: Cell, line: str) -> float | str | None:
    """Return a line's figure of a cell."""
    if line in ("low", "high"):
        return getattr(cell.interval, line) if cell.interval else None
    found: float | str | None = getattr(cell, line)
    return found


def as_xlsx(made: Made, words: TableWords, about: Sequence[str] = ()) -> bytes:
    """Return the table as a workbook; no cell is run by a spreadsheet.

    Args:
        made: The table.
        words: Our own ones.
        about: What the second sheet begins with: a name, a period.
    """
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    formats = {name: book.add_format({"num_format": kind}) for name, kind in _FORMATS.items()}
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("Table")
    _heads(sheet, made, words, bold, formats)
    row = 5
    for category, cells in made.table.lines:
        for line in LINES:
            sheet.write_string(row, 0, guarded(category.label), bold)
            sheet.write_string(row, 1, words.line(line))
            for at, cell in enumerate(cells, start=2):
                _put(sheet, row, at, figure_of(cell, line), formats[_kind(line)])
            row += 1
    for key, why, count in made.table.missing:
        sheet.write_string(row, 0, guarded(key), bold)
        sheet.write_string(row, 1, words.why(why))
        sheet.write_number(row, 2, count, formats["count"])
        row += 1
    sheet.freeze_panes(5, 2)
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 1, 22)
    _about(book, (*about, *notes_of(made, words)))
    book.close()
    return out.getvalue()


def _kind(line: str) -> str:
    return "share" if line in _SHARES else line if line in _FORMATS else "count"


def _put(sheet: Any, row: int, at: int, value: float | str | None, kind: Any) -> None:
    if isinstance(value, str):
        if value:
            sheet.write_string(row, at, value)
    elif value is not None:
        sheet.write_number(row, at, value, kind)


def _heads(sheet: Any, made: Made, words: TableWords, bold: Any, formats: Any) -> None:
    sheet.write_string(0, 0, guarded(made.table.rows.label or words.version), bold)
    sheet.write_string(0, 1, guarded(made.column.label if made.column else ""), bold)
    sheet.write_string(1, 1, words.column, bold)
    for at, column in enumerate(made.table.columns, start=2):
        shown = column.category.label or words.total
        sheet.write_string(0, at, guarded(shown), bold)
        sheet.write_string(1, at, column.letter, bold)
        figures = (column.base.count, column.base.weighted, column.base.effective)
        for down, figure in enumerate(figures, start=2):
            kind = formats["count" if down == 2 else "weighted"]
            sheet.write_number(down, at, figure, kind)
    for down, name in enumerate(BASES, start=2):
        sheet.write_string(down, 1, words.bases.get(name, name), bold)


def notes_of(made: Made, words: TableWords) -> list[str]:
    """Return what a reader must know of a table, and how it was weighted."""
    base = made.table.all_base
    lines = [*words.notes, f"{words.design_effect}: {base.design_effect:.4f}"]
    if made.weighted is not None:
        limits = made.asked.limits
        lines.append(f"{words.weights_between}: {limits.least:g} – {limits.most:g}")
        lines.append(f"{words.at_limit}: {made.weighted.trimmed}")
        lines.append(f"{words.furthest}: {made.weighted.off_by:.4%}")
    return lines


def _about(book: Any, lines: Sequence[str]) -> None:
    about = book.add_worksheet("About")
    about.set_column(0, 0, 100)
    for row, line in enumerate(lines):
        about.write_string(row, 0, guarded(line))
