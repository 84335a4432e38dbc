"""JSON lines: an object a row, by column; numbers are numbers, what is not known is null."""

from collections.abc import Sequence
from typing import IO, Any

import msgspec

from campaigns.delivery.files.typed import number_reader
from campaigns.delivery.layouts.columns import Column
from campaigns.delivery.rows import cells_of


class JsonLinesFile:
    """Writes an object for each row."""

    def __init__(self, out: IO[bytes], columns: Sequence[Column]) -> None:
        """Remember the names."""
        self._out = out
        self._names = [column.name for column in columns]
        self._readers = [
            (at, read) for at, column in enumerate(columns) if (read := number_reader(column))
        ]
        self._encode = msgspec.json.Encoder().encode_lines

    def write(self, block: bytes) -> int:
        """Write some whole rows; return how many."""
        rows = cells_of(block)
        self._out.write(self._encode([self._object(row) for row in rows]))
        return len(rows)

    def close(self) -> None:
        """Nothing is left to be written."""

    def _object(self, row: list[str]) -> dict[str, Any]:
        values: list[Any] = [cell or None for cell in row]
        for at, read in self._readers:
            if row[at]:
                values[at] = read(row[at])
        return dict(zip(self._names, values, strict=True))
