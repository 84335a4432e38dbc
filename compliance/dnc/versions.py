"""Versions of lists on disk: what is known of each, which are stored, and which may go."""

import fcntl
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from compliance.dnc.errors import DncDamaged, DncMissing

#: Held shared by whoever writes a version, so that nobody sweeps what is not finished yet.
LOCK_FILE = ".lock"
UNFINISHED = ".unfinished-"
_BITMAP_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.[0-9TZ]+-[0-9a-f]{12}\.roar")


@dataclass(frozen=True, slots=True)
class DncVersionRef:
    """Which version of a list is wanted: what a database row keeps."""

    file: str  #: name of the ``.roar`` file in its directory
    sha256: str  #: of that file, hexadecimal


@dataclass(frozen=True, slots=True)
class DncVersion:
    """One stored version of a list."""

    list_code: str
    numbers: int
    obtained_at: datetime  #: when the list was fetched from its register, UTC
    sha256: str
    file: str
    source_name: str  #: the name of the file it was built from
    format: str

    @property
    def ref(self) -> DncVersionRef:
        """Return what to keep to find this version again."""
        return DncVersionRef(self.file, self.sha256)


def metadata_of(path: Path) -> Path:
    """Return where the metadata of a ``.roar`` file is."""
    return path.with_suffix(".json")


def read_metadata(path: Path) -> DncVersion:
    """Read the ``.json`` of a version.

    Raises:
        DncMissing: there is none.
        DncDamaged: it does not say what it should.
    """
    try:
        raw = json.loads(path.read_bytes())
        obtained_at = datetime.fromisoformat(raw["obtained_at"])
        version = DncVersion(**{**raw, "obtained_at": obtained_at})
    except FileNotFoundError as error:
        raise DncMissing(file=path.name) from error
    except (ValueError, TypeError, KeyError) as error:
        raise DncDamaged(file=path.name) from error
    if version.file != path.with_suffix(".roar").name or obtained_at.tzinfo is None:
        raise DncDamaged(file=path.name)
    return version


def versions(directory: Path, list_code: str | None = None) -> list[DncVersion]:
    """Return the stored versions, oldest first; those whose metadata is damaged are left out."""
    found = []
    for path in directory.glob("*.json"):
        try:
            version = read_metadata(path)
        except (DncDamaged, DncMissing):
            continue
        if list_code in (None, version.list_code):
            found.append(version)
    return sorted(found, key=lambda version: (version.obtained_at, version.file))


def prune(directory: Path, keep: int = 2, *, also: Iterable[str] = ()) -> list[str]:
    """Remove all but the newest ``keep`` versions of each list, and what crashed writers left.

    A process that has a removed version in memory keeps it.

    Args:
        directory: holds the lists of one owner.
        keep: at least 1.
        also: files that stay in any case, such as those a database still names.

    Returns:
        The names of the removed ``.roar`` files.

    Raises:
        ValueError: ``keep`` is below 1.
    """
    if keep < 1:
        raise ValueError("the newest version always stays")
    kept = set(also)
    removed = []
    stored = versions(directory)
    for code in {version.list_code for version in stored}:
        of_list = [version.file for version in stored if version.list_code == code]
        for name in [name for name in of_list[:-keep] if name not in kept]:
            metadata_of(directory / name).unlink(missing_ok=True)
            (directory / name).unlink(missing_ok=True)
            removed.append(name)
    _sweep(directory, kept)
    return sorted(removed)


def _sweep(directory: Path, kept: set[str]) -> None:
    with (directory / LOCK_FILE).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody writes: what looks unfinished may be theirs
        for path in directory.iterdir():
            ours = _BITMAP_FILE.fullmatch(path.name) and path.name not in kept
            orphan = ours and not metadata_of(path).exists()
            if orphan or path.name.startswith(UNFINISHED):
                path.unlink(missing_ok=True)
