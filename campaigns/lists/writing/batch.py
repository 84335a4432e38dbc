"""One batch of rows on its way through an import. Types only."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from campaigns.lists.columns.traits import Traits
from campaigns.lists.refusals import Refusal
from campaigns.states import PhoneKind
from dialer.phone_number import PhoneNumber


@dataclass(slots=True)
class Draft:
    """A row that will be a contact, or will go to one that is known."""

    source_row: int
    cells: list[str]  #: the client's own columns
    numbers: tuple[PhoneNumber, ...]
    kinds: tuple[PhoneKind, ...]
    places: tuple[int, ...]  #: slots of :class:`campaigns.lists.writing.placing.Places`
    skipped: int  #: numbers of the row that cannot or may not be dialled
    name: str
    traits: Traits
    identity: str  #: equal for rows of one person, as the plan tells persons apart
    contact_id: bytes  #: of its UUID
    first_row: int = 0  #: the earlier row of the file that has this identity; 0 = none
    merges: bool = False  #: ``contact_id`` is a contact known before


@dataclass(slots=True)
class Batch:
    """Rows that are sorted, looked up and written together."""

    rows: int
    drafts: list[Draft] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    mended: list[int] = field(default_factory=list)  #: rows of the list that were refused before


class ListHead(NamedTuple):
    """What all rows of an import share."""

    client_id: UUID
    list_id: UUID
    import_id: UUID | None
    campaign_id: UUID | None
    columns: tuple[str, ...]  #: the client's own, of the file
    list_columns: tuple[str, ...]  #: of the list: those of its earlier files first
    priority: int  #: of contacts whose row says none
    now: datetime
