"""Lists in XML, read as tags: no entity is ever expanded, so none can explode."""

import re
from collections.abc import Iterator

from compliance.dnc.formats import ADDED_WORDS, REMOVED_WORDS
from compliance.dnc.unpacking import Part, before_tag

_NUMBER_NAMES = rb"(?:ph|phone|phonenumber|phone_number|number|tel)"
_AREA_NAMES = rb"(?:list|ac|npa|areacode|area_code)"
_LOCAL_DIGITS = 7

_AREA = re.compile(
    rb"<" + _AREA_NAMES + rb"\b(?:[^<>]*?\bval(?:ue)?\s*=\s*['\"]|\s*>)\s*(\d{3})\b", re.IGNORECASE
)
_NUMBER = re.compile(
    rb"<" + _NUMBER_NAMES + rb"\b(?:[^<>]*?\bval(?:ue)?\s*=\s*['\"]|[^<>]*>)?\s*(\d*)",
    re.IGNORECASE,
)
_TAG = re.compile(rb"<(/?)(\w+)([^<>]*)>([^<]*)")
_ATTRIBUTE = re.compile(rb"(\w+)\s*=\s*['\"]\s*([^'\"]*?)\s*['\"]")
_IS_NUMBER = re.compile(_NUMBER_NAMES, re.IGNORECASE)
_IS_AREA = re.compile(_AREA_NAMES, re.IGNORECASE)
_MARKER_ATTRIBUTES = frozenset({b"type", b"action", b"op", b"status", b"change", b"chg"})


def number_lines(part: Part) -> Iterator[bytes]:
    """Yield blocks of lines, one for each number element of a full list; a broken one is no number."""
    area = b""
    for block in part.blocks(before_tag):
        lines: list[bytes] = []
        at = 0
        for opening in _AREA.finditer(block):
            lines += _joined(block[at : opening.start()], area)
            area, at = opening[1], opening.end()
        lines += _joined(block[at:], area)
        if lines:
            yield b"\n".join(lines) + b"\n"


def _joined(text: bytes, area: bytes) -> list[bytes]:
    found: list[bytes] = _NUMBER.findall(text)
    if not area:
        return [digits or b"?" for digits in found]
    return [area + digits if len(digits) == _LOCAL_DIGITS else digits or b"?" for digits in found]


def change_lines(part: Part) -> Iterator[bytes]:
    """Yield blocks of lines ``NUMBER,marker`` for a change list; the marker may be empty."""
    reader = _ChangeTags()
    for block in part.blocks(before_tag):
        lines = [line for tag in _TAG.finditer(block) for line in reader.read(*tag.groups())]
        if lines:
            yield b"\n".join(lines) + b"\n"


class _ChangeTags:
    """Remembers the area code and the marker under which a number stands."""

    def __init__(self) -> None:
        self._area = b""
        self._marker = b""
        self._marked_by = b""  #: the element that set the marker

    def read(self, slash: bytes, name: bytes, inside: bytes, text: bytes) -> Iterator[bytes]:
        """Read one tag and the text behind it; yield a line if it is a number."""
        name = name.lower()
        if slash:
            if name == self._marked_by:
                self._marker = self._marked_by = b""
            return
        attributes = {key.lower(): value for key, value in _ATTRIBUTE.findall(inside)}
        value = attributes.get(b"val") or attributes.get(b"value") or text.strip()
        marker = _marker(name, attributes)
        if _IS_NUMBER.fullmatch(name):
            area = self._area if len(value) == _LOCAL_DIGITS else b""
            yield area + value + b"," + (marker or self._marker)
            return
        if _IS_AREA.fullmatch(name) and value:
            self._area = value
        if marker and not inside.endswith(b"/"):
            self._marker, self._marked_by = marker, name


def _marker(name: bytes, attributes: dict[bytes, bytes]) -> bytes:
    for key in _MARKER_ATTRIBUTES & attributes.keys():
        word = attributes[key].lower()
        if word in ADDED_WORDS | REMOVED_WORDS:
            return word
    singular = name.removesuffix(b"s")
    return singular if len(name) > 1 and singular in ADDED_WORDS | REMOVED_WORDS else b""
