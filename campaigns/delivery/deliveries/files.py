"""The files of a delivery: kept in one folder for each delivery. What writes them is ``writing``."""

import asyncio
import csv
import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from campaigns.lists.columns.cells import guarded


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that is whole and on the disk."""

    path: Path
    format: str
    rows: int  #: without the headings
    size: int  #: bytes
    sha256: str  #: hexadecimal
    #: what the writer says of it, such as how many texts were cut
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name it has everywhere."""
        return self.path.name


def write_table(path: Path, format_name: str, rows: list[tuple[object, ...]]) -> MadeFile:
    """Write a small table as CSV, its first row the headings, guarded against formulas."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for row in rows:
            writer.writerow([guarded("" if cell is None else str(cell)) for cell in row])
    return measured(path, format_name, len(rows) - 1)


def write_bytes(path: Path, format_name: str, data: bytes) -> MadeFile:
    """Write a file."""
    path.write_bytes(data)
    return measured(path, format_name, 0)


def measured(
    path: Path, format_name: str, rows: int, facts: Mapping[str, Any] | None = None
) -> MadeFile:
    """Return what is told of a file that is written."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return MadeFile(path, format_name, rows, file.tell(), digest, facts or {})


@dataclass(frozen=True, slots=True)
class DeliveryFolder:
    """Where deliveries' files are, each in a folder of its own."""

    directory: Path

    def of(self, delivery_id: UUID) -> Path:
        """Return the folder of a delivery, there or not."""
        return self.directory / delivery_id.hex

    def begin(self, delivery_id: UUID) -> Path:
        """Return the empty folder of a delivery: what a killed worker left is thrown away."""
        folder = self.of(delivery_id)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def keep(self, delivery_id: UUID) -> None:
        """Return once a delivery's files are on the disk and not only on their way there."""
        folder = self.of(delivery_id)
        for path in (*folder.iterdir(), folder, self.directory):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def remove(self, delivery_id: UUID) -> None:
        """Delete a delivery's files, if they are there."""
        shutil.rmtree(self.of(delivery_id), ignore_errors=True)

    def sweep(self, named: set[str], before_s: float) -> None:
        """Delete folders that are not named and older than an instant, in seconds since 1970."""
        for path in self.directory.iterdir() if self.directory.is_dir() else ():
            if path.name not in named and path.stat().st_mtime < before_s:
                shutil.rmtree(path, ignore_errors=True)


async def sha256_of(path: Path) -> str:
    """Return the digest of a file, in hexadecimal; raises ``OSError``."""

    def read() -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    return await asyncio.to_thread(read)
