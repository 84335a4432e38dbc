"""Consents from a CSV file: every row is accepted, or refused with its line and the reason."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from campaigns.law.consents import NewConsent, checked
from campaigns.law.instants import parse_instant
from compliance.rulebook.packs import RuleBook
from dialer import phone
from dialer.errors import Invalid

_SEPARATORS = ",;\t"
_NEEDED = ("number", "kind", "granted_at", "proof")
_COLUMNS = (*_NEEDED, "scope", "expires_at")


class NotAConsentFile(Invalid):
    """The file lacks a column, or is no text."""

    code = "not_a_consent_file"
    message = "The file must be CSV with the columns number, kind, granted_at and proof."


@dataclass(frozen=True, slots=True)
class RefusedConsent:
    """A row that gave no consent."""

    line: int  #: 1 = the headings
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ConsentRows:
    """What a file holds: rows = accepted + refused + repeated."""

    accepted: tuple[NewConsent, ...]
    refused: tuple[RefusedConsent, ...]
    repeated: int  #: rows that say the same as one before


def read_consents(data: bytes, *, region: str, book: RuleBook, now: datetime) -> ConsentRows:
    """Read the rows of a CSV file.

    Columns: number, kind, granted_at, proof; also scope and expires_at. ``region`` (alpha-2) is
    assumed for numbers without a country code.

    Raises:
        NotAConsentFile: a column is missing.
    """
    accepted: dict[NewConsent, None] = {}
    refused: list[RefusedConsent] = []
    repeated = 0
    for line, cells in _rows(_decoded(data)):
        try:
            consent = checked(_consent(cells, region), book, now)
        except Invalid as error:
            refused.append(RefusedConsent(line, error.code, error.detail))
            continue
        repeated += consent in accepted
        accepted[consent] = None
    return ConsentRows(tuple(accepted), tuple(refused), repeated)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotAConsentFile


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    headings = [cell.strip().lower() for cell in next(reader, [])]
    missing = [name for name in _NEEDED if name not in headings]
    if missing:
        raise NotAConsentFile(missing=missing)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                named = zip(headings, (cell.strip() for cell in cells), strict=False)
                yield reader.line_num, {name: cell for name, cell in named if name in _COLUMNS}
    except csv.Error as error:
        raise NotAConsentFile(f"Line {reader.line_num} cannot be read: {error}.") from error


def _consent(cells: dict[str, str], region: str) -> NewConsent:
    ends = cells.get("expires_at", "")
    return NewConsent(
        e164=phone.parse(cells.get("number", ""), region).e164,
        kind=cells.get("kind", ""),
        granted_at=parse_instant(cells.get("granted_at", "")),
        proof=cells.get("proof", ""),
        scope=cells.get("scope", "") or "*",
        expires_at=parse_instant(ends) if ends else None,
    )
