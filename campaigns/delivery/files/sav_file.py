"""SPSS: rows become cases, with the codebook as value labels and what was not said as missing values."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import IO, Any

import numpy as np

from campaigns.delivery.files.sav_cases import PackedCases, ZlibBlocks
from campaigns.delivery.files.sav_dictionary import (
    SYSTEM_MISSING,
    WIDEST_BYTES,
    ResponseSet,
    Variable,
    cut,
    dictionary,
)
from campaigns.delivery.layouts.columns import MISSING, MISSING_LABELS, Column
from campaigns.delivery.rows import cells_of
from campaigns.delivery.words import ColumnKind as Kind
from campaigns.delivery.words import ColumnSource
from campaigns.forms.words import NoAnswer

#: Second 0 of SPSS's calendar. Source: PSPP, "Time and Date Functions".
_EPOCH = datetime(1582, 10, 14, tzinfo=UTC)
_RESERVED = frozenset(
    ["ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"]
)
_LONGEST_NAME = 64
#: Of numbers and days a small negative one may be an answer; nobody answers these.
_FAR = -9_999_900
#: A block is packed in pieces of so many bytes: strings have their full width there.
_PIECE_BYTES = 8 * 1024 * 1024
_FORMATS = {
    Kind.CHOICE: "integer", Kind.FLAG: "integer", Kind.INTEGER: "integer", Kind.NUMBER: "number",
    Kind.DATE: "date", Kind.INSTANT: "datetime", Kind.LOCAL: "datetime",
}  # fmt: skip
_SCALE, _NOMINAL = 3, 1


def variables_of(columns: Sequence[Column], widths: Sequence[int]) -> list[Variable]:
    """Return the variables of a layout; ``widths`` are the longest values in bytes, 0 for numbers."""
    names = variable_names([column.name for column in columns])
    return [
        _variable(column, name, width)
        for column, name, width in zip(columns, names, widths, strict=True)
    ]


def is_string(column: Column) -> bool:
    """Tell whether a column's variable is a string."""
    return column.kind not in _FORMATS


def _variable(column: Column, name: str, width: int) -> Variable:
    label = column.label if column.label and column.label != column.name else column.name
    if is_string(column):
        return Variable(name, label, "string", min(max(width, 1), WIDEST_BYTES))
    said = [(float(value.number), value.label) for value in column.values]
    if column.kind is Kind.FLAG:
        said = [(0.0, "not chosen"), (1.0, "chosen")]
    missing = _missing(column) if column.no_answers else {}
    said += [(number, MISSING_LABELS[NoAnswer(word)]) for word, number in missing.items()]
    measure = _SCALE if column.kind in (Kind.NUMBER, Kind.INTEGER) else _NOMINAL
    return Variable(
        name, label, _FORMATS[column.kind], values=tuple(sorted(said)),
        missing=tuple(missing.values()), measure=measure,
    )  # fmt: skip


def _missing(column: Column) -> dict[str, float]:
    """Return the number of each way not to answer, by its word."""
    taken = {value.number for value in column.values}
    far = column.kind in (Kind.NUMBER, Kind.INTEGER, Kind.DATE) or taken & set(MISSING.values())
    return {word.value: float(number + (_FAR if far else 0)) for word, number in MISSING.items()}


def response_sets(columns: Sequence[Column], variables: Sequence[Variable]) -> list[ResponseSet]:
    """Return a set for each question of which several options may be chosen."""
    members: dict[tuple[Any, ...], list[tuple[Column, Variable]]] = {}
    for column, variable in zip(columns, variables, strict=True):
        if column.source is ColumnSource.OPTION:
            members.setdefault((column.key, column.versions), []).append((column, variable))
    found = []
    for (key, versions), pairs in members.items():
        if len(pairs) > 1:  # a set of one is none
            name = key if not versions else f"{key}_v{max(versions)}"
            label = pairs[0][0].label.rpartition(": ")[0]
            found.append(ResponseSet(name, label, tuple(one.name for _, one in pairs)))
    return found


def variable_names(headings: Sequence[str]) -> list[str]:
    """Return names that SPSS takes: begun by a letter, without blanks, short, each once.

    Source: IBM SPSS Statistics, "Variable Names".
    """
    found: list[str] = []
    taken: set[str] = set()
    for heading in headings:
        plain = re.sub(r"[^\w.$#@]+", "_", heading).strip("_.$#") or "column"
        if not plain[0].isalpha() or plain.upper() in _RESERVED:
            plain = f"v_{plain}"
        name, at = cut(plain, _LONGEST_NAME).decode().rstrip("_."), 2
        while name.casefold() in taken:
            name, at = f"{cut(plain, _LONGEST_NAME - 6).decode()}_{at}", at + 1
        taken.add(name.casefold())
        found.append(name)
    return found


