import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap64

from compliance.dnc.bitmaps import LoadedList, read_version, write_version
from compliance.dnc.building import build
from compliance.dnc.errors import DncDamaged, DncMissing, DncUnreadable
from compliance.dnc.versions import LOCK_FILE, UNFINISHED, DncVersion, metadata_of, prune, versions

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
NUMBERS = [12125551234, 12125551235, 442073787244]

#: Writes a version and is killed in the middle of the bitmap.
KILLED_WRITE = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from pyroaring import BitMap64
from compliance.dnc import bitmaps

def frames(bitmap):
    yield b"half of a bitmap"
    os.kill(os.getpid(), signal.SIGKILL)

bitmaps._frames = frames
bitmaps.write_version(
    Path(sys.argv[1]), "US", BitMap64([1]), obtained_at=datetime.now(UTC),
    source_name="x", format="lines",
)
"""

#: Holds the lock of a writer until its input ends.
LOCKING = """
import fcntl, sys
lock = open(sys.argv[1], "a")
fcntl.flock(lock, fcntl.LOCK_SH)
print(flush=True)
sys.stdin.read()
"""


def store(folder: Path, numbers: list[int], *, code: str = "US", day: int = 0) -> DncVersion:
    return write_version(
        folder,
        code,
        BitMap64(numbers),
        obtained_at=AT + timedelta(days=day),
        source_name="list.txt",
        format="lines",
    )


@given(st.sets(st.integers(10_000_000, 10**15 - 1), max_size=50))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, numbers: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("lists")
    version = store(folder, sorted(numbers))
    held = read_version(folder / version.file, sha256=version.sha256)
    assert (set(held.bitmap), len(held), held.version) == (numbers, len(numbers), version)


@given(
    st.sets(st.integers(0, 12).map(lambda offset: 12_125_550_000 + offset * 40_000)),
    st.lists(st.integers(0, 12).map(lambda offset: 12_125_550_000 + offset * 40_000)),
)
def test_a_batch_says_what_single_look_ups_say(listed: set[int], asked: list[int]) -> None:
    version = DncVersion("US", len(listed), AT, "", "", "", "")
    held = LoadedList(version, BitMap64(listed))
    singles = [held.contains(f"+{number}") for number in asked]
    assert singles == [number in listed for number in asked]
    assert held.flags(asked).tolist() == singles
    assert held.flags(np.array(asked, dtype=np.uint64)).tolist() == singles
    assert set(held.listed(asked)) == listed & set(asked)


def test_the_metadata_lies_beside_the_bitmap(tmp_path: Path) -> None:
    source = tmp_path / "list.txt"
    source.write_text("212,5551234\n")
    version, _ = build(source, tmp_path / "to", list_code="US-X", region="US", obtained_at=AT)
    raw = json.loads((tmp_path / "to" / version.file).with_suffix(".json").read_text())
    assert version.file.startswith("US-X.20261101T120000")
    assert raw["list_code"] == "US-X"
    assert (raw["numbers"], raw["source_name"], raw["format"]) == (1, "list.txt", "ftc_flat")
    assert datetime.fromisoformat(raw["obtained_at"]) == AT


def test_a_refused_file_stores_nothing(tmp_path: Path) -> None:
    source = tmp_path / "list.txt"
    source.write_text("hello\n")
    with pytest.raises(DncUnreadable):
        build(source, tmp_path / "to", list_code="US", region="US", obtained_at=AT)
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize("code", ["", "../US", "US.x", "-US"])
def test_a_list_code_stays_inside_its_directory(tmp_path: Path, code: str) -> None:
    with pytest.raises(DncUnreadable):
        store(tmp_path, NUMBERS, code=code)


@pytest.mark.parametrize("at", [0, 7, 20, -1])
def test_one_changed_byte_is_damage(tmp_path: Path, at: int) -> None:
    path = tmp_path / store(tmp_path, NUMBERS).file
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)
    with pytest.raises(DncDamaged):
        read_version(path)


@pytest.mark.parametrize("size", [0, 5, 30])
def test_a_cut_off_file_is_damage(tmp_path: Path, size: int) -> None:
    path = tmp_path / store(tmp_path, NUMBERS).file
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(DncDamaged):
        read_version(path)


def test_another_version_than_the_expected_one_is_damage(tmp_path: Path) -> None:
    path = tmp_path / store(tmp_path, NUMBERS).file
    with pytest.raises(DncDamaged):
        read_version(path, sha256="0" * 64)


@pytest.mark.parametrize(
    "change", [{"numbers": 2}, {"file": "other.roar"}, {"obtained_at": "2026-11-01"}, {"more": 1}]
)
def test_metadata_that_does_not_fit_is_damage(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / store(tmp_path, NUMBERS).file
    raw = json.loads(metadata_of(path).read_text()) | change
    metadata_of(path).write_text(json.dumps(raw))
    with pytest.raises(DncDamaged):
        read_version(path)


def test_a_version_without_one_of_its_files_is_missing(tmp_path: Path) -> None:
    first, second = store(tmp_path, NUMBERS), store(tmp_path, NUMBERS, day=1)
    (tmp_path / first.file).unlink()
    metadata_of(tmp_path / second.file).unlink()
    for version in (first, second):
        with pytest.raises(DncMissing):
            read_version(tmp_path / version.file)


def test_a_killed_write_leaves_the_old_version(tmp_path: Path) -> None:
    version = store(tmp_path, NUMBERS)
    argv = [sys.executable, "-c", KILLED_WRITE, str(tmp_path)]
    ended = subprocess.run(argv, check=False)  # noqa: S603 - our own text
    assert ended.returncode == -signal.SIGKILL
    assert versions(tmp_path) == [version]
    assert list(read_version(tmp_path / version.file).bitmap) == NUMBERS
    assert any(path.name.startswith(UNFINISHED) for path in tmp_path.iterdir())
    prune(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {LOCK_FILE, version.file, metadata_of(Path(version.file)).name}


def test_a_bitmap_whose_metadata_was_never_written_is_swept(tmp_path: Path) -> None:
    lost, kept = store(tmp_path, NUMBERS), store(tmp_path, NUMBERS, day=1)
    metadata_of(tmp_path / lost.file).unlink()
    (tmp_path / "readme.roar").touch()
    prune(tmp_path)
    assert not (tmp_path / lost.file).exists()
    assert (tmp_path / "readme.roar").exists()
    assert versions(tmp_path) == [kept]


def test_nothing_is_swept_while_somebody_writes(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", LOCKING, str(tmp_path / LOCK_FILE)]
    held = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
    with held:
        assert held.stdout is not None
        held.stdout.readline()
        unfinished = tmp_path / f"{UNFINISHED}x"
        unfinished.touch()
        prune(tmp_path)
        assert unfinished.exists()
    prune(tmp_path)
    assert not unfinished.exists()


def test_old_versions_go_only_when_pruned(tmp_path: Path) -> None:
    stored = [store(tmp_path, NUMBERS, day=day) for day in range(4)]
    other = store(tmp_path, NUMBERS, code="GB-TPS")
    held = read_version(tmp_path / stored[0].file)
    assert versions(tmp_path, "US") == stored
    assert prune(tmp_path, keep=2, also=[stored[1].file]) == [stored[0].file]
    assert versions(tmp_path, "US") == stored[1:]
    assert prune(tmp_path, keep=2) == [stored[1].file]
    assert versions(tmp_path, "US") == stored[2:]
    assert versions(tmp_path, "GB-TPS") == [other]
    assert held.contains("+12125551234")
    with pytest.raises(ValueError, match="newest"):
        prune(tmp_path, keep=0)


def test_a_failed_write_leaves_no_unfinished_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="space"):
        store(tmp_path, NUMBERS)
    assert [path.name for path in tmp_path.iterdir()] == [LOCK_FILE]
