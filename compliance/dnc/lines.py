"""Lines of text to E.164 integers: millions a second when they are digits, one by one when odd."""

import numpy as np
from numpy.typing import NDArray

from compliance.dnc.plans import MOST_DIGITS, Flags, Numbers, Plan
from compliance.dnc.tally import Tally
from dialer.phone import InvalidPhone, parse

_NEWLINE, _ZERO, _PLUS = ord("\n"), ord("0"), ord("+")
#: Longer lines are read one by one.
_LONGEST = 32
#: Digits that fit into 64 bits.
_MOST_DIGITS = 19
#: What may stand between the digits of a number without changing it.
_BETWEEN = np.zeros(256, dtype=np.bool_)
_BETWEEN[list(b" ,-().\"'\t\r")] = True

Bytes = NDArray[np.uint8]


def resolve(block: bytes, plan: Plan) -> Numbers:
    """Return one E.164 integer for each line of ``block``; 0 where a line is not a number.

    Args:
        block: whole lines; the last one ends with a line feed.
        plan: how national digits are read.
    """
    text = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(text == _NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts
    found = np.zeros(len(ends), dtype=np.uint64)
    for length in np.flatnonzero(np.bincount(np.minimum(lengths, _LONGEST + 1))).tolist():
        if not 0 < length <= _LONGEST:
            continue
        rows = np.flatnonzero(lengths == length)
        if len(rows) == len(ends):
            return _with_odd_lines(_read(text.reshape(-1, length + 1)[:, :-1], plan), block, plan)
        found[rows] = _read(text[starts[rows][:, None] + np.arange(length)], plan)
    return _with_odd_lines(found, block, plan)


def read_lines(block: bytes, plan: Plan, tally: Tally) -> Numbers:
    """Return the sorted numbers of the lines of ``block`` and count the lines.

    Raises:
        DncUnreadable: most lines so far are not numbers.
    """
    found = resolve(block, plan)
    right = found > 0
    tally.numbers += int(np.count_nonzero(right))
    if not right.all():
        lines = block.split(b"\n")
        for row in np.flatnonzero(~right).tolist():
            if lines[row].strip():
                tally.refuse(tally.lines + row + 1)
        found = found[right]
    tally.lines += len(right)
    if len(found) > 1 and not (found[:-1] <= found[1:]).all():
        found = np.sort(found)
    return found


def _read(matrix: Bytes, plan: Plan) -> Numbers:
    """Read lines of one length; 0 where the digits alone do not tell the number."""
    first = np.ascontiguousarray(matrix[:, 0])
    plus: Flags = first == _PLUS
    if not plus.any():
        return _read_digits(matrix, plan, plus=False)
    if plus.all():
        return _read_digits(matrix[:, 1:], plan, plus=True)
    found = np.zeros(len(matrix), dtype=np.uint64)
    found[plus] = _read_digits(matrix[plus, 1:], plan, plus=True)
    found[~plus] = _read_digits(matrix[~plus], plan, plus=False)
    return found


def _read_digits(matrix: Bytes, plan: Plan, *, plus: bool) -> Numbers:
    values = np.zeros(len(matrix), dtype=np.uint64)
    digits = np.zeros(len(matrix), dtype=np.uint8)
    odd = np.zeros(len(matrix), dtype=np.bool_)
    for column in range(matrix.shape[1]):
        text = np.ascontiguousarray(matrix[:, column])
        figure = text - np.uint8(_ZERO)
        is_digit = figure < 10
        if is_digit.all():
            values *= np.uint64(10)
            values += figure
            digits += np.uint8(1)
            continue
        odd |= ~(is_digit | _BETWEEN[text])
        if is_digit.any():
            values = np.where(is_digit, values * np.uint64(10) + figure, values)
            digits += is_digit
    found = plan.e164(values, digits, plus=plus)
    return np.where(odd | (digits > _MOST_DIGITS), np.uint64(0), found)


def _with_odd_lines(found: Numbers, block: bytes, plan: Plan) -> Numbers:
    """Give the lines that were not plain digits to the parser of single numbers."""
    missing = np.flatnonzero(found == 0)
    if len(missing):
        lines = block.split(b"\n")
        for row in missing.tolist():
            found[row] = _parse_one(lines[row], plan)
    return found


def _parse_one(line: bytes, plan: Plan) -> int:
    text = line.decode("utf-8", "replace").strip().strip("\"',;")
    if sum(letter.isdigit() for letter in text) > MOST_DIGITS:
        return 0  # two numbers in one line: taking one would clear the other
    try:
        return int(parse(text, plan.region).e164[1:])
    except InvalidPhone:
        return 0
