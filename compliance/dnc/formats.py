r"""Which formats a do-not-call list may have, and how a file is told.

United States: the FTC publishes that a full list is a flat text of ``NPA,NUMBER`` lines or an XML
file, and that a change list is comma-delimited "with several data items per record" or XML; it does
not publish the fields. Flat lists look like ``212,5551234``; XML lists like
``<list><ac val='212'><ph val='5551234'/></ac></list>`` (the area code may also stand in ``list``).
Of change lists we accept any order of fields in which the number is ``NPA,NUMBER`` or ten digits
and one field is a marker (``A``, ``ADD``, ``D``, ``DELETE``, ...), and XML in which the marker is an
enclosing element or an attribute. A record without a marker is refused, never guessed.

Great Britain: 12 characters a line, left justified and padded with blanks, with or without a blank
after the dialling code.

Source: FTC, "Telemarketer Access Information", What kinds of files are downloaded?; DMA, "TPS
Technical Specifications for File Formats", 1.1 and 1.2.
"""

import re
from enum import StrEnum

from compliance.dnc.errors import DncUnreadable

#: Lines from which a format is told.
_SAMPLE_LINES = 50

ADDED_WORDS = frozenset({b"a", b"add", b"added", b"addition", b"i", b"insert", b"inserted", b"new"})
REMOVED_WORDS = frozenset(
    {b"d", b"del", b"delete", b"deleted", b"deletion", b"r", b"remove", b"removed"}
)


class DncFormat(StrEnum):
    """How the numbers are written."""

    FTC_FLAT = "ftc_flat"  #: ``NPA,NUMBER``
    FTC_XML = "ftc_xml"
    FTC_CHANGES = "ftc_changes"  #: comma-delimited, with a marker in each record
    FTC_CHANGES_XML = "ftc_changes_xml"
    GB_TPS = "gb_tps"  #: twelve characters a line, a leading zero; the region is still the caller's
    LINES = "lines"  #: one number a line, E.164 or national
    CSV = "csv"  #: a heading names the column of the number


CHANGES = frozenset({DncFormat.FTC_CHANGES, DncFormat.FTC_CHANGES_XML})
XML = frozenset({DncFormat.FTC_XML, DncFormat.FTC_CHANGES_XML})
#: The region that a format implies, whatever the list is imported as.
REGIONS = {
    DncFormat.FTC_FLAT: "US",
    DncFormat.FTC_XML: "US",
    DncFormat.FTC_CHANGES: "US",
    DncFormat.FTC_CHANGES_XML: "US",
}

_FLAT_LINE = re.compile(rb'"?\d{3}"?,"?\d{7}"?')
_TPS_LINE = re.compile(rb"0[\d ]{9}[\d ]{2}")
_LETTER = re.compile(rb"[A-Za-z]|[\xc3-\xf4][\x80-\xbf]")
_NUMBER_FIELDS = re.compile(rb"\d{3},\d{7}|\d{10}")
_NUMBER = re.compile(rb"\d{7}")
_MARKER_HEADING = re.compile(rb"\b(?:type|action|op|change|chg)\b", re.IGNORECASE)
_CHANGE_TAG = re.compile(
    rb"<(?:add|adds|added|delete|deletes|deleted|remove|removed)\b"
    rb"|\b(?:type|action|op|status|change|chg)\s*=\s*['\"]"
    rb"(?:change|a|d|add|added|delete|deleted|remove|removed)['\"]",
    re.IGNORECASE,
)


def detect_format(head: bytes) -> DncFormat:
    """Tell the format from the first bytes of a text (some 64 kB; archives are unpacked before).

    Raises:
        DncUnreadable: there is no text.
    """
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        changes = _CHANGE_TAG.search(text) is not None
        return DncFormat.FTC_CHANGES_XML if changes else DncFormat.FTC_XML
    lines = [line.rstrip(b"\r") for line in text.split(b"\n")[:_SAMPLE_LINES]]
    whole = lines[:-1] or lines  # the last one may be cut off
    lines = [line for line in whole if line.strip()]
    if not lines:
        raise DncUnreadable("This file is empty.")
    return _of_lines(lines)


def _of_lines(lines: list[bytes]) -> DncFormat:
    most = len(lines) // 2
    if sum(_FLAT_LINE.fullmatch(line) is not None for line in lines) > most:
        return DncFormat.FTC_FLAT
    headed = _LETTER.search(lines[0]) and not _NUMBER.search(lines[0])
    if headed and not _MARKER_HEADING.search(lines[0]):
        return DncFormat.CSV  # a row of it may well have a cell that says "A"
    if sum(_is_change(line) for line in lines) > most:
        return DncFormat.FTC_CHANGES
    if sum(_TPS_LINE.fullmatch(line) is not None for line in lines) > most:
        return DncFormat.GB_TPS
    return DncFormat.CSV if headed else DncFormat.LINES


def _is_change(line: bytes) -> bool:
    plain = line.replace(b'"', b"").replace(b" ", b"")
    words = {field.lower() for field in plain.split(b",")}
    marked = bool(words & (ADDED_WORDS | REMOVED_WORDS))
    return marked and _NUMBER_FIELDS.search(plain) is not None
