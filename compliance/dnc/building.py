"""A list file becomes a stored version; a change list becomes the next one."""

from datetime import datetime
from pathlib import Path

from pyroaring import BitMap64

from compliance.dnc.bitmaps import LoadedList, bitmap_of, packed, write_version
from compliance.dnc.formats import DncFormat
from compliance.dnc.reading import format_of, read_changes, read_numbers
from compliance.dnc.tally import DncReport, Tally
from compliance.dnc.unpacking import Limits
from compliance.dnc.versions import DncVersion


def build(
    source: Path,
    directory: Path,
    *,
    list_code: str,
    region: str,
    obtained_at: datetime,
    format: DncFormat | None = None,
    source_name: str | None = None,
    limits: Limits | None = None,
) -> tuple[DncVersion, DncReport]:
    """Read a full list and store it; blocks for a minute when the list is national.

    Args:
        source: the file as the register gave it, packed or not.
        directory: where the versions of the owner are.
        list_code: which list it is, as in the rule packs.
        region: alpha-2, for numbers without a country code.
        obtained_at: when the register gave the file: its age is counted from here.
        format: None tells it from the text.
        source_name: None takes the name of ``source``.
        limits: how much an archive may grow.

    Raises:
        DncUnreadable: the file is no list that can be used; nothing is stored.
    """
    kind = format or format_of(source, limits)
    tally, bitmap = Tally(), BitMap64()
    for numbers in read_numbers(source, region=region, tally=tally, format=format, limits=limits):
        bitmap.update(packed(numbers))
    report = tally.report()
    version = write_version(
        directory,
        list_code,
        bitmap,
        obtained_at=obtained_at,
        source_name=source_name or source.name,
        format=kind,
    )
    return version, report


def apply_changes(
    current: LoadedList,
    source: Path,
    directory: Path,
    *,
    obtained_at: datetime,
    region: str = "US",
    format: DncFormat | None = None,
    source_name: str | None = None,
    limits: Limits | None = None,
) -> tuple[DncVersion, DncReport]:
    """Store the next version of ``current``, which itself stays as it is.

    Args are those of ``build``; ``obtained_at`` is when the register gave the change list, which must
    hold every change since ``current`` was obtained: a list left out in between cannot be seen here.

    Raises:
        DncUnreadable: no change list that can be used; nothing is stored.
        ValueError: the change list is older than the current version.
    """
    if obtained_at < current.version.obtained_at:
        raise ValueError("a change list older than the list would make a stale list look fresh")
    changes = read_changes(source, region=region, format=format, limits=limits)
    bitmap = current.bitmap | bitmap_of(changes.added)
    bitmap -= bitmap_of(changes.removed)
    version = write_version(
        directory,
        current.version.list_code,
        bitmap,
        obtained_at=obtained_at,
        source_name=source_name or source.name,
        format=current.version.format,
    )
    return version, changes.report
