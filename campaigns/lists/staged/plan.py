"""What an import is asked to do, and what became of it. Types only."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol, Self
from uuid import UUID

from campaigns.lists.columns.mapping import Mapping as ColumnMapping
from compliance.places.numbering import ALLOWED_TYPES_DEFAULT, NumberType
from dialer.errors import Invalid


class SameBy(StrEnum):
    """What makes two rows the same person."""

    PHONE = "phone"  #: the first number
    KEY = "key"  #: the client's own key; rows without one go by the first number
    PERSON = "person"  #: the name, whatever its case, with the first number


class Scope(StrEnum):
    """Among which contacts a row may have its double; the file itself is always among them."""

    FILE = "file"
    LIST = "list"
    CAMPAIGN = "campaign"  #: whoever is enrolled in the plan's campaign
    CLIENT = "client"


class Then(StrEnum):
    """What becomes of a row whose person is known already."""

    SKIP = "skip"  #: refused as a duplicate
    UPDATE = "update"  #: its cells go to the known contact, its new numbers too
    ADD_PHONES = "add_phones"  #: only its new numbers go to the known contact


@dataclass(frozen=True, slots=True)
class DuplicatePolicy:
    """How duplicates are found and what becomes of them."""

    by: SameBy = SameBy.PHONE
    scope: Scope = Scope.FILE
    then: Then = Then.SKIP


@dataclass(frozen=True, slots=True)
class NumberLimits:
    """Which numbers the client may call."""

    allowed_countries: frozenset[str] | None = None  #: ISO 3166-1 alpha-2; None = all
    allowed_types: frozenset[NumberType] = ALLOWED_TYPES_DEFAULT

    @classmethod
    def of(cls, countries: Iterable[str], types: Iterable[str]) -> Self:
        """Return the limits of a client's columns: no country = all, types besides the harmless ones.

        Raises:
            ValueError: no such type of number.
        """
        return cls(
            frozenset(countries) or None, ALLOWED_TYPES_DEFAULT | set(map(NumberType, types))
        )


class ScopeNeedsCampaign(Invalid):
    """Duplicates are looked for in a campaign, and none is given."""

    code = "scope_needs_campaign"
    message = "To look for duplicates in a campaign, name the campaign."


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """Everything that decides what becomes of a file."""

    client_id: UUID
    list_id: UUID
    region: str  #: ISO 3166-1 alpha-2 of numbers without a country code
    import_id: UUID | None = None
    mapping: ColumnMapping | None = None  #: None: as proposed
    duplicates: DuplicatePolicy = field(default_factory=DuplicatePolicy)
    campaign_id: UUID | None = None  #: enrol the contacts there at once
    priority: int = 0  #: of contacts whose row says none
    limits: NumberLimits | None = None  #: None: every valid number is taken

    def __post_init__(self) -> None:
        """Refuse a scope that cannot be looked at."""
        if self.duplicates.scope is Scope.CAMPAIGN and self.campaign_id is None:
            raise ScopeNeedsCampaign


class RowSource(Protocol):
    """A file as rows of text, such as :class:`campaigns.lists.reading.tables.OpenTable`."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the headings, which are not empty and differ."""
        ...

    def batches(self, size: int) -> Iterator[list[list[str]]]:
        """Yield the rows from the first on, ``size`` at a time, each as wide as the headings."""
        ...


#: Called with the rows done, and all rows once they are known.
Progress = Callable[[int, int | None], None]


class Numbers(Protocol):
    """Some numbers, each once, as integers."""

    def __iter__(self) -> Iterator[int]:
        """Yield them."""
        ...

    def __len__(self) -> int:
        """Return how many there are."""
        ...


#: Takes E.164 numbers as integers and returns those that are listed, such as ``LoadedList.listed``.
DncLookup = Callable[[Iterable[int]], Numbers]


class Sample(NamedTuple):
    """One row as it will be, or would have been, taken."""

    source_row: int
    reason: str  #: why it is refused; "" = it is accepted
    detail: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What became, or would become, of a file: ``rows_in`` = accepted + refused."""

    rows_in: int
    rows_accepted: int
    rows_refused: int
    refused_by_reason: Mapping[str, int]  #: only reasons that occurred
    phones: int  #: of the accepted rows
    numbers_skipped: int  #: numbers of accepted rows that cannot or may not be dialled
    merged: int  #: accepted rows that went to a contact known before
    mended: int  #: accepted rows that were refused when they came first
    warnings: Mapping[str, int]
    samples: tuple[Sample, ...]  #: a few of each kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport(Rehearsal):
    """What became of a file that was written into a list."""

    list_id: UUID
