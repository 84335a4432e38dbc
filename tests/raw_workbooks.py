"""Workbooks made part by part, so that a test can make what no spreadsheet program would."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

from tests.list_files import xlsx

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
_SECTOR = 512
_END, _FAT, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def sheet_xml(rows: str, after: str = "") -> str:
    """Return a worksheet around row elements; ``after`` is what follows the rows."""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def raw_xlsx(*sheets: str, parts: Mapping[str, bytes] | None = None) -> bytes:
    """Return a workbook of worksheets given as XML, named S1, S2 and so on; ``parts`` are added."""
    made: dict[str, str | bytes] = {
        f"xl/worksheets/sheet{at}.xml": xml for at, xml in enumerate(sheets, start=1)
    }
    return repacked(xlsx(*[[["x"]] for _ in sheets]), {**made, **(parts or {})})


def repacked(package: bytes, parts: Mapping[str, str | bytes]) -> bytes:
    """Return the ZIP ``package`` with ``parts`` put in place of those it has, compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        content: dict[str, str | bytes] = {name: old.read(name) for name in old.namelist()}
    content.update(parts)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in content.items():
            new.writestr(name, data)
    return out.getvalue()


def ods(rows: str, name: str = "Sheet1") -> bytes:
    """Return an OpenDocument spreadsheet around table-row elements (prefixes table, text, office)."""
    namespaces = " ".join(
        f'xmlns:{prefix}="{_OFFICE}{prefix}:1.0"' for prefix in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {namespaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="{name}">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", manifest)
        package.writestr("content.xml", content)
    return out.getvalue()


def ods_row(*cells: str | float, repeated: int = 1) -> str:
    """Return a table-row element, as many times as ``repeated`` says without writing it out."""
    made = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        if isinstance(cell, str)
        else f'<table:table-cell office:value-type="float" office:value="{cell!r}"/>'
        for cell in cells
    )
    return f'<table:table-row table:number-rows-repeated="{repeated}">{made}</table:table-row>'


def xls(cells: Sequence[tuple[int, int, str | float]]) -> bytes:
    """Return an Excel 97 workbook with one sheet, S1; ``cells`` are row, column (from 0), value."""
    bof, eof = 0x0809, 0x000A
    sheet = _record(bof, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for row, column, value in cells:
        place = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            text = value.encode("utf-16-le")
            sheet += _record(0x0204, place + struct.pack("<HB", len(value), 1) + text)
        else:
            sheet += _record(0x0203, place + struct.pack("<d", value))
    sheet += _record(eof, b"")
    start = _record(bof, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    where = len(start) + 4 + 6 + 2 + 2 + 4
    start += _record(0x0085, struct.pack("<IBBBB", where, 0, 0, 2, 0) + b"S1")
    start += _record(eof, b"")
    return _compound((start.ljust(where, b"\0") + sheet).ljust(8 * _SECTOR, b"\0"))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _compound(stream: bytes) -> bytes:
    """Return a compound file that holds the stream "Workbook": table, directory, then the stream."""
    sectors = -(-len(stream) // _SECTOR)
    chain = [_FAT, _END, *range(3, 2 + sectors), _END]
    table = struct.pack("<128I", *chain, *[_FREE] * (128 - len(chain)))
    directory = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 2, len(stream))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0
    )
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    return header + table + directory.ljust(_SECTOR, b"\0") + stream.ljust(sectors * _SECTOR, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text) + 2, kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
