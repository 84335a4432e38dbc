"""JSON lines, or a list of objects, to rows: one object a row, one key a column."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from campaigns.lists.reading.decoding import text_blocks
from campaigns.lists.reading.faults import EmptyFile, UnreadableFile
from campaigns.lists.reading.limits import Limits, Source, check_columns
from campaigns.lists.reading.lines import line_blocks
from campaigns.lists.reading.title_rows import distinct

#: The column of keys that came too late to have one, and of what is no object.
OTHER_FIELDS = "other fields"
#: Objects whose keys make the columns.
_SAMPLE_OBJECTS = 2_000
_BLOCK_CHARACTERS = 256 * 1024
_BLANK = "\ufeff \t\n"
_BETWEEN = re.compile(r"[\s,\[\]\ufeff]*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
#: What follows the first of objects that have a line each, and the first of a list of objects;
#: anything else is CSV with JSON in a cell.
_LINE_ENDS = re.compile(r"[^\S\n]*,?[^\S\n]*(?:\n|$)")
_LIST_GOES_ON = re.compile(r"\s*(?:,?\s*\{|,?\s*$|\])")


class _Number(str):
    """A number as it is written, so that none is rounded and none gets an exponent."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_Number)
_PLAIN_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class JsonText:
    """A text of objects; it can be read any number of times."""

    source: Source
    file_name: str
    limits: Limits
    encoding: str
    by_line: bool  #: each object has a line of its own
    keys: tuple[str, ...] = ()
    has_other_fields: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns: the keys, and perhaps one for what has no column."""
        return distinct([*self.keys, OTHER_FIELDS] if self.has_other_fields else self.keys)

    def rows(self) -> Iterator[list[str]]:
        """Yield a row for each object with any text.

        Nested values are JSON text. What is no object, such as a broken line, is kept as it is
        under "other fields".

        Raises:
            UnreadableFile: an object or a cell is longer than allowed.
        """
        most = self.limits.cell_characters
        for number, item in enumerate(self.items(), start=1):
            row = self._row(item)
            joined = "".join(row)
            if len(joined) > most and any(len(cell) > most for cell in row):
                raise UnreadableFile(
                    f"Row {number:,} has a value of more than {most:,} characters.",
                    file_name=self.file_name,
                    row=number,
                    limit=most,
                )
            if joined.strip():
                yield row

    def items(self) -> Iterator[dict[str, object] | str]:
        """Yield every object, and as text each line that should be one and is not.

        Raises:
            UnreadableFile: a list of objects is broken; what follows cannot be told apart.
        """
        if not self.by_line:
            yield from _listed(self.source, self.encoding, self.limits, self.file_name)
            return
        for lines in line_blocks(self.source, self.encoding, self.limits, self.file_name):
            for line in lines:
                if line.strip(_BLANK):
                    yield _object_of(line)

    def _row(self, item: dict[str, object] | str) -> list[str]:
        if isinstance(item, str):
            return [""] * len(self.keys) + [_clean(item)]
        row = [_cell(item.pop(key, None)) for key in self.keys]
        if self.has_other_fields:
            row.append(_cell(item) if item else "")
        return row


def open_json(source: Source, file_name: str, limits: Limits, encoding: str) -> JsonText | None:
    """Return the objects of the text, or None if it is not made of objects.

    Raises:
        EmptyFile: no object has a key.
        FileTooLarge: the objects have more keys than columns are read.
    """
    by_line = _has_lines(source, encoding)
    if by_line is None:
        return None
    text = JsonText(source, file_name, limits, encoding, by_line)
    items = text.items()
    keys: dict[str, None] = {}
    other = False
    for item in islice(items, _SAMPLE_OBJECTS):
        if isinstance(item, dict):
            keys.update(dict.fromkeys(item))
        else:
            other = True
        check_columns(len(keys), limits, file_name)
    if not keys:
        raise EmptyFile(file_name=file_name)
    more = next(items, None) is not None
    return replace(text, keys=tuple(keys), has_other_fields=other or more)


def _has_lines(source: Source, encoding: str) -> bool | None:
    """Tell whether the objects have a line each; None if the text does not begin with an object."""
    text = next(text_blocks(source, encoding, _BLOCK_CHARACTERS), "").lstrip(_BLANK)
    start = text[1:].lstrip() if text.startswith("[") else text
    if not start.startswith("{"):
        return None
    try:
        _, end = _PLAIN_DECODER.raw_decode(start)
    except (ValueError, RecursionError):
        return None
    if start is text and "\n" not in text[:end] and _LINE_ENDS.match(text, end):
        return True
    return False if _LIST_GOES_ON.match(start, end) else None


def _object_of(line: str) -> dict[str, object] | str:
    line = line.strip(_BLANK)
    try:
        value, end = _DECODER.raw_decode(line)
    except (ValueError, RecursionError):
        return line
    return value if isinstance(value, dict) and not line[end:].strip(", ") else line


def _listed(
    source: Source, encoding: str, limits: Limits, file_name: str
) -> Iterator[dict[str, object] | str]:
    """Yield objects that stand in a list or simply one after the other, over any lines."""
    blocks = text_blocks(source, encoding, _BLOCK_CHARACTERS)
    text, at, ended, done = "", 0, False, 0
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        value: object = None
        if at < len(text):
            try:
                value, at = _DECODER.raw_decode(text, at)
            except (ValueError, RecursionError):
                value = None  # not complete, or broken
        if isinstance(value, dict):
            done += 1
            yield value
        elif ended and at == len(text):
            return
        elif value is not None or ended or len(text) - at > limits.record_characters:
            raise UnreadableFile(
                f"The list of objects is broken after object {done:,}.",
                file_name=file_name,
                row=done,
            )
        else:
            block = next(blocks, "")
            ended = not block
            text, at = text[at:] + block, 0


def _cell(value: object) -> str:
    if value is None:
        return ""
    return _clean(value if isinstance(value, str) else _json(value))


def _json(value: object) -> str:
    """Return ``value`` as JSON, its numbers as they were written."""
    match value:
        case _Number():
            return str(value)
        case dict():
            pairs = (f"{_json(key)}: {_json(inner)}" for key, inner in value.items())
            return f"{{{', '.join(pairs)}}}"
        case list():
            return f"[{', '.join(map(_json, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _clean(text: str) -> str:
    """Take out what a database refuses: zero characters and halves of surrogate pairs."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
