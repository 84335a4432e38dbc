"""Parquet: rows become typed columns, a group of rows at a time; the codebook is in the schema."""

from collections.abc import Sequence
from typing import IO, Any

import msgspec
import pyarrow as pa
from pyarrow import compute, csv, parquet

from campaigns.delivery.layouts.columns import MISSING, Column
from campaigns.delivery.words import ColumnKind as Kind

#: Rows of a group: it is what a writer holds, and what a reader may skip. Of each group and column the writer
#: keeps a description until the end: a million results took 339 MB with half as large groups, and 316 with
#: groups twice as large.
_GROUP_BYTES = 4 * 1024 * 1024
#: Pages of a column, and the values it numbers: a megabyte of each, as usual, took 26 MB more.
_PAGE_BYTES = 32 * 1024
_TYPES: dict[Kind, Any] = {
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.FLAG: pa.int8(),
    Kind.DATE: pa.date32(),
    Kind.INSTANT: pa.timestamp("s", tz="UTC"),
    Kind.LOCAL: pa.timestamp("s"),
}
# Arrow's own pool keeps what it once had; a group's memory is free for the next one with the system's.
pa.set_memory_pool(pa.system_memory_pool())

_WORDS = pa.array([word.value for word in MISSING])
#: Behind the name of a typed column: why there is no value.
SILENCE = "__no_answer"


class ParquetFile:
    """Writes row groups as rows come over COPY."""

    def __init__(self, out: IO[bytes], columns: Sequence[Column]) -> None:
        """Write the schema; beside a typed column in which nothing may be said comes one that says why."""
        self._columns = columns
        fields = []
        taken = {column.name for column in columns}
        self._silences: list[str | None] = []
        for column in columns:
            fields.append(pa.field(column.name, _TYPES.get(column.kind, pa.string())))
            silent = column.no_answers and column.kind in _TYPES
            name = f"{column.name}{SILENCE}" if silent else None
            while name is not None and name in taken:
                name += "_"
            if name is not None:
                taken.add(name)
                fields.append(pa.field(name, pa.string()))
            self._silences.append(name)
        codebook = msgspec.json.encode([msgspec.to_builtins(column) for column in columns])
        self._schema = pa.schema(fields, metadata={"outdial:columns": codebook})
        self._writer = parquet.ParquetWriter(
            out,
            self._schema,
            compression="zstd",
            data_page_size=_PAGE_BYTES,
            dictionary_pagesize_limit=_PAGE_BYTES,
        )
        self._names = [f"c{at}" for at in range(len(columns))]
        self._held: list[bytes] = []
        self._size = 0

    def write(self, block: bytes) -> int:
        """Take some whole rows; return how many."""
        self._held.append(block)
        self._size += len(block)
        return self._put() if self._size >= _GROUP_BYTES else 0

    def close(self) -> int:
        """Write what is held back and the file's end; return how many rows that were."""
        rows = self._put() if self._held else 0
        self._writer.close()
        return rows

    def abandon(self) -> None:
        """Close what is open, whether or not the file is whole: the library would write to a closed file."""
        self._writer.close()

    def _put(self) -> int:
        data, self._held, self._size = b"".join(self._held), [], 0
        read = csv.read_csv(
            pa.BufferReader(data),
            read_options=csv.ReadOptions(
                column_names=self._names, block_size=len(data) + 1, use_threads=False
            ),
            parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(self._names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        ).combine_chunks()
        values: list[Any] = []
        for column, silence, cells in zip(self._columns, self._silences, read.columns, strict=True):
            values.extend(_typed(column, silence, cells))
        self._writer.write_table(pa.table(values, schema=self._schema))
        return int(read.num_rows)


def _typed(column: Column, silence: str | None, cells: Any) -> list[Any]:
    """Return a column's values, and why there are none where the layout says that may be."""
    kind = _TYPES.get(column.kind)
    if kind is None:
        return [cells]
    if silence is None:
        return [_cast(cells, column.kind, kind)]
    is_word = compute.fill_null(compute.is_in(cells, value_set=_WORDS), False)
    nothing = pa.scalar(None, pa.string())
    said = compute.if_else(is_word, nothing, cells)
    return [_cast(said, column.kind, kind), compute.if_else(is_word, cells, nothing)]


def _cast(cells: Any, kind: Kind, to: Any) -> Any:
    if kind is Kind.INSTANT:
        cells = compute.cast(compute.utf8_rtrim(cells, "Z"), pa.timestamp("s"))
        return compute.assume_timezone(cells, "UTC")
    return compute.cast(cells, to)