class SavFile:
    """Writes cases as rows come over COPY."""

    def __init__(
        self, out: IO[bytes], columns: Sequence[Column], widths: Sequence[int], *,
        cases: int, made_at: datetime, label: str, with_zlib: bool,
    ) -> None:  # fmt: skip
        """Write the dictionary."""
        self._variables = variables_of(columns, widths)
        sets = response_sets(columns, self._variables)
        compression = 2 if with_zlib else 1
        out.write(
            dictionary(
                self._variables, sets,
                compression=compression, cases=cases, made_at=made_at, label=label,
            )
        )  # fmt: skip
        self._blocks = ZlibBlocks(out) if with_zlib else None
        self._cases = PackedCases(self._blocks or out)
        self._unknown: list[str] = []  #: codes that the layout's codebook does not know
        self._numbers = [None if is_string(one) else _reader(one, self._unknown) for one in columns]
        self._elements = sum(one.elements for one in self._variables)
        self._is_number = np.concatenate(
            [np.full(one.elements, one.width == 0) for one in self._variables]
        )
        self.cut = 0  #: strings that were too long for SPSS

    @property
    def unknown(self) -> list[str]:
        """Return the codes that the layout's codebook does not know: their cases have no value there."""
        return self._unknown

    def write(self, block: bytes) -> int:
        """Write some whole rows; return how many."""
        rows = cells_of(block)
        piece = max(1, _PIECE_BYTES // (8 * self._elements))
        for start in range(0, len(rows), piece):
            self._put(rows[start : start + piece])
        return len(rows)

    def close(self) -> None:
        """Write what is held back."""
        self._cases.close()
        if self._blocks is not None:
            self._blocks.close()

    def _put(self, rows: Sequence[Sequence[str]]) -> None:
        elements = np.empty((len(rows), self._elements), dtype=np.uint64)
        at = 0
        for one, read, cells in zip(
            self._variables, self._numbers, zip(*rows, strict=True), strict=True
        ):
            if read is not None:
                numbers = np.fromiter(map(read, cells), dtype=np.float64, count=len(rows))
                elements[:, at] = numbers.view(np.uint64)
                at += 1
                continue
            data = [cell.encode() for cell in cells]
            if any(len(cell) > one.width for cell in data):
                self.cut += sum(len(cell) > one.width for cell in data)
                data = [cut(cell, one.width) for cell in cells]
            for width, pieces in _segments(one, data):
                count = (width + 7) // 8
                joined = b"".join([piece.ljust(count * 8) for piece in pieces])
                elements[:, at : at + count] = np.frombuffer(joined, dtype=np.uint64).reshape(
                    len(rows), count
                )
                at += count
        self._cases.write(elements, self._is_number)


def _segments(one: Variable, data: list[bytes]) -> list[tuple[int, list[bytes]]]:
    """Return the strings of each segment: of a very long one each holds 255 bytes of it."""
    if len(one.segments) == 1:
        return [(one.width, data)]
    return [
        (width, [cell[at * 255 : at * 255 + min(width, 255)] for cell in data])
        for at, width in enumerate(one.segments)
    ]


def _reader(column: Column, unknown: list[str]) -> Callable[[str], float]:
    """Return what makes a number of a cell of this column; an empty one is missing."""
    known: dict[str, float] = {"": SYSTEM_MISSING}
    if column.no_answers:
        known |= _missing(column)
    known |= {value.code: float(value.number) for value in column.values}
    other = _OTHERS.get(column.kind, float)

    def read(cell: str) -> float:
        number = known.get(cell)
        if number is not None:
            return number
        if not column.values:
            return other(cell)
        unknown.append(cell)
        known[cell] = SYSTEM_MISSING
        return SYSTEM_MISSING

    return read


def _seconds(cell: str) -> float:
    """Return an instant as SPSS counts it."""
    at = datetime.fromisoformat(cell).replace(tzinfo=UTC)
    return (at - _EPOCH).total_seconds()


def _day(cell: str) -> float:
    return float((date.fromisoformat(cell) - _EPOCH.date()).days * 86_400)


_OTHERS: dict[Kind, Callable[[str], float]] = {
    Kind.INSTANT: _seconds,
    Kind.LOCAL: _seconds,
    Kind.DATE: _day,
}
