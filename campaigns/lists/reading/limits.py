"""How large a client's file may be, and the first look at its size."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from campaigns.lists.reading.faults import FileTooLarge

#: Where a file is: on the disk, or already in memory.
Source = Path | bytes

_MIB = 1024 * 1024
_GIB = 1024 * _MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read at most; a list beyond any of these is a mistake or an attack.

    A workbook is taken apart in a process of its own, which ends when it needs more memory or time
    than it may: a file of a few hundred bytes can ask for hundreds of gigabytes.
    """

    file_bytes: int = _GIB
    unpacked_bytes: int = 2 * _GIB  #: all parts of a workbook together
    #: Times its size that a workbook may unpack to, once that is more than ``free_unpacked_bytes``.
    #: Real ones stay below 100; a bomb is near DEFLATE's 1,032.
    unpacked_ratio: int = 200
    free_unpacked_bytes: int = 50 * _MIB
    package_parts: int = 10_000  #: files inside a workbook
    workbook_memory_bytes: int = 2 * _GIB  #: about 25 million cells
    workbook_cpu_s: int = 600
    columns: int = 1_000
    cell_characters: int = 1_000_000
    rows: int = 10_000_000

    @property
    def record_characters(self) -> int:
        """Return how long one line, or one JSON object, may be."""
        return 4 * self.cell_characters


#: The limits of an installation that sets none.
USUAL_LIMITS = Limits()


def opened(source: Source) -> BinaryIO:
    """Open ``source`` for reading from its start; the caller closes it."""
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def check_size(source: Source, limits: Limits, file_name: str) -> None:
    """Refuse a file that is too large before anything of it is read.

    Raises:
        FileTooLarge: more than ``limits.file_bytes``.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > limits.file_bytes:
        raise FileTooLarge(
            f"This file is too large: at most {in_words(limits.file_bytes)} are read. Split it.",
            file_name=file_name,
            size=size,
            limit=limits.file_bytes,
        )


def check_columns(width: int, limits: Limits, file_name: str) -> None:
    """Refuse a table that is too wide.

    Raises:
        FileTooLarge: more than ``limits.columns``.
    """
    if width > limits.columns:
        raise FileTooLarge(
            f"This table is too wide: at most {limits.columns:,} columns are read.",
            file_name=file_name,
            limit=limits.columns,
        )


def in_words(size: int) -> str:
    """Return a number of bytes as a person would say it."""
    for unit, name in ((_GIB, "GB"), (_MIB, "MB")):
        if size >= unit:
            return f"{size / unit:g} {name}" if size % unit == 0 else f"{size / unit:.1f} {name}"
    return f"{size:,} bytes"
