"""A list file to arrays of numbers, whatever its format and packing, in bounded memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compliance.dnc import markup, tables
from compliance.dnc.errors import DncUnreadable
from compliance.dnc.formats import (
    ADDED_WORDS,
    CHANGES,
    REGIONS,
    REMOVED_WORDS,
    XML,
    DncFormat,
    detect_format,
)
from compliance.dnc.lines import read_lines, resolve
from compliance.dnc.plans import Flags, Numbers, Plan, plan_of
from compliance.dnc.tally import DncReport, Tally
from compliance.dnc.unpacking import Limits, Part, after_line, parts

_BLANK = b""
_AREA_DIGITS, _LOCAL_DIGITS, _WHOLE_DIGITS = 3, 7, 10


@dataclass(frozen=True, slots=True)
class Changes:
    """What a change list says; the two arrays are sorted and have no number in common."""

    added: Numbers
    removed: Numbers
    report: DncReport


def format_of(path: Path, limits: Limits | None = None) -> DncFormat:
    """Tell the format of a file, or of the first text of an archive.

    Raises:
        DncUnreadable: the file is empty, broken or refused.
    """
    first = next(parts(path, limits), None)
    if first is None:
        raise DncUnreadable("This archive has no file in it.")
    return detect_format(first.head)


def read_numbers(
    path: Path,
    *,
    region: str,
    tally: Tally,
    format: DncFormat | None = None,
    limits: Limits | None = None,
) -> Iterator[Numbers]:
    """Yield the numbers of a full list as sorted E.164 arrays, some 100 thousand at a time.

    Args:
        path: the file, plain or packed by zip (with any number of files) or gzip.
        region: alpha-2, for numbers without a country code; the FTC formats are always US.
        tally: counts the lines; ask its ``report()`` at the end.
        format: None tells it from the text.
        limits: how much an archive may grow.

    Raises:
        DncUnreadable: no list that can be used; see ``errors``.
    """
    for part in parts(path, limits):
        kind = format or detect_format(part.head)
        if kind in CHANGES:
            raise DncUnreadable("This is a change list: apply it to a full list.")
        plan = plan_of(REGIONS.get(kind, region))
        if kind is DncFormat.CSV:
            tally.lines += 1  # the headings
        for block in _number_lines(part, kind):
            yield read_lines(block, plan, tally)


def _number_lines(part: Part, kind: DncFormat) -> Iterator[bytes]:
    if kind is DncFormat.FTC_XML:
        return markup.number_lines(part)
    if kind is DncFormat.CSV:
        return tables.number_lines(part)
    return _plain_lines(part)


def _plain_lines(part: Part) -> Iterator[bytes]:
    for block in part.blocks(after_line):
        yield block if block.endswith(b"\n") else block + b"\n"


def read_changes(
    path: Path,
    *,
    region: str = "US",
    format: DncFormat | None = None,
    limits: Limits | None = None,
) -> Changes:
    """Read a change list; of several records of a number the last one counts.

    Raises:
        DncUnreadable: a full list, or no change list that can be used.
    """
    tally, found = Tally(), []
    for part in parts(path, limits):
        kind = format or detect_format(part.head)
        if kind not in CHANGES:
            raise DncUnreadable("This is not a change list.")
        plan = plan_of(REGIONS.get(kind, region))
        blocks = markup.change_lines(part) if kind in XML else _plain_lines(part)
        found += [_read_changes(block, plan, tally) for block in blocks]
    report = tally.report()
    numbers = np.concatenate([part[0] for part in found])
    added = np.concatenate([part[1] for part in found])
    last = _last_of_each(numbers)
    numbers, added = numbers[last], added[last]
    return Changes(numbers[added], numbers[~added], report)


def _last_of_each(numbers: Numbers) -> NDArray[np.intp]:
    """Return the positions of the last occurrence of each number, in the order of the numbers."""
    order = np.argsort(numbers, kind="stable")
    in_order = numbers[order]
    last = np.ones(len(in_order), dtype=np.bool_)
    last[:-1] = in_order[:-1] != in_order[1:]
    return order[last]


def _read_changes(block: bytes, plan: Plan, tally: Tally) -> tuple[Numbers, Flags]:
    records = [_record(line) for line in block.removesuffix(b"\n").split(b"\n")]
    numbers = resolve(b"\n".join([*(number for number, _ in records), b""]), plan)
    usable = np.zeros(len(records), dtype=np.bool_)
    for row, (text, added) in enumerate(records):
        usable[row] = added is not None and numbers[row] > 0
        if not usable[row] and text != _BLANK:
            tally.refuse(tally.lines + row + 1)
    tally.lines += len(records)
    tally.numbers += int(np.count_nonzero(usable))
    return numbers[usable], np.array([added is True for _, added in records])[usable]


def _record(line: bytes) -> tuple[bytes, bool | None]:
    """Return the number of a record and whether it was added; None is not told."""
    if not line.strip():
        return _BLANK, None
    fields = [field.strip(b" \"'\r\t") for field in line.split(b",")]
    words = {field.lower() for field in fields}
    is_added, is_removed = bool(words & ADDED_WORDS), bool(words & REMOVED_WORDS)
    return _number_field(fields), is_added if is_added != is_removed else None


def _number_field(fields: Iterable[bytes]) -> bytes:
    """Return the first field that is a whole number, or an area code and the number behind it."""
    area = b""
    for field in fields:
        digits = field.removeprefix(b"+")
        if digits.isdigit():
            if len(digits) >= _WHOLE_DIGITS:
                return field
            if len(digits) == _LOCAL_DIGITS and area:
                return area + digits
        area = digits if digits.isdigit() and len(digits) == _AREA_DIGITS else b""
    return b"?"
