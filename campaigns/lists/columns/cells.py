"""Cells: phone numbers found in one, and the guard against spreadsheet formulas."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.lists.refusals import RefusalReason
from dialer.phone import InvalidPhone, PhoneNumber, parse
from dialer.phone_fast import fast_parse

#: What makes a spreadsheet take a cell for a formula, full-width forms included.
#: Source: OWASP, "CSV Injection".
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
#: A sign and then only what numbers and phones are written with: a formula needs letters to call or
#: to refer to anything, so this can do nothing.
_HARMLESS = re.compile(r"^[+-][\d\s().,-]*$")

#: Where a spreadsheet may split a cell in two, for which another mark separates cells, and what the
#: part behind it begins with: apostrophes, and perhaps a formula.
_PART_START = re.compile(r"([;,\t]\s*+)('*+)([=+\-@＝＋－＠]?)")
_GUARDED_START = re.compile(r"'++[=+\-@\t\r\n＝＋－＠]")

#: Marks and blanks that copying from a web page or a messenger leaves in a cell.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_EXTENSION = re.compile(
    r"[,;]?\s*(?<![^\W\d_])(?:доб|дод|вн|ext|x|#)\.?:?\s*\d{1,6}\b", re.IGNORECASE
)
_BETWEEN_NUMBERS = re.compile(r"[/,;|\n]|\s(?:или|и|або|чи|та|or|and)\s", re.IGNORECASE)
_FLOAT_TAIL = re.compile(r"(?<=\d{7})\.0+$")
_WORDS_AFTER = re.compile(r"(?<=\d)\D+$")
#: Ukraine's long-distance form before 2009, 8 0XX XXX XX XX: the 8 was dialled, the 0 is national.
_OLD_UKRAINIAN = re.compile(r"^80\d{9}$")
_ROUNDED_CELL = re.compile(r"\s*'?[=+]?\d+[.,]?\d*e\s*\+?\d+\s*", re.IGNORECASE)
_ROUNDED = re.compile(r"\d[.,]?\d*e\s*\+?\d+\s*$", re.IGNORECASE)
#: What people write for "there is no phone".
_NO_PHONE = frozenset(
    {"нет", "нету", "немає", "нема", "отсутствует", "відсутній", "неизвестно", "невідомо"}
    | {"no", "none", "null", "nil", "n/a", "na", "unknown"}
)


@dataclass(frozen=True, slots=True)
class PhonesFound:
    """What the phone cells of one row hold: numbers, or the reason why there are none."""

    numbers: tuple[PhoneNumber, ...] = ()
    skipped: int = 0  #: pieces that are no numbers
    reason: RefusalReason | None = None
    detail: str = ""  #: a sentence for people, without the number


def find_phones(cells: Iterable[str], region: str) -> PhonesFound:
    """Return every number in ``cells`` in their order, each once.

    A cell may hold several numbers, words around them and extensions (which are dropped: a dialer
    reaches the main number). Nothing is guessed: a rounded or a cut number is none.
    """
    numbers: dict[str, PhoneNumber] = {}
    faults: list[InvalidPhone] = []
    for cell in cells:
        plain = _plain_number(cell, region)
        if plain is not None:
            numbers.setdefault(plain.e164, plain)
            continue
        for found in _read_cell(cell, region):
            if isinstance(found, InvalidPhone):
                faults.append(found)
            else:
                numbers.setdefault(found.e164, found)
    if numbers:
        return PhonesFound(tuple(numbers.values()), skipped=len(faults))
    if not faults:
        return PhonesFound(reason=RefusalReason.NO_PHONE, detail="There is no phone number.")
    damaged = next((fault for fault in faults if fault.facts.get("damage")), None)
    if damaged is not None:
        return PhonesFound(reason=RefusalReason.DAMAGED_PHONE, detail=damaged.detail)
    return PhonesFound(reason=RefusalReason.INVALID_PHONE, detail=InvalidPhone.message)


def guarded(cell: str) -> str:
    """Return ``cell`` so that no spreadsheet runs it: an apostrophe goes before a formula.

    So it does inside a cell, after a semicolon, comma or tab: a spreadsheet of another country splits
    there. Before apostrophes that stand there already goes one more, so that all can be undone.

    Signed numbers and phones (``+79430001234``, ``-5``, ``+7 943 000-12-34``) stay as they are: made
    of digits and punctuation only, they cannot call a function or refer to a cell, and an apostrophe
    would break them for every program that joins on them.

    Source: OWASP, "CSV Injection".
    """
    inside = _PART_START.sub(_guarded_part, cell)
    if _GUARDED_START.match(cell) or (
        cell.startswith(_FORMULA_STARTS) and not _HARMLESS.match(cell)
    ):
        return f"'{inside}"
    return inside


def without_guard(cell: str) -> str:
    """Undo :func:`guarded`, so that a refusal file that comes back is the client's own again."""
    if "'" not in cell:
        return cell
    bare = cell[1:] if _GUARDED_START.match(cell) else cell
    return _PART_START.sub(_bare_part, bare)


