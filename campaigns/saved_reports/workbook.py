"""A report as a workbook: figures as numbers, texts guarded, definitions on a second sheet."""

from io import BytesIO
from typing import Any

import xlsxwriter

from campaigns.lists.columns.cells import guarded
from campaigns.reports.measure import Unit
from campaigns.saved_reports.printing import Printed, PrintedLine

_FORMATS = {
    Unit.COUNT: "#,##0",
    Unit.SHARE: "0.0%",
    Unit.SECONDS: "#,##0.0",
    Unit.MONEY: "#,##0.00",
    Unit.RATIO: "#,##0.00",
}


def as_xlsx(report: Printed) -> bytes:
    """Return a report as a workbook; no cell is run by a spreadsheet."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    formats = {unit: book.add_format({"num_format": kind}) for unit, kind in _FORMATS.items()}
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(_sheet_name(report.title))
    sheet.write_string(0, 0, guarded(report.title), bold)
    for row, note in enumerate(report.notes, start=1):
        sheet.write_string(row, 0, guarded(note))
    top = len(report.notes) + 2
    width = max(len(report.headings), 1)
    for at, name in enumerate(report.headings):
        sheet.write_string(top, at, guarded(name), bold)
    for at, column in enumerate(report.columns, start=width):
        sheet.write_string(top, at, guarded(column.name), bold)
    for row, line in enumerate([*report.lines, report.total], start=top + 1):
        _line(sheet, row, line, report, width, formats)
    sheet.freeze_panes(top + 1, width)
    sheet.set_column(0, width + len(report.columns) - 1, 16)
    _definitions(book, report)
    book.close()
    return out.getvalue()


def _line(
    sheet: Any, row: int, line: PrintedLine, report: Printed, width: int, formats: Any
) -> None:
    for at, name in enumerate(line.names):
        sheet.write_string(row, at, guarded(name))
    for at, (figure, column) in enumerate(zip(line.figures, report.columns, strict=True)):
        if figure.value is not None:
            sheet.write_number(row, width + at, float(figure.value), formats[column.measure.unit])


def _definitions(book: Any, report: Printed) -> None:
    name = _sheet_name(report.words.measures_sheet)
    if name.lower() == _sheet_name(report.title).lower():  # two sheets of one name are no workbook
        name = f"{name[:27]} (2)"
    sheet = book.add_worksheet(name)
    columns = [one for one in report.columns if not one.is_before]
    for row, one in enumerate(columns):
        for at, text in enumerate((one.name, one.formula, one.measure.source)):
            sheet.write_string(row, at, guarded(text))
    sheet.set_column(0, 2, 40)


def _sheet_name(title: str) -> str:
    """Return a name a workbook takes: 31 characters, without signs that have a meaning there."""
    return "".join(" " if one in "[]:*?/\\'" else one for one in title)[:31].strip() or "Report"
