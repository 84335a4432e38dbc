import asyncio
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyroaring import BitMap64

from compliance.dnc import shelf as shelf_module
from compliance.dnc.bitmaps import LoadedList, read_version, write_version
from compliance.dnc.errors import DncDamaged, DncMissing
from compliance.dnc.shelf import DncShelf
from compliance.dnc.versions import DncVersion, DncVersionRef, prune

AT = datetime(2026, 11, 1, tzinfo=UTC)
FIRST, SECOND = 12125551234, 12125551235


def store(folder: Path, number: int, *, day: int = 0) -> DncVersion:
    return write_version(
        folder,
        "US",
        BitMap64([number]),
        obtained_at=AT + timedelta(days=day),
        source_name="x",
        format="lines",
    )


async def test_a_reader_keeps_its_version_when_a_new_one_comes(tmp_path: Path) -> None:
    shelf = DncShelf(tmp_path)
    assert shelf.get("a") is None
    change = await shelf.sync({"a": store(tmp_path, FIRST).ref})
    held = shelf.get("a")
    assert change.loaded == {"a"}
    new = store(tmp_path, SECOND, day=1)
    await shelf.sync({"a": new.ref})
    prune(tmp_path, keep=1)
    swapped = shelf.get("a")
    assert held is not None
    assert swapped is not None
    assert (held.contains(FIRST), held.contains(SECOND)) == (True, False)
    assert (swapped.contains(FIRST), swapped.contains(SECOND)) == (False, True)
    assert swapped.version == new


async def test_what_is_loaded_is_not_loaded_again_and_content_is_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Path] = []

    def counted(path: Path, *, sha256: str) -> LoadedList:
        reads.append(path)
        return read_version(path, sha256=sha256)

    monkeypatch.setattr(shelf_module, "read_version", counted)
    version = store(tmp_path / "client", FIRST)
    ref = DncVersionRef(f"client/{version.file}", version.sha256)
    shelf = DncShelf(tmp_path)
    await shelf.sync({"a": ref, "b": ref})
    change = await shelf.sync({"a": ref, "b": ref, "c": ref})
    assert len(reads) == 1
    assert change.loaded == {"c"}
    assert shelf.get("a") is shelf.get("b") is shelf.get("c")


async def test_a_list_nobody_wants_is_dropped(tmp_path: Path) -> None:
    shelf, ref = DncShelf(tmp_path), store(tmp_path, FIRST).ref
    await shelf.sync({"a": ref, "b": ref})
    change = await shelf.sync({"b": ref})
    assert change.dropped == {"a"}
    assert shelf.get("a") is None
    assert shelf.get("b") is not None


async def test_a_version_that_cannot_be_read_leaves_the_old_one(tmp_path: Path) -> None:
    shelf, old = DncShelf(tmp_path), store(tmp_path, FIRST)
    await shelf.sync({"a": old.ref})
    new = store(tmp_path, SECOND, day=1)
    path = tmp_path / new.file
    path.write_bytes(path.read_bytes()[:-1])
    change = await shelf.sync({"a": new.ref, "b": new.ref, "c": DncVersionRef("no.roar", "0")})
    held = shelf.get("a")
    assert held is not None
    assert held.version == old
    assert shelf.get("b") is None
    assert {name: type(error) for name, error in change.failed.items()} == {
        "a": DncDamaged,
        "b": DncDamaged,
        "c": DncMissing,
    }


async def test_a_reference_cannot_leave_the_directory(tmp_path: Path) -> None:
    outside = store(tmp_path, FIRST)
    shelf = DncShelf(tmp_path / "lists")
    change = await shelf.sync({"a": DncVersionRef(f"../{outside.file}", outside.sha256)})
    assert isinstance(change.failed["a"], DncMissing)
    assert shelf.get("a") is None


async def test_the_loop_goes_on_while_a_list_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()

    def slow(path: Path, *, sha256: str) -> LoadedList:
        assert may_go_on.wait(10)
        return read_version(path, sha256=sha256)

    monkeypatch.setattr(shelf_module, "read_version", slow)
    shelf = DncShelf(tmp_path)
    loading = asyncio.create_task(shelf.sync({"a": store(tmp_path, FIRST).ref}))
    await asyncio.sleep(0)
    assert shelf.get("a") is None
    may_go_on.set()
    await loading
    assert shelf.get("a") is not None
