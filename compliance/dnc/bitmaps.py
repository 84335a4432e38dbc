"""A do-not-call list as one exact bitmap of E.164 integers; on disk a file per version.

``<list code>.<version>.roar`` is a row of frames: eight bytes of length (little endian), then a
portable 64-bit Roaring bitmap of one slice of the numbers. Slices, because reading one bitmap of
325 MB would hold the interpreter, and with it every live call, for half a second. The ``.json`` beside
it is written last: without it there is no version.
"""

import fcntl
import hashlib
import json
import os
import re
import struct
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap64

from compliance.dnc.errors import DncDamaged, DncMissing, DncUnreadable
from compliance.dnc.versions import (
    LOCK_FILE,
    UNFINISHED,
    DncVersion,
    metadata_of,
    read_metadata,
)

#: Numbers in a slice: at most 2 MB of bitmap, a millisecond or two to read.
_SLICE = 1 << 24
_LENGTH = struct.Struct("<Q")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


class LoadedList:
    """A version in memory. It never changes: readers keep it as long as they need it."""

    def __init__(self, version: DncVersion, bitmap: BitMap64) -> None:
        """Keep a bitmap that nobody changes any more."""
        self.version = version
        self.bitmap = bitmap  #: to be read only

    def __len__(self) -> int:
        return self.version.numbers

    def contains(self, e164: str | int) -> bool:
        """Tell whether a number is listed; ``e164`` with its ``+``, without it, or an integer."""
        return int(e164) in self.bitmap

    def listed(self, numbers: Iterable[int] | NDArray[np.uint64]) -> BitMap64:
        """Return those of ``numbers`` (E.164 integers) that are listed."""
        return self.bitmap & bitmap_of(np.sort(_as_array(numbers)))

    def flags(self, numbers: Iterable[int] | NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Tell of each number, in the order given, whether it is listed; sorted ones are faster."""
        asked = _as_array(numbers)
        if (asked[:-1] <= asked[1:]).all():
            return self._flags_of_sorted(asked)
        order = np.argsort(asked)
        flags = np.empty(len(asked), dtype=np.bool_)
        flags[order] = self._flags_of_sorted(asked[order])
        return flags

    def _flags_of_sorted(self, asked: NDArray[np.uint64]) -> NDArray[np.bool_]:
        hits = np.frombuffer((self.bitmap & bitmap_of(asked)).to_array(), dtype=np.uint64)
        if not len(hits):
            return np.zeros(len(asked), dtype=np.bool_)
        at = np.minimum(np.searchsorted(hits, asked), len(hits) - 1)
        found: NDArray[np.bool_] = hits[at] == asked
        return found


def bitmap_of(numbers: NDArray[np.uint64]) -> BitMap64:
    """Return a bitmap of sorted numbers; unsorted ones are right too, ten times slower."""
    return BitMap64(packed(numbers))


def packed(numbers: NDArray[np.uint64]) -> "array[int]":
    """Return the numbers as pyroaring reads them fast: it walks a numpy array item by item."""
    items = array("Q")
    items.frombytes(numbers.tobytes())
    return items


def _as_array(numbers: Iterable[int] | NDArray[np.uint64]) -> NDArray[np.uint64]:
    if isinstance(numbers, np.ndarray):
        return numbers.astype(np.uint64, copy=False)
    return np.fromiter(numbers, dtype=np.uint64)


def write_version(
    directory: Path,
    list_code: str,
    bitmap: BitMap64,
    *,
    obtained_at: datetime,
    source_name: str,
    format: str,
) -> DncVersion:
    """Store a version; another one of the same instant and content is the same version.

    A crash at any moment leaves the versions that were there and at most unfinished files, which
    ``prune`` sweeps.

    Raises:
        DncUnreadable: the list code cannot be part of a file name.
        ValueError: ``obtained_at`` has no time zone.
    """
    if not _CODE.fullmatch(list_code):
        raise DncUnreadable("A list code has letters, digits, - and _ only.", list_code=list_code)
    if obtained_at.tzinfo is None:
        raise ValueError("obtained_at needs a time zone")
    directory.mkdir(parents=True, exist_ok=True)
    obtained_at = obtained_at.astimezone(UTC)
    with _writing(directory):
        digest = hashlib.sha256()
        with _unfinished(directory) as (file, bitmap_path):
            for frame in _frames(bitmap):
                digest.update(frame)
                file.write(frame)
        sha256 = digest.hexdigest()
        file_name = f"{list_code}.{obtained_at:%Y%m%dT%H%M%S%fZ}-{sha256[:12]}.roar"
        version = DncVersion(
            list_code, len(bitmap), obtained_at, sha256, file_name, source_name, format
        )
        text = json.dumps(asdict(version), default=datetime.isoformat, indent=1)
        with _unfinished(directory) as (file, metadata_path):
            file.write(text.encode())
        bitmap_path.replace(directory / file_name)
        metadata_path.replace(metadata_of(directory / file_name))
        _sync_directory(directory)
    return version


def _frames(bitmap: BitMap64) -> Iterator[bytes]:
    start = bitmap.min() // _SLICE * _SLICE if bitmap else 0
    end = bitmap.max() if bitmap else -1
    while start <= end:
        window = BitMap64()
        window.add_range(start, start + _SLICE)
        data = (bitmap & window).serialize()
        yield _LENGTH.pack(len(data))
        yield data
        start += _SLICE
        if start <= end:
            start = bitmap.next_set_bit(start) // _SLICE * _SLICE


@contextmanager
def _unfinished(directory: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """Write a file that is on the disk when the block ends, or gone when the block fails."""
    with NamedTemporaryFile(dir=directory, prefix=UNFINISHED, delete=False) as file:
        path, is_whole = Path(file.name), False
        try:
            yield file, path
            file.flush()
            os.fsync(file.fileno())
            is_whole = True
        finally:
            if not is_whole:
                path.unlink(missing_ok=True)


@contextmanager
def _writing(directory: Path) -> Iterator[None]:
    """Keep ``prune`` from sweeping the unfinished files of a living writer."""
    with (directory / LOCK_FILE).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_version(path: Path, *, sha256: str | None = None) -> LoadedList:
    """Read a stored version; takes seconds for a national list, and never long without a pause.

    Args:
        path: the ``.roar`` file.
        sha256: the digest the caller expects; that of the metadata must match in any case.

    Raises:
        DncMissing: there is no such version.
        DncDamaged: the file is not what was written.
    """
    version = read_metadata(metadata_of(path))
    try:
        with path.open("rb") as file:
            # The digest first: a broken bitmap must not even be parsed.
            digest = hashlib.file_digest(cast("hashlib._BytesIOLike", file), "sha256").hexdigest()
            if digest != version.sha256 or sha256 not in (None, digest):
                raise DncDamaged(list_code=version.list_code, file=path.name)
            file.seek(0)
            bitmap = _read_frames(file)
    except FileNotFoundError as error:
        raise DncMissing(file=path.name) from error
    if len(bitmap) != version.numbers:
        raise DncDamaged(list_code=version.list_code, file=path.name)
    return LoadedList(version, bitmap)


def _read_frames(file: IO[bytes]) -> BitMap64:
    bitmap = BitMap64()
    while header := file.read(_LENGTH.size):
        (length,) = _LENGTH.unpack(header)
        bitmap |= BitMap64.deserialize(file.read(length))
    return bitmap
