"""A client's text file with corrected values in place: every byte that nothing changed is as it was."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from campaigns.delivery.refresh.records import Record, Records, spans, written


class TextFile:
    """Copies a text file row by row and changes cells on the way."""

    def __init__(
        self, source: Path, target: Path, columns: Sequence[str], *, only_changed: bool
    ) -> None:
        """Write what is before the rows; ``columns`` are the client's, by position."""
        self._records = Records(source)
        self._columns = {name: at for at, name in enumerate(columns)}
        self._only_changed = only_changed
        self._out = target.open("wb")
        self._rows = iter(self._records)
        self._done = 0
        self._dress = self._records.dress
        self._out.write(self._dress.mark)
        head = next(self._rows, "")
        self._out.write(self._dress.encoded(head if isinstance(head, str) else head.text))
        self.replaced = 0  #: cells

    def close(self) -> None:
        """Close the file."""
        self._out.close()

    def change(self, row: int, values: Mapping[str, str]) -> None:
        """Put values into a row, 1 = the first; rows come in their order."""
        self._copy_upto(row - 1)
        record = next(self._rows, None)
        self._done += 1
        if isinstance(record, Record):
            self._out.write(self._dress.encoded(self._changed(record, values)))

    def drop(self, row: int) -> None:
        """Leave a row out: nothing of it is in the new file."""
        self._copy_upto(row - 1)
        next(self._rows, None)
        self._done += 1

    def finish(self) -> None:
        """Copy the rest."""
        self._copy_upto(None)

    def _copy_upto(self, row: int | None) -> None:
        while row is None or self._done < row:
            record = next(self._rows, None)
            if record is None:
                return
            self._done += 1
            if isinstance(record, Record) and not self._only_changed:
                self._out.write(self._dress.encoded(record.text))

    def _changed(self, record: Record, values: Mapping[str, str]) -> str:
        separator = self._dress.separator
        cells, end = spans(record.text, separator)
        by_place = {
            self._columns[name]: value for name, value in values.items() if name in self._columns
        }
        # Spans that do not agree with what an import reads (a quote nobody closed, a cut entity) are not
        # trusted: then the row is written anew from what was read.
        agrees = len(cells) == len(record.cells)
        text = record.text
        if not agrees:
            cells, end, text = _anew(record, separator)
        self.replaced += len(by_place)
        for place in sorted(by_place, reverse=True):
            value = by_place[place]
            if place >= len(cells):  # a short row: it grows up to the cell
                lacking = place - len(cells) + 1
                text = text[:end] + separator * lacking + text[end:]
                cells += [(at, at) for at in range(end + 1, end + lacking + 1)]
            start, stop = cells[place]
            text = text[:start] + written(value, text[start:stop], separator) + text[stop:]
        return text


def _anew(record: Record, separator: str) -> tuple[list[tuple[int, int]], int, str]:
    """Return a row written anew, with the line's end that it had."""
    tail = record.text[len(record.text.rstrip("\r\n")) :]
    text, cells = "", []
    for at, cell in enumerate(record.cells):
        text += separator if at else ""
        start = len(text)
        text += written(cell, "", separator)
        cells.append((start, len(text)))
    return cells, len(text), text + tail
