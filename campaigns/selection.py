"""Which leads a campaign dials, and in what order: the settings of its selection."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import product
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from campaigns.filter_words import FIELDS
from campaigns.filters import AllOf, AnyOf, Condition, Not, parse

#: Cells a campaign's quotas may span; each may need a lane for each list and priority.
MOST_CELLS = 500

Percent = Annotated[float, Field(ge=0, le=100)]


class DrawOrder(StrEnum):
    """How new leads and those tried before follow each other, within one priority."""

    AS_DUE = "as_due"  #: as they fell due, the longest due first
    NEW_FIRST = "new_first"
    RETRIES_FIRST = "retries_first"
    INTERLEAVED = "interleaved"  #: in the proportion of ``new_share``


class NewOrder(StrEnum):
    """The order of new leads that fell due together."""

    FILE = "file"
    RANDOM = "random"  #: shuffled by the seed: the same seed gives the same order


class Quota(Condition):
    """So many successes among the contacts that fit a condition; then no more of them are dialled."""

    target: Annotated[int, Field(ge=1)]

    @property
    def words(self) -> str:
        """Return what it is about, in the words of its condition."""
        said = self.value
        words = ", ".join(map(str, said)) if isinstance(said, list | tuple) else str(said)
        return (
            f"{self.field} {self.op.value} {words}"
            if said is not None
            else f"{self.field} {self.op.value}"
        )


class Selection(BaseModel):
    """What a campaign selects from its lists.

    A priority is always dialled out before a lower one begins. Percentages hold within a priority.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    segment: UUID | None = None  #: a saved filter; together with ``filter`` both must hold
    filter: dict[str, Any] | None = None
    order: DrawOrder = DrawOrder.AS_DUE
    new_share: Percent = 50.0  #: of the calls when interleaved
    new_order: NewOrder = NewOrder.FILE
    seed: int = Field(default=0, ge=-(2**63), lt=2**63)
    list_mix: dict[UUID, Percent] = Field(default_factory=dict)  #: 0 = the list rests
    quotas: tuple[Quota, ...] = ()

    @field_validator("filter")
    @classmethod
    def _filter_must_parse(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is not None:
            parse(value)
        return value

    @model_validator(mode="after")
    def _must_add_up(self) -> Self:
        if sum(self.list_mix.values()) > 100:
            raise ValueError("list_mix: the lists have more than 100 percent together")
        if cell_count(self.quotas) > MOST_CELLS:
            raise ValueError(f"quotas: more than {MOST_CELLS} combinations of quotas")
        calls = [row.field for row in self.quotas if row.field in _OF_CALLS]
        if calls:
            raise ValueError(f"quotas: {calls[0]} changes with every call")
        return self

    def conditions(self) -> AllOf | AnyOf | Not | Condition | None:
        """Return the filter given here; the saved segment's is apart."""
        return parse(self.filter) if self.filter is not None else None

    def selects_alike(self, other: "Selection") -> bool:
        """Tell whether leads selected by ``other`` need not be selected anew."""
        return self.model_dump(include=_APPLIED) == other.model_dump(include=_APPLIED)


#: What is written into the leads when the selection is applied; the rest counts at each draw.
_APPLIED = {"segment", "filter", "new_order", "seed", "quotas"}
_OF_CALLS = frozenset(name for name in FIELDS if "attempt" in name or "last_" in name)


def quota_groups(quotas: Sequence[Quota]) -> list[list[int]]:
    """Return the quotas' indexes by field, in the order given: of one field the first that fits counts."""
    by_field: dict[str, list[int]] = {}
    for index, quota in enumerate(quotas):
        by_field.setdefault(quota.field, []).append(index)
    return list(by_field.values())


def cell_count(quotas: Sequence[Quota]) -> int:
    """Return how many combinations there are of one quota (or none) of each field."""
    count = 1
    for group in quota_groups(quotas):
        count *= len(group) + 1
    return count


def quotas_of(quotas: Sequence[Quota], cell: int) -> list[int]:
    """Return the quotas (indexes) to which a cell belongs, one of each field at most."""
    found = []
    for group in quota_groups(quotas):
        cell, rank = divmod(cell, len(group) + 1)
        if rank:
            found.append(group[rank - 1])
    return found


def cells_with(quotas: Sequence[Quota], full: set[int]) -> set[int]:
    """Return the cells to which one of the ``full`` quotas (indexes) belongs.

    A contact's cell is a number in mixed radix: for each field, the rank of its quota among those of
    the field, or 0; the first field counts ones.
    """
    cells = set()
    groups = quota_groups(quotas)
    for ranks in product(*(range(len(group) + 1) for group in groups)):
        cell, weight, is_full = 0, 1, False
        for rank, group in zip(ranks, groups, strict=True):
            cell += rank * weight
            weight *= len(group) + 1
            is_full = is_full or (rank > 0 and group[rank - 1] in full)
        if is_full:
            cells.add(cell)
    return cells
