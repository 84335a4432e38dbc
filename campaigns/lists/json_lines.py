"""JSON lines, or a list of objects, to rows: one object a row, one key a column."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from campaigns.lists.decoding import text_blocks
from campaigns.lists.faults import EmptyFile, UnreadableFile
from campaigns.lists.limits import Limits, Source, check_columns
from campaigns.lists.title_rows import distinct

#: The column of keys that came too late to have one, and of what is no object.
OTHER_FIELDS = "other fields"
#: Objects whose keys make the columns.
_SAMPLE_OBJECTS = 2_000
_BLOCK_CHARACTERS = 256 * 1024
_BETWEEN = re.compile(r"[\s,\[\]\ufeff]*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
#: What may follow the first object on its line, if this is no CSV with JSON in a cell.
_AFTER_FIRST = re.compile(r"[^\S\n]*(?:,?[^\S\n]*(?:\{|\n|$)|\])")


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
    keys: tuple[str, ...]
    has_other_fields: bool

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
        for number, item in enumerate(_items(self.source, self.encoding, self.limits), start=1):
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
    if not _begins_with_object(source, encoding):
        return None
    items = _items(source, encoding, limits)
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
    return JsonText(source, file_name, limits, encoding, tuple(keys), other or more)


def _begins_with_object(source: Source, encoding: str) -> bool:
    text = next(text_blocks(source, encoding, _BLOCK_CHARACTERS), "")
    start = text.lstrip("\ufeff \t\n")
    if start.startswith("["):
        start = start[1:].lstrip()
    if not start.startswith("{"):
        return False
    try:
        _, end = _PLAIN_DECODER.raw_decode(start)
    except (ValueError, RecursionError):
        return False
    return _AFTER_FIRST.match(start, end) is not None


def _items(source: Source, encoding: str, limits: Limits) -> Iterator[dict[str, object] | str]:
    """Yield every object, and as text whatever stands between objects without being one.

    An object that is not complete may go on in the next block; one that is still not after the most
    characters is broken, and only its first line is given up.
    """
    blocks = text_blocks(source, encoding, _BLOCK_CHARACTERS)
    text, at, ended = "", 0, False
    while True:
        between = _BETWEEN.match(text, at)
        start = at = between.end() if between else at
        item, at = _next_item(text, at, ended or len(text) - at > limits.record_characters)
        if at > start:
            yield item
        elif ended:
            return
        else:
            block = next(blocks, "")
            ended = not block
            text, at = text[at:] + block, 0


def _next_item(text: str, at: int, final: bool) -> tuple[dict[str, object] | str, int]:
    """Return what begins at ``at`` and where it ends: there, if more text is needed to tell."""
    value: object = None
    end = at
    try:
        if at < len(text):
            value, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        if final:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
    if isinstance(value, dict):
        return value, end
    if end == len(text) and not final:
        return "", at  # a number may go on
    return text[at:end], end


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
