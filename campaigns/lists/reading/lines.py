"""Text in lines, many at a time, none longer than allowed."""

from collections.abc import Iterator

from campaigns.lists.reading.decoding import text_blocks
from campaigns.lists.reading.faults import UnreadableFile
from campaigns.lists.reading.limits import Limits, Source

#: Characters that are decoded at a time.
_BLOCK_CHARACTERS = 256 * 1024


def line_blocks(
    source: Source, encoding: str, limits: Limits, file_name: str
) -> Iterator[list[str]]:
    """Yield the lines, many at a time; only the first of a list may be longer than a block.

    Raises:
        UnreadableFile: a line is longer than allowed.
    """
    number = 1
    rest = ""
    size = min(_BLOCK_CHARACTERS, limits.cell_characters)
    for block in text_blocks(source, encoding, size):
        lines = (rest + block).split("\n")
        rest = lines.pop()
        if len(rest) > limits.record_characters:
            raise too_long(number + len(lines), limits.record_characters, file_name)
        if lines:
            number += len(lines)
            yield lines
    yield [rest]


def too_long(line: int, most: int, file_name: str) -> UnreadableFile:
    """Return the refusal of a file whose line, from 1, is longer than ``most`` characters."""
    return UnreadableFile(
        f"Line {line:,} is longer than the {most:,} characters that are read.",
        file_name=file_name,
        line=line,
        limit=most,
    )
