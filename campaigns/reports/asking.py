"""What can be asked of the figures: measures x dimensions x filters x period, and the table that answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from campaigns.reports.components import OF_CALLS, Counts
from campaigns.reports.dimensions import (
    OF_AGENT_TIME,
    OF_CASES,
    Dimension,
)
from campaigns.reports.measure import Group, Measure
from campaigns.reports.measures import MEASURES
from campaigns.reports.periods import Period
from dialer.errors import Invalid

#: More rows are no table that anybody reads; an export of calls is another thing.
MOST_ROWS = 10_000
MOST_DIMENSIONS = 4


class MeasureUnknown(Invalid):
    """There is no such measure."""

    code = "measure_unknown"
    message = "There is no such measure."


class TooManyDimensions(Invalid):
    """A table with so many levels is not read."""

    code = "too_many_dimensions"
    message = "Figures can be grouped by four things at most."


class TooManyRows(Invalid):
    """The grouping is too fine."""

    code = "too_many_rows"
    message = "These are too many rows: choose a shorter period or group by less."


Filters = Mapping[Dimension, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """Which measures, by what, of what."""

    measures: tuple[str, ...]
    period: Period
    dimensions: tuple[Dimension, ...] = ()
    filters: Filters = field(default_factory=dict)  #: any of the values, of each dimension

    def __post_init__(self) -> None:
        """Refuse what cannot be answered.

        Raises:
            MeasureUnknown: of a name that is no measure's.
            TooManyDimensions: there are more than four.
        """
        unknown = sorted(set(self.measures) - set(MEASURES))
        if unknown:
            raise MeasureUnknown(measures=unknown)
        if len(self.dimensions) > MOST_DIMENSIONS:
            raise TooManyDimensions(most=MOST_DIMENSIONS)

    @property
    def asked(self) -> frozenset[Dimension]:
        """Return every dimension that is grouped or filtered by."""
        return frozenset(self.dimensions) | frozenset(self.filters)

    def columns(self) -> tuple[Measure, ...]:
        """Return the measures."""
        return tuple(MEASURES[key] for key in self.measures)

    def knows(self, measure: Measure) -> bool:
        """Tell whether a measure can be had by these dimensions."""
        asked = self.asked
        if measure.group is Group.PEOPLE:
            return not asked
        if measure.group is Group.CASES and not asked <= OF_CASES:
            return False
        if needs_agent_time(measure):
            return asked <= OF_AGENT_TIME
        return True


def needs_agent_time(measure: Measure) -> bool:
    """Tell whether a measure needs the log of the agents' states."""
    from_log = {name for name in measure.components if name in AGENT_COMPONENTS or name == "cost"}
    return bool(from_log)


def needs_calls(measure: Measure) -> bool:
    """Tell whether a measure needs calls or agents' time; some of contacts do, too."""
    if measure.group in (Group.CASES, Group.PEOPLE):
        return bool(measure.components & {*OF_CALLS, *AGENT_COMPONENTS})
    return True


AGENT_COMPONENTS = frozenset(
    {
        *("on_call_ms", "wrap_up_ms", "ready_ms", "previewing_ms", "dialing_ms", "reserved_ms"),
        *("connecting_ms", "paused_ms", "agent_days"),
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands, and what was counted there."""

    key: tuple[str, ...]  #: a value for each dimension
    counts: Counts
    before: Counts | None = None  #: of the period before; None: it was not asked for


@dataclass(frozen=True, slots=True)
class Table:
    """Figures, ready to be shown."""

    question: Question
    rows: tuple[Row, ...]
    total: Row
    raw_days: int = 0  #: days of campaigns that were counted from raw rows

    def value(self, row: Row, measure: Measure, *, before: bool = False) -> Decimal | None:
        """Return a measure of a row, or of the period before it; None: unknown."""
        counts = row.before if before else row.counts
        if counts is None or not self.question.knows(measure):
            return None
        return measure.value(counts)
