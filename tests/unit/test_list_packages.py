import io
import struct
import zipfile

import pytest

from campaigns.lists.reading.tables import FileTooLarge, Limits, UnreadableFile, open_table
from tests.list_files import xlsx
from tests.raw_workbooks import raw_xlsx, repacked, sheet_xml

BOOK = xlsx([["name", "phone"], ["Ann", "1"]])
SMALL = Limits(free_unpacked_bytes=100_000, unpacked_ratio=20)


def with_declared_size(package: bytes, name: bytes, size: int) -> bytes:
    """Return ``package`` whose directory says that ``name`` unpacks to ``size`` bytes."""
    made = bytearray(package)
    entry = made.rindex(name) - 46
    assert made[entry : entry + 4] == b"PK\x01\x02"
    made[entry + 24 : entry + 28] = struct.pack("<I", size)
    return bytes(made)


def test_a_bomb_is_refused_by_what_it_declares() -> None:
    bomb = repacked(BOOK, {"xl/media/bomb.xml": b"0" * 2_000_000})
    with pytest.raises(FileTooLarge, match="20 times its size"):
        open_table(bomb, "x.xlsx", limits=SMALL)
    assert open_table(bomb, "x.xlsx").columns == ("name", "phone")


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    bomb = repacked(BOOK, {"xl/media/bomb.xml": b"0" * 2_000_000})
    liar = with_declared_size(bomb, b"xl/media/bomb.xml", 10)
    with pytest.raises(FileTooLarge):
        open_table(liar, "x.xlsx", limits=SMALL)


def test_the_limit_of_unpacked_bytes_is_named() -> None:
    with pytest.raises(FileTooLarge, match="1 MB"):
        open_table(
            repacked(BOOK, {"x": bytes(1024**2 + 1)}), "x", limits=Limits(unpacked_bytes=1024**2)
        )


def test_a_package_of_too_many_parts_is_refused() -> None:
    many = repacked(BOOK, {f"part{at}": b"" for at in range(50)})
    with pytest.raises(FileTooLarge, match="40 parts"):
        open_table(many, "x.xlsx", limits=Limits(package_parts=40))


def test_an_archive_of_tables_is_told_from_a_table() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("list.xlsx", BOOK)
    with pytest.raises(UnreadableFile, match="archive"):
        open_table(out.getvalue(), "lists.zip")


def test_an_encrypted_package_asks_for_one_without_a_password() -> None:
    made = bytearray(BOOK)
    entry = made.rindex(b"xl/workbook.xml") - 46
    made[entry + 8] |= 1
    with pytest.raises(UnreadableFile, match="password"):
        open_table(bytes(made), "x.xlsx")


def test_a_package_cut_short_is_unreadable() -> None:
    for end in range(4, len(BOOK), 97):
        with pytest.raises(UnreadableFile):
            open_table(BOOK[:end], "x.xlsx")


def test_broken_xml_inside_is_unreadable() -> None:
    with pytest.raises(UnreadableFile):
        open_table(raw_xlsx(sheet_xml('<row r="1"><c r="A1"><v>1</v></row>')), "x.xlsx")
