"""A report's table as a file: a workbook with typed cells, or text; no cell is run by a spreadsheet."""

import csv
from decimal import Decimal
from io import BytesIO, StringIO

import xlsxwriter

from api.report_view import View
from campaigns.lists.columns.cells import guarded
from campaigns.reports.measure import Measure, Unit

_FORMATS = {
    Unit.COUNT: "#,##0",
    Unit.SHARE: "0.0%",
    Unit.SECONDS: "#,##0.0",
    Unit.MONEY: "#,##0.00",
    Unit.RATIO: "#,##0.00",
}


def as_csv(view: View, separator: str) -> bytes:
    """Return the table as UTF-8 with a mark, so that every spreadsheet reads it; numbers are plain."""
    out = StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow([guarded(one) for one in (*view.headings, *(c.name for c in view.columns))])
    for line in view.lines:
        values = ["" if cell.value is None else _plain(cell.value) for cell in line.cells]
        writer.writerow([*(guarded(name) for name in line.names), *values])
    return out.getvalue().encode("utf-8-sig")


def _plain(value: Decimal) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def as_xlsx(view: View, measures: tuple[Measure, ...], title: str) -> bytes:
    """Return the table as a workbook: figures as numbers, and a sheet that defines each measure."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    formats = {unit: book.add_format({"num_format": kind}) for unit, kind in _FORMATS.items()}
    sheet = book.add_worksheet(_sheet_name(title))
    for place, name in enumerate((*view.headings, *(one.name for one in view.columns))):
        sheet.write_string(0, place, name, bold)
    for number, line in enumerate(view.lines, start=1):
        for place, name in enumerate(line.names):
            sheet.write_string(number, place, name)
        for place, (cell, measure) in enumerate(zip(line.cells, measures, strict=True)):
            if cell.value is not None:
                at = place + len(view.headings)
                sheet.write_number(number, at, float(cell.value), formats[measure.unit])
    sheet.freeze_panes(1, len(view.headings))
    sheet.autofilter(0, 0, max(len(view.lines), 1), len(view.headings) + len(view.columns) - 1)
    sheet.set_column(0, len(view.headings) + len(view.columns) - 1, 16)
    words = book.add_worksheet("Measures")
    for number, one in enumerate(view.columns):
        for place, cell_text in enumerate((one.name, one.formula, one.unit, one.source)):
            words.write_string(number, place, cell_text)
    words.set_column(0, 3, 40)
    book.close()
    return out.getvalue()


def _sheet_name(title: str) -> str:
    """Return a name a workbook takes: 31 characters, without signs that have a meaning there."""
    return "".join(" " if one in "[]:*?/\\'" else one for one in title)[:31].strip() or "Report"
