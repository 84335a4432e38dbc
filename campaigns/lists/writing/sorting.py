"""Sorting: each row becomes a draft of a contact, or a refusal with its reason. No database, no clock."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, field

from campaigns.lists.columns.cells import find_phones
from campaigns.lists.columns.fields import ColumnField
from campaigns.lists.columns.mapping import Mapping
from campaigns.lists.columns.traits import TraitReader
from campaigns.lists.refusals import ImportWarning, Refusal, RefusalReason
from campaigns.lists.staged.plan import NumberLimits, SameBy
from campaigns.lists.writing.batch import Batch, Draft
from campaigns.lists.writing.identifiers import Identifiers
from campaigns.lists.writing.placing import Places
from campaigns.lists.writing.seen import Seen
from campaigns.states import PhoneKind
from compliance.places.numbering import is_dialable
from dialer.phone_fast import fast_parse
from dialer.phone_number import PhoneNumber

#: In the place of a row that is not known yet.
_AGAIN = -1
#: Numbers, pieces that are none, why there are no numbers, and that as a sentence.
_Found = tuple[tuple[PhoneNumber, ...], int, str | None, str]
_NO_PHONE: _Found = ((), 0, RefusalReason.NO_PHONE, "There is no phone number.")
_PRIMARY_ONLY = (PhoneKind.PRIMARY,)


@dataclass(slots=True)
class Rows:
    """Which number in the list each row of the file gets, and which columns are the client's own."""

    base: int = 0  #: rows of the list before this file
    own: tuple[int, ...] | None = None  #: positions of the client's columns; None = all
    row_column: int | None = None  #: where a mended file says which row it was
    refused: set[int] = field(default_factory=set)  #: rows of the list that wait to be mended
    done: int = 0  #: rows of the file


class Sorter:
    """Sorts the rows of one file, and remembers the persons it has seen."""

    def __init__(
        self,
        mapping: Mapping,
        *,
        region: str,
        by: SameBy,
        rows: Rows,
        places: Places | None,
        limits: NumberLimits | None,
    ) -> None:
        """Sort as ``mapping`` says; ``places`` None: nobody asks where the numbers are."""
        self.traits = TraitReader(mapping)
        self._phones = [(use.column, use.kind) for use in mapping.uses if _is_phone(use.field)]
        self._phone_columns = mapping.phone_columns
        self._kinds_matter = any(kind for _, kind in self._phones)
        self._names = mapping.name_columns
        self._company = mapping.position(ColumnField.COMPANY)
        self._region = region
        self._seen = Seen(by)
        self._ids = Identifiers()
        self._rows = rows
        self._slot = None if places is None else places.slot
        self._limits = limits

    def sort(self, rows: Sequence[list[str]]) -> Batch:
        """Return what ``rows``, the next ones of the file, will be."""
        batch = Batch(len(rows))
        next_id = self._ids.next
        for cells in rows:
            source_row = self._number(cells, batch)
            numbers, skipped, reason, detail = self._find(cells)
            if self._limits is not None and numbers:
                found = len(numbers)
                numbers, reason, detail = _allowed(numbers, self._limits)
                skipped += found - len(numbers)
            if reason is not None:
                batch.refused.append(Refusal(source_row, reason, detail, self._own(cells)))
                continue
            batch.drafts.append(self._draft(source_row, cells, numbers, skipped, next_id()))
        self._name_first_rows([draft for draft in batch.drafts if draft.first_row])
        return batch

    def _name_first_rows(self, repeats: list[Draft]) -> None:
        """Say of drafts whose persons came before in which rows."""
        rows = self._seen.first_rows([draft.identity for draft in repeats])
        for draft, row in zip(repeats, rows, strict=True):
            draft.first_row = row

    def _draft(
        self,
        source_row: int,
        cells: list[str],
        numbers: tuple[PhoneNumber, ...],
        skipped: int,
        contact_id: bytes,
    ) -> Draft:
        name = self._name(cells)
        traits = self.traits.read(cells, numbers[0].region)
        identity, again, shared = self._seen.look(
            source_row, numbers[0].e164, name, traits.external_key
        )
        if shared:
            self.traits.warnings[ImportWarning.SHARED_NUMBER] += 1
        kinds: tuple[PhoneKind, ...] = _PRIMARY_ONLY
        places: tuple[int, ...] = ()
        if self._kinds_matter or len(numbers) > 1:
            kinds = self._kinds(cells, numbers)
        if self._slot is not None:
            slot = self._slot
            places = tuple([slot(number.e164, traits) for number in numbers])
        return Draft(
            source_row,
            self._own(cells),
            numbers,
            kinds,
            places,
            skipped,
            name,
            traits,
            identity,
            contact_id,
            _AGAIN if again else 0,
        )

    def _number(self, cells: list[str], batch: Batch) -> int:
        """Return the row's number in the list: its old one when it was refused there and is mended."""
        self._rows.done += 1
        if self._rows.row_column is not None:
            text = cells[self._rows.row_column].strip()
            old = int(text) if text.isascii() and text.isdecimal() else 0
            if old in self._rows.refused:
                self._rows.refused.remove(old)
                batch.mended.append(old)
                return old
        return self._rows.base + self._rows.done

    def _own(self, cells: list[str]) -> list[str]:
        own = self._rows.own
        return cells if own is None else [cells[at] for at in own]

    def _find(self, cells: list[str]) -> _Found:
        filled = [cells[at] for at in self._phone_columns if cells[at]]
        if len(filled) == 1 and "." not in filled[0]:
            # The quick way of find_phones, without the wrapping of its answer.
            number = fast_parse(filled[0], self._region)
            if number:
                return (number,), 0, None, ""
        if not filled:
            return _NO_PHONE
        found = find_phones(filled, self._region)
        return found.numbers, found.skipped, found.reason, found.detail

    def _kinds(self, cells: list[str], numbers: tuple[PhoneNumber, ...]) -> tuple[PhoneKind, ...]:
        """Return what each number is for: as its column says, else the first is primary."""
        said: dict[str, PhoneKind] = {}
        if self._kinds_matter:
            for at, kind in self._phones:
                for number in find_phones((cells[at],), self._region).numbers if kind else ():
                    said.setdefault(number.e164, kind or PhoneKind.OTHER)
        return tuple(
            said.get(number.e164, PhoneKind.OTHER if position else PhoneKind.PRIMARY)
            for position, number in enumerate(numbers)
        )

    def _name(self, cells: list[str]) -> str:
        names = self._names
        name = cells[names[0]] if len(names) == 1 else " ".join([cells[at] for at in names])
        if self._company is not None and not name.strip():
            name = cells[self._company]
        if "&" in name:
            name = html.unescape(name)
        return " ".join(name.split())


def _is_phone(field_: ColumnField) -> bool:
    return field_ is ColumnField.PHONE


def _allowed(
    numbers: tuple[PhoneNumber, ...], limits: NumberLimits
) -> tuple[tuple[PhoneNumber, ...], str | None, str]:
    """Return the numbers the client may call, else why it may call none of them."""
    allowed = []
    first = None
    for number in numbers:
        refusal = is_dialable(number.e164, limits.allowed_countries, limits.allowed_types)
        if refusal is None:
            allowed.append(number)
        else:
            first = first or refusal
    if allowed or first is None:
        return tuple(allowed), None, ""
    return (), str(first), "The client may not call this kind of number."
