"""Packing: values as cells of PostgreSQL's binary COPY format; a cell is its length and its bytes.

Source: PostgreSQL manual, COPY, binary format; the types' binary forms as their receive functions
take them.
"""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

#: What begins and what ends the data of one COPY.
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END = b"\xff\xff"

_NULL = b"\xff\xff\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: ``varchar``'s own number. Source: PostgreSQL, ``pg_type.dat``.
_VARCHAR = 1043
_JSONB_VERSION = 1

_length = struct.Struct(">i").pack
_pack_json = struct.Struct(">ib").pack
_json = msgspec.json.Encoder()
#: A 4-byte integer's cell with the length of the next cell; an 8-byte integer's cell.
PACK_ROW = struct.Struct(">iii").pack
PACK_LONG = struct.Struct(">iq").pack


def row_head(columns: Sequence[str]) -> bytes:
    """Return the beginning of a row whose first column is a UUID, up to that UUID's bytes."""
    return struct.pack(">hi", len(columns), 16)


def uuid_cell(value: UUID | None) -> bytes:
    """Return a ``uuid``."""
    return _NULL if value is None else _length(16) + value.bytes


def text_cell(value: str | None) -> bytes:
    """Return a ``varchar``."""
    if value is None:
        return _NULL
    data = plain(value)
    return _length(len(data)) + data


def plain(text: str) -> bytes:
    """Return text as it can be stored: zero characters are left out, half characters replaced."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text.encode("utf-8", "replace")


def short_cell(value: int) -> bytes:
    """Return a ``smallint``."""
    return struct.pack(">ih", 2, value)


def int_cell(value: int) -> bytes:
    """Return an ``integer``."""
    return struct.pack(">ii", 4, value)


def instant_cell(at: datetime) -> bytes:
    """Return a ``timestamptz``: microseconds since 2000."""
    return PACK_LONG(8, (at - _EPOCH) // _MICROSECOND)


def array_cell(items: Sequence[str]) -> bytes:
    """Return a ``varchar[]``."""
    if not items:
        data = struct.pack(">iii", 0, 0, _VARCHAR)
    else:
        data = struct.pack(">iiiii", 1, 0, _VARCHAR, len(items), 1)
        data += b"".join(map(text_cell, items))
    return _length(len(data)) + data


def json_head(length: int) -> bytes:
    """Return the beginning of a ``jsonb`` cell whose text has ``length`` bytes."""
    return _pack_json(length + 1, _JSONB_VERSION)


def json_lines(values: Sequence[Any]) -> list[bytes]:
    """Return each value (texts in lists or dicts) as JSON that can be stored."""
    if not values:
        return []
    try:
        text = _json.encode_lines(values)
    except UnicodeEncodeError:  # half of a character: no encoding has it
        return json_lines([_storable(value) for value in values])
    if b"\\u0000" in text and any(_has_zero(value) for value in values):
        return json_lines([_storable(value) for value in values])
    return text.split(b"\n")[:-1]


def _has_zero(value: Any) -> bool:
    texts = [*value, *value.values()] if isinstance(value, dict) else value
    return any("\0" in text for text in texts)


def _storable(value: Any) -> Any:
    if isinstance(value, dict):
        return {plain(key).decode(): plain(text).decode() for key, text in value.items()}
    return [plain(text).decode() for text in value]
