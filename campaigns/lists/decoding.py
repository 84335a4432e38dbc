"""Bytes to text: the encoding is found by content, because lists never say what they are in."""

import codecs
import re

import charset_normalizer

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
#: Bytes that are looked at; enough words for any list, and quick.
_SAMPLE_BYTES = 200_000
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
#: The letters that make up more than half of Russian and Ukrainian text.
_COMMON = frozenset("оеаинтсрвлкіу")
_DRAWN = re.compile(r"[\u2500-\u259f\x80-\x9f\ufffd]")


def decode(data: bytes) -> str:
    """Return the text of ``data`` without its byte order mark and without zero characters.

    What cannot be read becomes U+FFFD. PostgreSQL stores no zero character, and no list means one.
    """
    return _decoded(data).replace("\0", "")


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    encoding = _utf16_without_mark(data) or "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", errors="replace")
    if text.count("\ufffd") * 20 < sum(not character.isascii() for character in text):
        return text  # UTF-8 in which a few bytes were broken on the way
    return data.decode(_one_byte_encoding(data[:_SAMPLE_BYTES]), errors="replace")


def _utf16_without_mark(data: bytes) -> str:
    """Return the UTF-16 byte order the zero bytes speak of; empty when they do not.

    Only punctuation and digits have a zero high byte in a Cyrillic list, so a tenth is enough.
    """
    sample = data[:4_000]
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
    return guess.encoding if guess is not None else "cp1252"


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
