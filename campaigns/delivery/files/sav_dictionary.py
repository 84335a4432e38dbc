"""SPSS system files: the dictionary, everything before the cases.

Source: PSPP developers' guide, "System File Format"; it describes what SPSS writes.
"""

import math
import struct
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

#: The value that says there is none. Source: PSPP, "Machine Floating-Point Info Record".
SYSTEM_MISSING = -sys.float_info.max
#: SPSS takes no longer strings. Source: IBM SPSS Statistics, "Variable Types and Formats".
WIDEST_BYTES = 32_767
#: A longer string is stored in segments. Source: PSPP, "Very Long String Record".
_WHOLE_BYTES = 255
_SEGMENT_BYTES = 252
_LABEL_BYTES = 255
_VALUE_LABEL_BYTES = 120
#: Format types. Source: PSPP, "Variable Record".
_STRING, _NUMBER, _DATE, _DATETIME = 1, 5, 20, 22
FORMATS = {
    "string": _STRING,
    "integer": _NUMBER << 16 | 12 << 8,
    "number": _NUMBER << 16 | 16 << 8 | 2,
    "date": _DATE << 16 | 11 << 8,
    "datetime": _DATETIME << 16 | 20 << 8,
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: numeric (``width`` 0), or a string of so many bytes."""

    name: str
    label: str
    format: str  #: one of ``FORMATS``
    width: int = 0
    values: tuple[tuple[float, str], ...] = ()
    missing: tuple[float, ...] = ()  #: three at most
    measure: int = 1  #: 1 nominal, 2 ordinal, 3 scale

    @property
    def segments(self) -> tuple[int, ...]:
        """Return the widths under which a string is declared: one, or several of a very long one."""
        if self.width <= _WHOLE_BYTES:
            return (self.width,)
        count = math.ceil(self.width / _SEGMENT_BYTES)
        return (_WHOLE_BYTES,) * (count - 1) + (self.width - (count - 1) * _SEGMENT_BYTES,)

    @property
    def elements(self) -> int:
        """Return how many pieces of 8 bytes a case has for it."""
        return sum(max(1, math.ceil(width / 8)) for width in self.segments)


@dataclass(frozen=True, slots=True)
class ResponseSet:
    """Several flags that are the answers to one question."""

    name: str
    label: str
    variables: tuple[str, ...]


def dictionary(
    variables: Sequence[Variable],
    sets: Iterable[ResponseSet],
    *,
    compression: int,
    cases: int,
    made_at: datetime,
    label: str = "",
) -> bytes:
    """Return all that comes before the cases; ``compression``: 1 by bytes, 2 by zlib."""
    short = _short_names(variables)
    parts = [
        _header(variables, compression, cases, made_at, label),
        *(_variable(one, names) for one, names in zip(variables, short, strict=True)),
        *_value_labels(variables),
        _extension(3, 4, struct.pack("<8i", 1, 0, 0, -1, 1, 1, 2, 65_001)),
        _extension(
            4, 8,
            struct.pack("<3d", SYSTEM_MISSING, -SYSTEM_MISSING, math.nextafter(SYSTEM_MISSING, 0)),
        ),
        _response_sets(sets, variables, short),
        _extension(11, 4, b"".join(map(_display, variables))),
        _extension(13, 1, _long_names(variables, short)),
        _extension(14, 1, _very_long(variables, short)),
        _extension(16, 8, struct.pack("<2q", 1, cases)),
        _extension(20, 1, b"UTF-8"),
        struct.pack("<2i", 999, 0),
    ]  # fmt: skip
    return b"".join(parts)


def cut(text: str, most: int) -> bytes:
    """Return a text in UTF-8, cut after a whole character at ``most`` bytes."""
    data = text.encode()
    return data if len(data) <= most else data[:most].decode(errors="ignore").encode()


def _header(
    variables: Sequence[Variable], compression: int, cases: int, made_at: datetime, label: str
) -> bytes:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    day = f"{made_at.day:02} {months[made_at.month - 1]} {made_at:%y}"
    return struct.pack(
        "<4s60siiiiid9s8s64s3x",
        b"$FL3" if compression == 2 else b"$FL2",
        b"@(#) SPSS DATA FILE Outdial".ljust(60),
        2,
        sum(one.elements for one in variables),
        compression,
        0,
        cases if cases < 2**31 else -1,
        100.0,
        day.encode(),
        f"{made_at:%H:%M:%S}".encode(),
        cut(label, 64).ljust(64),
    )


def _short_names(variables: Sequence[Variable]) -> list[list[str]]:
    """Return a name of at most 8 characters for every segment of every variable."""
    found = []
    at = 0
    for one in variables:
        names = []
        for _ in one.segments:
            at += 1
            names.append(f"V{at}")
        found.append(names)
    return found


def _variable(one: Variable, names: Sequence[str]) -> bytes:
    parts = []
    for at, (width, name) in enumerate(zip(one.segments, names, strict=True)):
        shown = FORMATS[one.format] if width == 0 else _STRING << 16 | min(width, 255) << 8
        label = cut(one.label, _LABEL_BYTES) if at == 0 else b""
        missing = one.missing if at == 0 else ()
        parts.append(
            struct.pack("<6i8s", 2, width, bool(label), len(missing), shown, shown, _name(name))
        )
        if label:
            parts.append(struct.pack("<i", len(label)) + label + b" " * (-len(label) % 4))
        parts.append(struct.pack(f"<{len(missing)}d", *missing))
        parts += [struct.pack("<6i8s", 2, -1, 0, 0, 0, 0, b" " * 8)] * (math.ceil(width / 8) - 1)
    return b"".join(parts)


def _name(name: str) -> bytes:
    return name.encode().ljust(8)


def _value_labels(variables: Sequence[Variable]) -> Iterable[bytes]:
    """Yield the codebooks; variables with the same one share it."""
    place = 1
    users: dict[tuple[tuple[float, str], ...], list[int]] = {}
    for one in variables:
        if one.values:
            users.setdefault(one.values, []).append(place)
        place += one.elements
    for values, places in users.items():
        yield struct.pack("<2i", 3, len(values))
        for number, label in values:
            words = cut(label, _VALUE_LABEL_BYTES)
            yield struct.pack("<dB", number, len(words)) + words + b" " * (-(len(words) + 1) % 8)
        yield struct.pack(f"<2i{len(places)}i", 4, len(places), *places)


def _extension(subtype: int, size: int, data: bytes) -> bytes:
    if not data:
        return b""
    return struct.pack("<4i", 7, subtype, size, len(data) // size) + data


def _response_sets(
    sets: Iterable[ResponseSet], variables: Sequence[Variable], short: Sequence[Sequence[str]]
) -> bytes:
    known = {one.name: names[0].lower() for one, names in zip(variables, short, strict=True)}
    lines = []
    for one in sets:
        label = cut(one.label, _LABEL_BYTES)
        names = " ".join(known[name] for name in one.variables)
        lines.append(f"${one.name}=D1 1 {len(label)} ".encode() + label + f" {names}\n".encode())
    return _extension(7, 1, b"".join(lines))


def _display(one: Variable) -> bytes:
    shown = struct.pack("<3i", one.measure, min(max(one.width, 8), 40), 0 if one.width else 1)
    return shown * len(one.segments)


def _long_names(variables: Sequence[Variable], short: Sequence[Sequence[str]]) -> bytes:
    pairs = zip(variables, short, strict=True)
    return "\t".join(f"{names[0]}={one.name}" for one, names in pairs).encode()


def _very_long(variables: Sequence[Variable], short: Sequence[Sequence[str]]) -> bytes:
    return b"".join(
        f"{names[0]}={one.width:05}\0\t".encode()
        for one, names in zip(variables, short, strict=True)
        if one.width > _WHOLE_BYTES
    )
