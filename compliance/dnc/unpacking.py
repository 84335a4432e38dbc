"""Files, zip files and gzip files as blocks of text, in bounded memory and bounded size."""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from gzip import GzipFile
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from compliance.dnc.errors import DncUnreadable

BLOCK_BYTES = 2 << 20
HEAD_BYTES = 64 << 10
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"

Cut = Callable[[bytes], int]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may grow. The whole US list is 3.1 GB as text and packs about 5:1."""

    unpacked_bytes: int = 32 << 30
    ratio: int = 200  #: unpacked to packed; text of digits stays far below, a bomb is near 1000
    slack_bytes: int = 1 << 20  #: small files may pack better than that
    members: int = 10_000

    def allowed(self, packed_bytes: int) -> int:
        """Return how many bytes may come out of ``packed_bytes``."""
        return min(self.unpacked_bytes, packed_bytes * self.ratio + self.slack_bytes)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Part:
    """One text of a file: the file itself or a member of an archive."""

    def __init__(self, stream: _Readable, allowed_bytes: int | None) -> None:
        """Read the first bytes; ``allowed_bytes`` None is a file that is not packed."""
        self._stream = stream
        self._left_bytes = allowed_bytes
        self.head = self._read(HEAD_BYTES).removeprefix(_BOM)  #: the beginning, not consumed

    def blocks(self, cut: Cut) -> Iterator[bytes]:
        """Yield blocks that end where ``cut`` says; the last one is what is left.

        Raises:
            DncUnreadable: a bomb, a broken archive, or a text without a place to cut.
        """
        carry = self.head
        while more := self._read(BLOCK_BYTES):
            carry += more
            at = cut(carry)
            if at > 0:
                yield carry[:at]
                carry = carry[at:]
            elif len(carry) > 2 * BLOCK_BYTES:
                raise DncUnreadable("This file has no lines.")
        if carry:
            yield carry

    def _read(self, size_bytes: int) -> bytes:
        try:
            data = self._stream.read(size_bytes)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise DncUnreadable("This archive is cut off or broken.") from error
        if self._left_bytes is not None:
            self._left_bytes -= len(data)
            if self._left_bytes < 0:
                raise DncUnreadable("This archive unpacks to too much: it is refused as a bomb.")
        return data


def after_line(text: bytes) -> int:
    """Cut after the last whole line."""
    return text.rfind(b"\n") + 1


def before_tag(text: bytes) -> int:
    """Cut before the last tag, so that the text of an element stays with it."""
    return text.rfind(b"<")


def parts(path: Path, limits: Limits | None = None) -> Iterator[Part]:
    """Yield every text of a file; a part must be read before the next one is asked for.

    Raises:
        DncUnreadable: a bomb, an encrypted or broken archive, or an archive within an archive.
    """
    limits = limits or Limits()
    with path.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        if magic == _ZIP:
            yield from _members(file, limits)
        elif magic.startswith(_GZIP):
            with GzipFile(fileobj=file) as unpacked:
                yield _part(unpacked, limits.allowed(path.stat().st_size))
        else:
            yield _part(file, None)


def _members(file: IO[bytes], limits: Limits) -> Iterator[Part]:
    with _opened(file) as archive:
        members = [member for member in archive.infolist() if _is_text(member)]
        total = sum(member.file_size for member in members)
        if total > limits.unpacked_bytes or len(members) > limits.members:
            raise DncUnreadable("This archive unpacks to too much: it is refused as a bomb.")
        for member in members:
            allowed = limits.allowed(member.compress_size)
            if member.file_size > allowed:
                raise DncUnreadable("This archive unpacks to too much: it is refused as a bomb.")
            try:
                stream = archive.open(member)
            except (RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
                reason = "This archive is encrypted, broken or packed in an unknown way."
                raise DncUnreadable(reason) from error
            with stream:
                yield _part(stream, allowed)


@contextmanager
def _opened(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise DncUnreadable("This archive is cut off or broken.") from error
    with archive:
        yield archive


def _is_text(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts
    return not member.is_dir() and not hidden and member.file_size > 0


def _part(stream: _Readable, allowed_bytes: int | None) -> Part:
    part = Part(stream, allowed_bytes)
    if part.head.startswith((_ZIP, _GZIP)):
        raise DncUnreadable("An archive within an archive is not read: unpack it first.")
    if b"\0" in part.head:
        raise DncUnreadable("This file is not UTF-8 text.")
    return part
