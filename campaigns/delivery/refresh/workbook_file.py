"""A client's workbook with corrected values in place: styles, widths and other sheets stay as they are."""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from posixpath import join, normpath
from xml.etree import ElementTree

from campaigns.delivery.refresh.sheet_xml import cells_in, pieces, with_value
from campaigns.lists.reading.limits import USUAL_LIMITS
from campaigns.lists.reading.sheets import open_workbook
from campaigns.lists.reading.title_rows import find_headings
from dialer.errors import Invalid

_SHARED = "xl/sharedStrings.xml"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ITEM = re.compile(r"<((?:\w+:)?)si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si\s*>)", re.DOTALL)
_WORDS = re.compile(r"<(?:\w+:)?t\b[^>]*>(.*?)</(?:\w+:)?t\s*>", re.DOTALL)


class WorkbookFile:
    """Copies a workbook and changes cells of one of its sheets on the way, row by row."""

    def __init__(
        self,
        source: Path,
        target: Path,
        columns: Sequence[str],
        *,
        sheet: str | None,
        only_changed: bool,
    ) -> None:
        """Look at the workbook; ``columns`` are the client's, by position."""
        found = open_workbook(source, source.name, USUAL_LIMITS).choose(sheet)
        self._body = find_headings(found.head, found.merged).body
        self._in = zipfile.ZipFile(source)
        self._path = _path_of(self._in, found.name)
        self._blank = _blank_strings(self._in)
        first = _first_column(self._in, self._path)
        self._columns = {name: at + first for at, name in enumerate(columns)}
        self._only_changed = only_changed
        self._out = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self._sheet = self._out.open(self._info(self._path), "w", force_zip64=True)
        self._rows = self._texts()
        self._done = 0
        self._dropped: set[int] = set()  #: shared strings of rows that are left out
        self._used: set[int] = set()  #: those of all others
        self.replaced = 0  #: cells
        for _ in range(self._body):
            self._put(next(self._rows, ""))

    def close(self) -> None:
        """Close both files."""
        if not self._sheet.closed:
            self._sheet.close()
        self._out.close()
        self._in.close()

    def change(self, row: int, values: Mapping[str, str]) -> None:
        """Put values into a row, 1 = the first; rows come in their order."""
        self._copy_upto(row - 1)
        text = next(self._rows, "")
        self._done += 1
        for name, value in values.items():
            if name in self._columns and text:
                text = with_value(text, self._columns[name], value)
                self.replaced += 1
        self._put(text)

    def drop(self, row: int) -> None:
        """Leave a row out: nothing of it is in the new file, its words among the shared ones neither."""
        self._copy_upto(row - 1)
        text = next(self._rows, "")
        self._done += 1
        self._leave_out(text)

    def finish(self) -> None:
        """Copy the rest of the sheet and everything else."""
        self._copy_upto(None)
        self._sheet.close()
        for info in self._in.infolist():
            if info.filename in (self._path, _SHARED):
                continue
            with self._in.open(info) as part, self._out.open(self._info(info.filename), "w") as to:
                data = part.read()
                self._use_others(info.filename, data)
                to.write(data)
        if _SHARED in self._in.namelist():
            gone = self._dropped - self._used
            self._out.writestr(self._info(_SHARED), _without(self._in.read(_SHARED), gone))

    def _info(self, name: str) -> zipfile.ZipInfo:
        """Return an entry with the date that it has in the client's file."""
        info = zipfile.ZipInfo(name, self._in.getinfo(name).date_time)
        info.compress_type = zipfile.ZIP_DEFLATED
        return info

    def _texts(self) -> Iterator[str]:
        """Yield the XML of each row with text; whatever is between them is copied."""
        with self._in.open(self._path) as file:
            for is_row, text in pieces(file):
                if is_row and any(cell.has_text(self._blank) for cell in cells_in(text)):
                    yield text
                else:
                    self._write(text)

    def _copy_upto(self, row: int | None) -> None:
        while row is None or self._done < row:
            text = next(self._rows, None)
            if text is None:
                return
            self._done += 1
            if self._only_changed:
                self._leave_out(text)
            else:
                self._put(text)

    def _put(self, text: str) -> None:
        self._used |= _strings_of(text)
        self._write(text)

    def _leave_out(self, text: str) -> None:
        self._dropped |= _strings_of(text)

    def _write(self, text: str) -> None:
        self._sheet.write(text.encode("utf-8", "surrogateescape"))

    def _use_others(self, name: str, data: bytes) -> None:
        """Keep the words that other sheets show."""
        if self._dropped and name.startswith("xl/worksheets/") and name.endswith(".xml"):
            self._used |= _strings_of(data.decode("utf-8", "replace"))


def _strings_of(text: str) -> set[int]:
    return {cell.shared for cell in cells_in(text) if cell.shared is not None}


def _path_of(book: zipfile.ZipFile, sheet: str) -> str:
    """Return which part of the package holds a sheet.

    Raises:
        Invalid: there is none; the file is no XLSX as spreadsheets write it.
    """
    try:
        listed = ElementTree.fromstring(book.read("xl/workbook.xml"))  # noqa: S314 - checked at import
        links = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - so too
    except (KeyError, ElementTree.ParseError) as error:
        raise Invalid("This workbook cannot be given back: save it as XLSX.") from error
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for one in listed.iter():
        if one.tag.endswith("}sheet") and one.get("name") == sheet:
            target = targets.get(one.get(_REL), "")
            return target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
    raise Invalid("This workbook cannot be given back: save it as XLSX.")


def _blank_strings(book: zipfile.ZipFile) -> set[int]:
    if _SHARED not in book.namelist():
        return set()
    text = book.read(_SHARED).decode("utf-8", "replace")
    return {
        at
        for at, item in enumerate(_ITEM.finditer(text))
        if not any(words.strip() for words in _WORDS.findall(item[2] or ""))
    }


def _without(data: bytes, gone: set[int]) -> bytes:
    """Return the shared strings with some of them emptied; the others keep their numbers."""
    if not gone:
        return data
    numbers = iter(range(2**31))

    def emptied(item: re.Match[str]) -> str:
        prefix = item[1]
        if next(numbers) in gone:
            return f"<{prefix}si><{prefix}t></{prefix}t></{prefix}si>"
        return item[0]

    text = data.decode("utf-8", "surrogateescape")
    return _ITEM.sub(emptied, text).encode("utf-8", "surrogateescape")


def _first_column(book: zipfile.ZipFile, path: str) -> int:
    """Return the first column with anything in it: an import counts from there."""
    first: int | None = None
    with book.open(path) as file:
        for is_row, text in pieces(file):
            for cell in cells_in(text) if is_row else ():
                if cell.inside:
                    first = cell.column if first is None else min(first, cell.column)
                    break
            if first == 0:
                return 0
    return first or 0
