"""Bytes to text: the encoding is found by content, because lists never say what they are in."""

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

import charset_normalizer

from campaigns.lists.reading.limits import Source, opened

#: Longer marks first: UTF-32's little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: One-byte encodings that are told apart by how their words look, likeliest first.
_ONE_BYTE = ("cp1251", "koi8-u", "cp866", "cp1252")
#: Bytes beyond ASCII's neighbourhood that are looked at; enough words for any list, and quick.
_SAMPLE_BYTES = 200_000
_CHUNK_BYTES = 50_000
#: Half a character of UTF-8 with which a chunk may begin.
_CUT = re.compile(rb"[\x80-\xbf]{1,3}")
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
#: The letters that make up more than half of Russian and Ukrainian text.
_COMMON = frozenset("оеаинтсрвлкіу")
_DRAWN = re.compile(r"[\u2500-\u259f\x80-\x9f\ufffd]")
#: Encodings that a guess may not give: seven-bit shifts make lone surrogates of plain text.
_NEVER_GUESSED = frozenset({"utf_7"})


def find_encoding(source: Source) -> str:
    """Return the name of the encoding ``source`` is written in.

    A byte order mark or the zero bytes of UTF-16 and UTF-32 tell it at once. Otherwise the parts of
    the file that are not plain ASCII are looked at, wherever they are: the first 200,000 bytes of
    them.
    """
    with opened(source) as file:
        start = file.read(4_000)
        for mark, encoding in _MARKS:
            if start.startswith(mark):
                return encoding
        encoding = _without_mark(start)
        if encoding:
            return encoding
        file.seek(0)
        chunks = _beyond_ascii(file)
    return "utf-8" if _is_utf8(chunks) else _one_byte_encoding(b"\n".join(chunks))


def text_blocks(source: Source, encoding: str, size: int) -> Iterator[str]:
    """Yield the text of ``source`` in blocks of about ``size`` characters.

    Every line end is a line feed; there is no byte order mark and no zero character, because PostgreSQL
    stores none and no list means one. What cannot be read becomes U+FFFD.
    """
    with (
        opened(source) as file,
        io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=None) as text,
    ):
        while block := text.read(size):
            yield block.replace("\0", "")


def _beyond_ascii(file: BinaryIO) -> list[bytes]:
    """Return the first chunks of the file that are not plain ASCII."""
    chunks: list[bytes] = []
    taken = 0
    at_start = True
    while taken < _SAMPLE_BYTES and (chunk := file.read(_CHUNK_BYTES)):
        if not chunk.isascii():
            cut = None if at_start else _CUT.match(chunk)
            chunks.append(chunk[cut.end() :] if cut else chunk)
            taken += len(chunk)
        at_start = False
    return chunks


def _is_utf8(chunks: list[bytes]) -> bool:
    """Tell whether this is UTF-8, even if a few bytes were broken on the way."""
    try:
        for chunk in chunks:
            codecs.getincrementaldecoder("utf-8")().decode(chunk)
    except UnicodeDecodeError:
        text = "".join(chunk.decode("utf-8", errors="replace") for chunk in chunks)
        return text.count("\ufffd") * 20 < sum(not character.isascii() for character in text)
    return True


def _without_mark(sample: bytes) -> str:
    """Return the UTF-16 or UTF-32 the zero bytes speak of; empty when they do not.

    Only punctuation and digits have a zero high byte in a Cyrillic list, so a tenth is enough.
    """
    if len(sample) >= 8 and not any(sample[3::4]) and not any(sample[2::4]):
        return "utf-32-le"
    if len(sample) >= 8 and not any(sample[0::4]) and not any(sample[1::4]):
        return "utf-32-be"
    zeros = (sample[0::2].count(0), sample[1::2].count(0))
    if max(zeros) * 20 < len(sample) or min(zeros) * 10 > max(zeros):
        return ""
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def _one_byte_encoding(sample: bytes) -> str:
    """Return the encoding in which ``sample`` has the most natural words."""
    likeness = {encoding: _likeness(sample, encoding) for encoding in _ONE_BYTE}
    best = max(_ONE_BYTE, key=lambda encoding: likeness[encoding])
    if likeness[best] > 0:
        return best
    guess = charset_normalizer.from_bytes(sample).best()
    if guess is None or guess.encoding in _NEVER_GUESSED:
        return "cp1252"
    return guess.encoding


def _likeness(sample: bytes, encoding: str) -> float:
    """Return how much ``sample`` looks like words when read as ``encoding``."""
    text = sample.decode(encoding, errors="replace")
    words = {word for word in _WORD.findall(text) if not word.isascii()}
    return sum(_naturalness(word) for word in words) - len(_DRAWN.findall(text))


def _naturalness(word: str) -> float:
    """Return how natural a word with letters beyond ASCII is: about -2 to 3."""
    shape = 1.0 if word.islower() or word.istitle() or word.isupper() else -1.0
    cyrillic = len(_CYRILLIC.findall(word))
    if cyrillic == 0:
        foreign = sum(not letter.isascii() for letter in word)
        return shape if foreign * 2 <= len(word) else -1.0
    if cyrillic < len(word):
        return -2.0
    return shape + 2 * sum(letter in _COMMON for letter in word.lower()) / len(word)