def _guarded_part(found: re.Match[str]) -> str:
    before, apostrophes, sign = found.groups()
    if not sign:
        return found[0]
    if not apostrophes:
        text, start = found.string, found.start(3)
        ends = [text.find(mark, start) for mark in {*before} & {*";,\t"}]
        end = len(text) if -1 in ends else max(ends)
        if _HARMLESS.match(text[start:end]):
            return found[0]
    return f"{before}'{apostrophes}{sign}"


def _bare_part(found: re.Match[str]) -> str:
    before, apostrophes, sign = found.groups()
    return f"{before}{apostrophes[1:]}{sign}" if sign else found[0]


def is_rounded(cell: str) -> bool:
    """Tell whether a cell is nothing but a number that a spreadsheet rounded, such as 7.94E+10."""
    return _ROUNDED_CELL.fullmatch(cell) is not None


def _plain_number(cell: str, region: str) -> PhoneNumber | None:
    """Return the number of a cell that holds nothing but one, or None: then read it with care.

    What the quick reader takes for a number is digits and marks that nothing below would touch, but
    for a float's tail. No number of 11 digits from 80 on is valid in Ukraine, so an old long-distance form
    never ends here.
    """
    text = _FLOAT_TAIL.sub("", cell.strip()) if "." in cell else cell
    return fast_parse(text, region) or None


def _read_cell(cell: str, region: str) -> list[PhoneNumber | InvalidPhone]:
    lines = _INVISIBLE.sub("", html.unescape(cell)).splitlines()
    text = "\n".join(" ".join(line.split()) for line in lines if line.strip())
    if says_none(text):
        return []
    if _ROUNDED.search(text):
        return [_read_number(text.lstrip("'="), region)]
    text = _EXTENSION.sub("", text)
    pieces = [piece.strip() for piece in _BETWEEN_NUMBERS.split(text)]
    found: list[PhoneNumber | InvalidPhone] = []
    for piece in pieces:
        if any(character.isdigit() for character in piece):
            found += _read_piece(piece, region)
    return found or [InvalidPhone()]


def says_none(text: str) -> bool:
    """Tell whether a cell is empty, or says that there is no phone."""
    word = text.strip(" .!?*_-\u2013\u2014").casefold()
    return not word or word in _NO_PHONE


def _read_piece(piece: str, region: str) -> list[PhoneNumber | InvalidPhone]:
    """Read one number, or several with nothing but blanks between them."""
    number = _read_number(piece, region)
    if isinstance(number, PhoneNumber) or " " not in piece:
        return [number]
    several = [_read_number(part, region) for part in piece.split()]
    if all(isinstance(part, PhoneNumber) for part in several):
        return several
    return [number]


def _read_number(text: str, region: str) -> PhoneNumber | InvalidPhone:
    digits = _FLOAT_TAIL.sub("", text)
    if sum(character.isdigit() for character in digits) >= 7:
        digits = _WORDS_AFTER.sub("", digits)
    if region == "UA" and _OLD_UKRAINIAN.match(re.sub(r"\D", "", digits)):
        digits = "+3" + re.sub(r"\D", "", digits)
    try:
        return parse(digits, region)
    except InvalidPhone as fault:
        return fault
