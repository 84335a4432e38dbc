"""Lists in CSV: the column of the number is found by its heading."""

import csv
import re
from collections.abc import Iterable, Iterator

from compliance.dnc.errors import DncUnreadable
from compliance.dnc.unpacking import Part, after_line

_SEPARATORS = ",;\t|"
_ROWS = 100_000
#: Headings, without case, blanks and signs; the first that is found wins.
_NUMBER_HEADINGS = (
    "e164",
    "msisdn",
    "phonenumber",
    "phone",
    "telephonenumber",
    "telephone",
    "telnumber",
    "tel",
    "mobile",
    "number",
    "numero",
    "rufnummer",
    "telefon",
    "телефон",
    "номертелефона",
    "номер",
)
_AREA_HEADINGS = ("areacode", "npa", "area")
_SIGNS = re.compile(r"[\W_]+")


def number_lines(part: Part) -> Iterator[bytes]:
    """Yield blocks of lines, one number each, in the order of the rows.

    Raises:
        DncUnreadable: no heading names a number, or a quote is never closed.
    """
    rows = _rows(part)
    headings = [_SIGNS.sub("", cell).lower() for cell in next(rows, [])]
    number = _column(headings, _NUMBER_HEADINGS)
    if number is None:
        raise DncUnreadable("No column of this file is headed phone, number or telephone.")
    area = _column(headings, _AREA_HEADINGS)
    batch: list[str] = []
    for row in rows:
        cell = row[number] if number < len(row) else ""
        code = row[area] if area is not None and area < len(row) else ""
        batch.append(" ".join((code + cell).split()))
        if len(batch) == _ROWS:
            yield _block(batch)
            batch = []
    if batch:
        yield _block(batch)


def _block(batch: Iterable[str]) -> bytes:
    return ("\n".join(batch) + "\n").encode()


def _rows(part: Part) -> Iterator[list[str]]:
    first = part.head.split(b"\n", 1)[0].decode("utf-8", "replace")
    separator = max(_SEPARATORS, key=first.count)
    try:
        yield from csv.reader(_text_lines(part), delimiter=separator)
    except csv.Error as error:
        raise DncUnreadable("A quote in this file is never closed.") from error


def _text_lines(part: Part) -> Iterator[str]:
    for block in part.blocks(after_line):
        yield from block.decode("utf-8", "replace").splitlines(keepends=True)


def _column(headings: list[str], known: tuple[str, ...]) -> int | None:
    return next((headings.index(name) for name in known if name in headings), None)
