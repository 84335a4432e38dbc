"""Uploads: what is no table, or is too large, is refused early and not kept; odd tables go through."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from campaigns.lists.reading.faults import EmptyFile, FileTooLarge, UnreadableFile
from campaigns.lists.reading.limits import USUAL_LIMITS
from campaigns.lists.staged import staging
from campaigns.lists.staged.previewing import preview
from campaigns.lists.staged.uploads import (
    STRAY_AFTER_S,
    UploadFolder,
    UploadGone,
    chunks_of,
    one_chunk,
)
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from dialer.errors import Invalid
from tests.imports_world import Importing, many, people, stored
from tests.list_files import xlsx
from tests.raw_workbooks import raw_xlsx, sheet_xml

FIRST = people("Anna;8 495 123-45-67", "Boris;8 343 123-45-67", "Vera;nonsense")


@pytest.fixture
async def imports(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> Importing:
    return await Importing.begin(sessions, clock, tmp_path)


def bomb() -> bytes:
    """Return a workbook of 300 KB that unpacks to 300 MB."""
    out = io.BytesIO(xlsx([["phone"], ["+74951234567"]]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/image1.png", b"\0" * (300 * 1024 * 1024))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "file_name", "error"),
    [
        (b"", "empty.csv", EmptyFile),
        (b"name;phone\n", "headings.csv", EmptyFile),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 20, "photo.csv", UnreadableFile),
        (b"PK\x03\x04" + b"broken" * 50, "broken.xlsx", UnreadableFile),
    ],
)
async def test_what_is_no_table_is_refused_and_not_kept(
    imports: Importing, data: bytes, file_name: str, error: type[Invalid]
) -> None:
    with pytest.raises(error):
        await imports.stage(data, file_name)
    assert stored(imports) == []
    assert await imports.counts("list_import") == {"list_import": 0}


async def test_a_zip_bomb_is_refused_with_the_limit(imports: Importing) -> None:
    data = bomb()
    assert len(data) < 1024 * 1024
    with pytest.raises(FileTooLarge) as refused:
        await imports.stage(data, "bomb.xlsx")
    assert any(character.isdigit() for character in refused.value.detail)
    assert stored(imports) == []


async def test_odd_files_go_through_the_stages(imports: Importing) -> None:
    for data in (
        b"name;phone\nA\0nna;8 495\0 123-45-67\n" + many(40).split(b"\n", 1)[1],
        b'{"name": "A\\ud800nna", "phone": "84951234567"}\n{"name": "B", "phone": "84951234568"}\n',
        b"List of May\n\nfor the spring\n\nname;phone\nAnna;84951234567\nBoris;84951234568\n",
    ):
        row = await imports.stage(data)
        assert (await preview(imports.folder, row)).is_mapped
        done = await imports.commit(row)
        assert done.report.rows_refused == 0
        assert done.report.rows_in == done.report.rows_accepted > 0


async def test_a_file_of_two_gigabytes_is_refused_before_it_is_read(
    imports: Importing, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(2 * 1024**3)
    with pytest.raises(FileTooLarge, match="at most 1 GB"):
        await imports.folder.keep(
            chunks_of(huge), file_name="huge.csv", declared_bytes=huge.stat().st_size
        )
    assert stored(imports) == []


async def test_a_file_that_turns_out_too_large_is_broken_off(imports: Importing) -> None:
    imports.folder.limits = replace(USUAL_LIMITS, file_bytes=3_000)
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b"x" * 1_000

    with pytest.raises(FileTooLarge, match="3,000 bytes"):
        await imports.folder.keep(endless(), file_name="endless.csv")
    assert (given, stored(imports)) == (4, [])


async def test_a_broken_upload_leaves_no_file(imports: Importing) -> None:
    async def torn() -> AsyncIterator[bytes]:
        yield b"name;pho"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await imports.folder.keep(torn(), file_name="torn.csv")
    assert stored(imports) == []


async def test_a_file_that_is_gone_is_told(imports: Importing) -> None:
    row = await imports.stage(FIRST)
    imports.folder.remove(row.stored_as)
    with pytest.raises(UploadGone):
        await imports.begin_commit(row)
    for elsewhere in (None, "../people.csv", "nothing.upload"):
        with pytest.raises(UploadGone):
            imports.folder.path(elsewhere)


async def test_strays_are_swept_and_what_is_named_stays(imports: Importing) -> None:
    named = await imports.keep(FIRST)
    stray = await imports.keep(FIRST)
    (imports.folder.directory / "readme.txt").write_text("not ours")
    written_s = imports.folder.path(stray.stored_as).stat().st_mtime
    sweep = UploadFolder(imports.folder.directory).sweep
    assert sweep({named.stored_as}, now_s=written_s + STRAY_AFTER_S - 60) == 0
    assert sweep({named.stored_as}, now_s=written_s + STRAY_AFTER_S + 60) == 1
    assert sorted(stored(imports)) == sorted([named.stored_as, "readme.txt"])


async def test_one_chunk_is_one_file(imports: Importing) -> None:
    kept = await imports.folder.keep(one_chunk(b""), file_name="empty")
    assert (kept.size, imports.folder.path(kept.stored_as).read_bytes()) == (0, b"")


async def test_a_million_empty_rows_are_no_contacts(imports: Importing) -> None:
    filled = '<row r="1"><c t="inlineStr"><is><t>phone</t></is></c></row>'
    filled += '<row r="2"><c t="inlineStr"><is><t>+74951234567</t></is></c></row>'
    empty = "".join(f'<row r="{at}"/>' for at in range(3, 1_000_003))
    row = await imports.stage(raw_xlsx(sheet_xml(filled + empty)), "empty.xlsx")
    done = await imports.commit(row)
    assert (done.report.rows_in, done.report.rows_accepted) == (1, 1)


async def test_a_stage_that_is_broken_off_leaves_no_file(
    imports: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken_off(*_: object, **__: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(staging, "note", broken_off)
    with pytest.raises(asyncio.CancelledError):
        await imports.stage(FIRST)
    assert stored(imports) == []
