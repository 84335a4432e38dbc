"""Uploads: a client's file on its way to the disk, and until its import is over.

A file appears under its name only when it is whole and on the disk; what a crash leaves behind is swept.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterable, AsyncIterator, Collection
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from campaigns.lists.reading.faults import FileTooLarge
from campaigns.lists.reading.limits import USUAL_LIMITS, Limits, in_words
from dialer.errors import Invalid
from dialer.ids import new_id

_UNFINISHED = ".unfinished-"
_SUFFIX = ".upload"
_CHUNK_BYTES = 1024 * 1024
#: A file that no import names is left behind by a crash once it is this old, seconds.
STRAY_AFTER_S = 24 * 3600


class UploadGone(Invalid):
    """The stored file is not in the uploads directory any more."""

    code = "upload_gone"
    message = "The uploaded file is not there any more: upload it again."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is whole and on the disk."""

    stored_as: str  #: its name in the uploads directory
    sha256: str  #: hexadecimal
    size: int  #: bytes


class UploadFolder:
    """The uploads directory."""

    def __init__(self, directory: Path, limits: Limits = USUAL_LIMITS) -> None:
        """Keep files in ``directory``, made when the first one comes, no larger than ``limits`` say."""
        self.directory = directory
        self.limits = limits

    async def keep(
        self, chunks: AsyncIterable[bytes], *, file_name: str, declared_bytes: int | None = None
    ) -> Upload:
        """Store a file as it comes in; nothing is left of one that is refused or broken off.

        Raises:
            FileTooLarge: it says that it is too large, or turns out to be.
        """
        self.check_size(declared_bytes or 0, file_name)
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        writer = await asyncio.to_thread(_Writer, self.directory)
        try:
            async for chunk in chunks:
                self.check_size(writer.size + len(chunk), file_name)
                await asyncio.to_thread(writer.write, chunk)
            return await asyncio.to_thread(writer.finish)
        finally:
            writer.abandon()

    def check_size(self, size: int, file_name: str) -> None:
        """Refuse a file of more than the limit's bytes.

        Raises:
            FileTooLarge: the sentence names the limit.
        """
        limit = self.limits.file_bytes
        if size > limit:
            raise FileTooLarge(
                f"This file is too large: at most {in_words(limit)} are read. Split it.",
                file_name=file_name,
                size=size,
                limit=limit,
            )

    def path(self, stored_as: str | None) -> Path:
        """Return where a stored file is.

        Raises:
            UploadGone: it is not there.
        """
        path = self.directory / (stored_as or "")
        if stored_as is None or path.parent != self.directory or not path.is_file():
            raise UploadGone
        return path

    def remove(self, stored_as: str | None) -> None:
        """Delete a stored file, if it is there."""
        if stored_as is not None:
            (self.directory / stored_as).unlink(missing_ok=True)

    def sweep(self, named: Collection[str], *, now_s: float) -> int:
        """Delete old files that no import names; return how many. ``now_s``: seconds since 1970."""
        removed = 0
        for path in self.directory.glob("*") if self.directory.is_dir() else ():
            ours = path.name.endswith(_SUFFIX) or path.name.startswith(_UNFINISHED)
            if not ours or path.name in named:
                continue
            if now_s - path.stat().st_mtime > STRAY_AFTER_S:
                path.unlink(missing_ok=True)
                removed += 1
        return removed


async def chunks_of(path: Path) -> AsyncIterator[bytes]:
    """Yield a file piece by piece.

    Raises:
        Invalid: it cannot be read.
    """
    try:
        file = await asyncio.to_thread(path.open, "rb")
        with file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise Invalid(f"The file cannot be read: {error.strerror}.", file=path.name) from error


async def one_chunk(data: bytes) -> AsyncIterator[bytes]:
    """Yield what is in memory already."""
    yield data


class _Writer:
    """Writes under another name, counts and digests on the way."""

    def __init__(self, directory: Path) -> None:
        self._file = NamedTemporaryFile(  # noqa: SIM115 - closed by finish() or abandon()
            dir=directory, prefix=_UNFINISHED, delete=False
        )
        self._path = Path(self._file.name)
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)

    def finish(self) -> Upload:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        name = f"{new_id().hex}{_SUFFIX}"
        self._path.replace(self._path.with_name(name))
        handle = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        return Upload(name, self._digest.hexdigest(), self.size)

    def abandon(self) -> None:
        """Leave nothing of what was not finished."""
        self._file.close()
        self._path.unlink(missing_ok=True)
