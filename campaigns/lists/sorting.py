"""Sorting: each row of a table becomes a contact with phones, or a refused row with its reason."""

import html
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.lists.cells import PhonesFound, RefusalReason, find_phones
from campaigns.lists.mapping import Mapping
from campaigns.states import PhoneKind
from dialer.ids import new_id
from dialer.phone import time_zones


@dataclass(frozen=True, slots=True)
class SortedRows:
    """Rows of the three tables, ready for :func:`campaigns.lists.writing.copy_rows`."""

    contacts: list[dict[str, Any]] = field(default_factory=list)
    phones: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Sorter:
    """Sorts the rows of one list, and remembers the numbers and the refusals it has seen."""

    client_id: UUID
    list_id: UUID
    mapping: Mapping
    columns: list[str]
    region: str  #: ISO 3166-1 alpha-2
    now: datetime
    refusals: Counter[str] = field(default_factory=Counter)
    phones: int = 0
    numbers_skipped: int = 0
    _row_of: dict[str, int] = field(default_factory=dict)  #: primary number -> its first row

    def sort(self, rows: list[list[str]], first_row: int) -> SortedRows:
        """Return what to write for ``rows``, of which the first is row ``first_row`` of the file."""
        out = SortedRows()
        for number, row in enumerate(rows, start=first_row):
            found = self._find(row, number)
            if found.reason is not None:
                self.refusals[found.reason.value] += 1
                out.refused.append(self._refusal(found, row, number))
                continue
            contact = self._contact(row, number)
            out.contacts.append(contact)
            out.phones.extend(self._phones(found, contact["id"]))
            self.numbers_skipped += found.skipped
        self.phones += len(out.phones)
        return out

    def _find(self, row: list[str], number: int) -> PhonesFound:
        found = find_phones((row[at] for at in self.mapping.phone_columns), self.region)
        if found.reason is not None:
            return found
        earlier = self._row_of.setdefault(found.numbers[0].e164, number)
        if earlier == number:
            return found
        detail = f"Row {earlier} has the same number."
        return PhonesFound(reason=RefusalReason.DUPLICATE, detail=detail)

    def _refusal(self, found: PhonesFound, row: list[str], number: int) -> dict[str, Any]:
        return {
            "id": new_id(),
            "client_id": self.client_id,
            "list_id": self.list_id,
            "source_row": number,
            "reason": found.reason,
            "detail": found.detail,
            "original": json.dumps(row),
        }

    def _contact(self, row: list[str], number: int) -> dict[str, Any]:
        name = " ".join(row[at] for at in self.mapping.name_columns)
        return {
            "id": new_id(),
            "client_id": self.client_id,
            "list_id": self.list_id,
            "source_row": number,
            "name": " ".join(html.unescape(name).split()),
            "fields": json.dumps(dict(zip(self.columns, row, strict=True))),
            "created_at": self.now,
        }

    def _phones(self, found: PhonesFound, contact_id: UUID) -> Iterator[dict[str, Any]]:
        for position, number in enumerate(found.numbers):
            yield {
                "id": new_id(),
                "client_id": self.client_id,
                "contact_id": contact_id,
                "position": position,
                "kind": PhoneKind.PRIMARY if position == 0 else PhoneKind.OTHER,
                "e164": number.e164,
                "region": number.region,
                "zones": list(time_zones(number.e164)),
            }
