"""The ZIP package around an XLSX or ODS: told apart, and a bomb refused before it is opened."""

import struct
import sys
import zipfile
import zlib

from campaigns.lists.reading.faults import FileTooLarge, UnreadableFile
from campaigns.lists.reading.limits import Limits, Source, in_words, opened

_READ_BYTES = 1024 * 1024
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: What the standard library raises for packages that are broken or made to break it.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def check_package(source: Source, limits: Limits, file_name: str) -> str:
    """Return whether the package is an "xlsx" or an "ods", and unpack it once to count its bytes.

    The sizes it declares are looked at first, and never trusted: unpacking stops at the limit.

    Raises:
        UnreadableFile: broken, encrypted, or an archive of something else.
        FileTooLarge: it would unpack to more than is allowed.
    """
    try:
        with opened(source) as file, zipfile.ZipFile(file) as package:
            packed = file.seek(0, 2)
            return _checked(package, _Allowance(packed, limits, file_name))
    except _BROKEN as error:
        raise UnreadableFile(file_name=file_name) from error


class _Allowance:
    """How many bytes a package may unpack to."""

    def __init__(self, packed: int, limits: Limits, file_name: str) -> None:
        self._ratio_bytes = max(limits.free_unpacked_bytes, packed * limits.unpacked_ratio)
        self.limits = limits
        self.file_name = file_name
        self.bytes = min(limits.unpacked_bytes, self._ratio_bytes)

    def check(self, unpacked: int) -> None:
        if unpacked <= self.bytes:
            return
        if self.bytes == self._ratio_bytes:
            why = f"more than {self.limits.unpacked_ratio} times its size"
        else:
            why = f"more than {in_words(self.bytes)}"
        raise FileTooLarge(
            f"This workbook would unpack to {why}. Save it again, or as CSV.",
            file_name=self.file_name,
            limit=self.bytes,
        )


def _checked(package: zipfile.ZipFile, allowance: _Allowance) -> str:
    parts = package.infolist()
    if len(parts) > allowance.limits.package_parts:
        raise FileTooLarge(
            f"This workbook has more than {allowance.limits.package_parts:,} parts.",
            file_name=allowance.file_name,
            limit=allowance.limits.package_parts,
        )
    kind = _kind({part.filename for part in parts}, allowance.file_name)
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise UnreadableFile(
            "This workbook is protected by a password. Save it without one.",
            file_name=allowance.file_name,
        )
    if any(part.compress_type not in _METHODS for part in parts):
        raise UnreadableFile(file_name=allowance.file_name)
    allowance.check(sum(part.file_size for part in parts))
    unpacked = 0
    for part in parts:
        part.file_size = sys.maxsize  # else the reader would stop at the declared size
        with package.open(part) as content:
            while chunk := content.read(_READ_BYTES):
                unpacked += len(chunk)
                allowance.check(unpacked)
    return kind


def _kind(names: set[str], file_name: str) -> str:
    if "content.xml" in names:
        return "ods"
    if any(name.lower().lstrip("/").startswith("xl/") for name in names):
        return "xlsx"
    raise UnreadableFile(
        "This is an archive, not a table. Unpack it and send the tables in it.",
        file_name=file_name,
    )
