"""Cells as programs want them: numbers as numbers, and what is no number as it stands."""

from collections.abc import Callable
from datetime import UTC, datetime

from campaigns.delivery.layouts.columns import Column
from campaigns.delivery.words import ColumnKind as Kind

#: Day 0 of a spreadsheet's calendar, right from 1 March 1900 on. Source: ECMA-376, 18.17.4.1.
_DAY_0 = datetime(1899, 12, 30, tzinfo=UTC)
#: More digits than that a spreadsheet and JSON's readers would round.
_EXACT_DIGITS = 15

Number = int | float


def number_of(cell: str) -> Number | str:
    """Return the number a cell says; the cell itself where it says none, or more than a program keeps."""
    if len(cell.strip("-0").replace(".", "")) > _EXACT_DIGITS:
        return cell
    try:
        return int(cell)
    except ValueError:
        pass
    try:
        return float(cell)
    except ValueError:
        return cell


def serial_of(cell: str) -> Number | str:
    """Return an instant or a day as a spreadsheet counts them, in days; the cell where it is neither."""
    try:
        at = datetime.fromisoformat(cell).replace(tzinfo=UTC)
    except ValueError:
        return cell
    days = (at - _DAY_0).total_seconds() / 86_400
    return cell if days < 61 else days  # 1900 had no 29 February, and spreadsheets think it had


def number_reader(column: Column) -> Callable[[str], Number | str] | None:
    """Return what reads the numbers of a column; None: its cells are texts."""
    return number_of if column.kind in (Kind.INTEGER, Kind.NUMBER, Kind.FLAG) else None
