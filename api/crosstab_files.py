"""A cross-table as a workbook: each figure a typed cell, bases above, what they mean on a second sheet."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import xlsxwriter

from api import crosstab_words as words
from campaigns.crosstabs.making import Made
from campaigns.crosstabs.table import Cell
from campaigns.lists.columns.cells import guarded

Say = Callable[[str], str]
_SHARES = {"of_column", "low", "high", "of_row", "of_total"}
_FORMATS = {"share": "0.0%", "count": "#,##0", "weighted": "#,##0.00"}


def figure_of(cell: Cell, line: str) -> float | str | None:
    """Return a line's figure of a cell."""
    if line in ("low", "high"):
        return getattr(cell.interval, line) if cell.interval else None
    found: float | str | None = getattr(cell, line)
    return found


def as_xlsx(made: Made, say: Say) -> bytes:
    """Return the table as a workbook; no cell is run by a spreadsheet.

    Args:
        made: The table.
        say: Translates our own words.
    """
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    formats = {name: book.add_format({"num_format": kind}) for name, kind in _FORMATS.items()}
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("Table")
    _heads(sheet, made, say, bold, formats)
    row = 5
    for category, cells in made.table.lines:
        for line, name in words.LINES.items():
            sheet.write_string(row, 0, guarded(category.label), bold)
            sheet.write_string(row, 1, say(name))
            for at, cell in enumerate(cells, start=2):
                _put(sheet, row, at, figure_of(cell, line), formats[_kind(line)])
            row += 1
    for key, why, count in made.table.missing:
        sheet.write_string(row, 0, guarded(key), bold)
        sheet.write_string(row, 1, say(words.MISSING[why]))
        sheet.write_number(row, 2, count, formats["count"])
        row += 1
    sheet.freeze_panes(5, 2)
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 1, 22)
    _about(book, made, say)
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


def _heads(sheet: Any, made: Made, say: Say, bold: Any, formats: Any) -> None:
    sheet.write_string(0, 0, guarded(made.table.rows.label or say(words.VERSION)), bold)
    sheet.write_string(0, 1, guarded(made.column.label if made.column else ""), bold)
    sheet.write_string(1, 1, say(words.COLUMN), bold)
    for at, column in enumerate(made.table.columns, start=2):
        shown = column.category.label or say("Total")
        sheet.write_string(0, at, guarded(shown), bold)
        sheet.write_string(1, at, column.letter, bold)
        figures = (column.base.count, column.base.weighted, column.base.effective)
        for down, figure in enumerate(figures, start=2):
            kind = formats["count" if down == 2 else "weighted"]
            sheet.write_number(down, at, figure, kind)
    for down, name in enumerate(words.BASES.values(), start=2):
        sheet.write_string(down, 1, say(name), bold)


def _about(book: Any, made: Made, say: Say) -> None:
    about = book.add_worksheet("About")
    about.set_column(0, 0, 100)
    lines = [say(one) for one in words.NOTES]
    base = made.table.all_base
    lines.append(f"{say('Design effect (Kish)')}: {base.design_effect:.4f}")
    if made.weighted is not None:
        limits = made.asked.limits
        lines.append(f"{say(words.WEIGHTS_BETWEEN)}: {limits.least:g} – {limits.most:g}")
        lines.append(f"{say('Respondents at a limit')}: {made.weighted.trimmed}")
        lines.append(f"{say('Furthest from a target')}: {made.weighted.off_by:.4%}")
    for row, line in enumerate(lines):
        about.write_string(row, 0, guarded(line))
