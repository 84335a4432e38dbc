"""What a saved report asks: measures by dimensions, filters, a period that moves with the days. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from campaigns.reports.asking import MOST_DIMENSIONS, Question
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measure import Group, Measure
from campaigns.reports.measures import MEASURES
from campaigns.reports.periods import Period, Usual, usual
from campaigns.saved_reports.errors import NothingChosen, ShowsInternal

MOST_MEASURES = 30
MOST_VALUES = 100

Value = Annotated[str, Field(max_length=200)]
#: Groups of measures that are the call centre's own business.
INTERNAL_GROUPS = frozenset({Group.COST, Group.PEOPLE, Group.AGENTS})
#: Measures of other groups that tell operators' time, or how long the called waited.
INTERNAL_MEASURES = frozenset(
    {"forms_per_hour", "sales_per_hour", "time_per_contact", "asa", "service_level"}
)
#: Dimensions that name its staff or its lines.
INTERNAL_DIMENSIONS = frozenset({Dimension.AGENT, Dimension.TRUNK})

#: Dimensions whose values are ids; only a campaign is always known.
_IDS = frozenset(
    {
        *(Dimension.CAMPAIGN, Dimension.LIST, Dimension.AGENT, Dimension.TRUNK),
        *(Dimension.FORM, Dimension.SCRIPT),
    }
)


class Definition(BaseModel):
    """A report as it is saved; a change makes a new version of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measures: Annotated[tuple[str, ...], Field(max_length=MOST_MEASURES)] = ()
    dimensions: Annotated[tuple[Dimension, ...], Field(max_length=MOST_DIMENSIONS)] = ()
    filters: dict[Dimension, Annotated[tuple[Value, ...], Field(max_length=MOST_VALUES)]] = Field(
        default_factory=dict
    )
    period: Usual | None = Usual.DAYS_30  #: None: the own dates
    first: date | None = None
    last: date | None = None
    sort: str = ""  #: a measure's key; "": by the rows' own order
    rising: bool = False
    with_before: bool = True  #: the period before stands beside

    @field_validator("filters")
    @classmethod
    def _are_ids(
        cls, filters: dict[Dimension, tuple[str, ...]]
    ) -> dict[Dimension, tuple[str, ...]]:
        for dimension in filters.keys() & _IDS:
            for value in filters[dimension]:
                if value or dimension is Dimension.CAMPAIGN:
                    UUID(value)  # a ValueError says that it is none
        return filters

    def period_on(self, today: date) -> Period:
        """Return the days that the report is about, asked on a day.

        Raises:
            PeriodWrong: the own dates are no period.
        """
        if self.period is not None or self.first is None or self.last is None:
            return usual(self.period or Usual.DAYS_30, today)
        return Period(self.first, self.last)

    def question(self, today: date) -> Question:
        """Return what is counted.

        Raises:
            NothingChosen: there is no measure.
            MeasureUnknown, TooManyDimensions, PeriodWrong: it cannot be counted so.
        """
        if not self.measures:
            raise NothingChosen
        return Question(
            tuple(dict.fromkeys(self.measures)),
            self.period_on(today),
            tuple(dict.fromkeys(self.dimensions)),
            {one: values for one, values in self.filters.items() if values},
        )

    @property
    def internal(self) -> tuple[str, ...]:
        """Return the measures and dimensions that are not for the client's eyes."""
        measures = [key for key in self.measures if key in MEASURES and is_internal(MEASURES[key])]
        asked = {*self.dimensions, *(one for one, values in self.filters.items() if values)}
        return (*measures, *sorted(one.value for one in asked & INTERNAL_DIMENSIONS))

    def stored(self) -> dict[str, Any]:
        """Return the definition as it is kept."""
        return self.model_dump(mode="json")


def is_internal(measure: Measure) -> bool:
    """Tell whether a measure is the call centre's own business."""
    return measure.group in INTERNAL_GROUPS or measure.key in INTERNAL_MEASURES


def read(stored: Mapping[str, Any]) -> Definition:
    """Return a definition that was kept."""
    return Definition.model_validate(stored)


def require_for_client(definition: Definition) -> None:
    """Let through what a client's people may see.

    Raises:
        ShowsInternal: it has costs, staff or operators' names.
    """
    if definition.internal:
        raise ShowsInternal(internal=list(definition.internal))
