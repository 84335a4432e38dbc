"""What an address asks of the reports: period, filters, order; what cannot be read is left open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request

from campaigns.reports.dimensions import OF_DAYS, Dimension
from campaigns.reports.periods import Period, PeriodWrong, Usual, usual

#: An address names so many values of a dimension at most.
MOST_VALUES = 100
_IDS = frozenset(
    {
        *(Dimension.CAMPAIGN, Dimension.LIST, Dimension.AGENT, Dimension.TRUNK),
        *(Dimension.FORM, Dimension.SCRIPT),
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see."""

    period: Period
    which: Usual | None  #: None: own dates
    filters: Mapping[Dimension, tuple[str, ...]] = field(default_factory=dict)
    step: Dimension = Dimension.DAY
    sort: str = ""  #: a measure's key; "": by the rows' own order
    rising: bool = False
    page: int = 0

    def address(self, path: str, **changes: str | int | bool) -> str:
        """Return an address that asks the same, with changes; filters: by the dimension's name."""
        said: dict[str, list[str]] = {}
        if self.which is not None:
            said["period"] = [self.which.value]
        else:
            said["first"] = [self.period.first.isoformat()]
            said["last"] = [self.period.last.isoformat()]
        said |= {one.value: [v or "-" for v in values] for one, values in self.filters.items()}
        if self.step is not Dimension.DAY:
            said["step"] = [self.step.value]
        if self.sort:
            said["sort"] = [self.sort]
        if self.rising:
            said["rising"] = ["1"]
        said |= {name: [str(value)] for name, value in changes.items()}
        pairs = [(name, value) for name, values in said.items() for value in values]
        return f"{path}?{urlencode(pairs)}" if pairs else path


def read_asked(request: Request, today: date) -> Asked:
    """Return what a request's address asks.

    Raises:
        PeriodWrong: the dates are no period.
    """
    said = request.query_params
    which = _usual(said.get("period", ""))
    first, last = _day(said.get("first", "")), _day(said.get("last", ""))
    if which is None and first and last:
        period = Period(first, last)
    else:
        which = which or Usual.DAYS_30
        period = usual(which, today)
    page = said.get("page", "0")
    return Asked(
        period=period,
        which=which,
        filters=read_filters((name, value) for name, value in said.multi_items()),
        step=_step(said.get("step", "")),
        sort=said.get("sort", "")[:60],
        rising=said.get("rising") == "1",
        page=int(page) if page.isdecimal() and len(page) < 8 else 0,
    )


def _usual(text: str) -> Usual | None:
    return Usual(text) if text in set(Usual) else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not date(2000, 1, 1) <= day <= date(2200, 1, 1):
        raise PeriodWrong(day=text)
    return day


def _step(text: str) -> Dimension:
    return Dimension(text) if text in {one.value for one in OF_DAYS} else Dimension.DAY


def read_filters(pairs: Iterable[tuple[str, str]]) -> dict[Dimension, tuple[str, ...]]:
    """Return the filters among names and values; what is no dimension, or no id, is left out."""
    found: dict[Dimension, tuple[str, ...]] = {}
    known = {one.value: one for one in Dimension}
    for name, value in pairs:
        dimension = known.get(name)
        if dimension is None or len(value) > 200:
            continue
        if dimension in _IDS and not (_is_id(value) or value == "-"):
            continue
        if value == "":
            continue  # a form's field that was left open
        values = found.get(dimension, ())
        if len(values) < MOST_VALUES:
            found[dimension] = (*values, "" if value == "-" else value)
    if found.get(Dimension.CAMPAIGN):
        found[Dimension.CAMPAIGN] = tuple(one for one in found[Dimension.CAMPAIGN] if one)
    return found


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
