"""A cross-table as it is asked for and saved, with a period that moves with the days. Pure."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.crosstabs.asking import TableAsked, limits_of, read_targets
from campaigns.crosstabs.weighting import Limits
from campaigns.reports.periods import PeriodWrong, Usual, usual
from dialer.text import PlainText

MOST_VALUES = 100
MOST_TARGETS = 10_000  #: characters

_USUAL = Limits()
_Key = Annotated[PlainText, Field(max_length=200)]
_Version = Annotated[int, Field(ge=1, le=999_999)]


class TableDefinition(BaseModel):
    """A table of a form's interviews; a change makes a new version of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: Annotated[PlainText, Field(max_length=64)] = ""  #: its code
    rows: _Key = ""  #: a variable's key
    columns: _Key = ""  #: "": everybody together
    campaigns: Annotated[tuple[UUID, ...], Field(max_length=MOST_VALUES)] = ()
    versions: Annotated[tuple[_Version, ...], Field(max_length=MOST_VALUES)] = ()
    period: Usual | None = None  #: None: the own dates, each of which may be open
    first: date | None = None
    last: date | None = None
    targets: Annotated[PlainText, Field(max_length=MOST_TARGETS)] = ""  #: as people write them
    least: float = _USUAL.least
    most: float = _USUAL.most

    def asked(self, today: date) -> TableAsked:
        """Return what is counted, asked on a day.

        Raises:
            TargetsUnreadable, LimitsWrong, PeriodWrong: it cannot be counted so.
        """
        first, last = self.first, self.last
        if self.period is not None:
            moving = usual(self.period, today)
            first, last = moving.first, moving.last
        if first and last and first > last:
            raise PeriodWrong(first=first.isoformat(), last=last.isoformat())
        return TableAsked(
            form=self.form,
            rows=self.rows,
            columns=self.columns,
            campaigns=self.campaigns,
            versions=self.versions,
            first=first,
            last=last,
            targets=read_targets(self.targets),
            limits=limits_of(self.least, self.most),
        )

    def stored(self) -> dict[str, Any]:
        """Return the definition as it is kept."""
        return self.model_dump(mode="json")
