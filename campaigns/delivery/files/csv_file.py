"""CSV: what PostgreSQL sent goes into the file as it is, unless a spreadsheet would run a cell of it."""

import re
from collections.abc import Sequence
from typing import IO

from campaigns.delivery.rows import cells_of
from campaigns.lists.columns.cells import guarded

BOM = b"\xef\xbb\xbf"
#: A row of one empty cell: an empty line is no row to readers.
_NOTHING = '""'


class CsvFile:
    """Writes rows as they come over COPY; cells that a spreadsheet would run get an apostrophe."""

    def __init__(
        self, out: IO[bytes], names: Sequence[str], *, bom: bool, separator: str, guard: bool = True
    ) -> None:
        """Write the headings."""
        self._out = out
        self._separator = separator
        self._guard = guard
        #: A row of one empty cell is an empty line, which readers pass over unless it is quoted.
        self._always = len(names) == 1
        self._bare, self._quoted = _suspicious(separator)
        out.write(BOM if bom else b"")
        out.write(self._told([names]))

    def write(self, block: bytes) -> int:
        """Write some whole rows; return about how many: lines are counted, not rows."""
        rows = block.count(b"\n")
        if self._always:
            block = self._told(cells_of(block, self._separator))
        elif self._guard:
            block = self._guarded(block)
        self._out.write(block)
        return rows

    def close(self) -> None:
        """Nothing is left to be written."""

    def _guarded(self, block: bytes) -> bytes:
        """Return a block in which no cell is run: only rows that look as if they need it are taken apart."""
        pattern = self._quoted if b'"' in block else self._bare
        block = b"\n" + block  # the first cell begins like those of all other lines
        pieces: list[bytes] = []
        done = 1
        for found in pattern.finditer(block):
            if found.start() < done:
                continue
            start, end = _row_around(block, done, found.start())
            pieces.append(block[done:start])
            pieces.append(self._told(cells_of(block[start:end], self._separator)))
            done = end
        return b"".join(pieces) + block[done:] if pieces else block[1:]

    def _told(self, rows: Sequence[Sequence[str]]) -> bytes:
        lines = []
        for row in rows:
            cells = [guarded(cell) for cell in row] if self._guard else row
            said = self._separator.join([self._quoted_cell(cell) for cell in cells])
            lines.append(f"{said or _NOTHING}\n")
        return "".join(lines).encode()

    def _quoted_cell(self, cell: str) -> str:
        """Return a cell as COPY writes it; Python's writer forgets a carriage return that stands alone."""
        if self._separator in cell or '"' in cell or "\n" in cell or "\r" in cell:
            return '"' + cell.replace('"', '""') + '"'
        return cell


def _row_around(block: bytes, done: int, at: int) -> tuple[int, int]:
    """Return where the row begins and ends that ``at`` is in; another row begins at ``done``.

    A line's end is the row's only after an even number of quotes: any other is inside a cell.
    """
    start = block.rfind(b"\n", done, at) + 1 or done
    while block.count(b'"', done, start) % 2:
        start = block.rfind(b"\n", done, start - 1) + 1 or done
    end = block.find(b"\n", at) + 1
    while block.count(b'"', start, end) % 2:
        end = block.find(b"\n", end) + 1
    return start, end


#: What may stand before a sign at which a spreadsheet begins a formula: where a cell or a part of one
#: begins, apostrophes, and every blank that Unicode knows (see ``guarded``), as UTF-8.
_BEFORE = (
    rb"""[,;|\t\n"' \r\x0b\x0c\x1c-\x1f]""",
    rb"\xc2[\x85\xa0]",
    rb"\xe1\x9a\x80",
    rb"\xe2\x80[\x80-\x8a\xa8\xa9\xaf]",
    rb"\xe2\x81\x9f",
    rb"\xe3\x80\x80",
)


def _suspicious(separator: str) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Return what finds a cell that may need the guard, in blocks without quotes and with them.

    Both find every such cell and sometimes one that needs none; then the guard looks itself. A sign with
    nothing but digits up to the end of its bare cell needs none, which spares it most telephone numbers. With
    quotes about, a line's end may be inside a cell, so there only a separator counts as that end.

    The sign comes first and what is before it is looked back at: the engine then jumps from sign to sign.
    Most stand in dates and addresses, behind a letter or a digit, so these are passed over first.
    """
    mark = re.escape(separator).encode()
    before = b"|".join(rb"(?<=" + one + rb".)" for one in _BEFORE)
    # A cell that begins with a line's end, perhaps after apostrophes: such a cell is quoted.
    break_ = rb"(?<=\n)(?:(?<=[" + mark + rb"\n]\"\n)|(?<='\n))"
    sure = rb"(?<=[=@\r\t])|(?<=\xef)(?=\xbc[\x9d\x8b\x8d\xa0])|(?<=[^" + mark + rb"\n][+\-])"
    bare = _suspicion(break_, before, sure + rb"|(?<=[+\-])(?!\d*(?:" + mark + rb"|\n))")
    quoted = _suspicion(break_, before, sure + rb"|(?<=[+\-])(?!\d*" + mark + rb")")
    return bare, quoted


def _suspicion(break_: bytes, before: bytes, is_formula: bytes) -> re.Pattern[bytes]:
    sign = rb"[=@+\-\r\t\xef\n](?<![0-9A-Za-z].)"
    said = rb"(?<!\n)(?:" + before + rb")(?:" + is_formula + rb")"
    return re.compile(sign + rb"(?:" + break_ + rb"|" + said + rb")", re.DOTALL)
