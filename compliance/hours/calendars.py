"""Public holidays as frozen tables: ``data/holidays/*.csv`` and what must be added to them.

The tables are made by ``freeze_holidays`` and shipped, so that an update of a library cannot change
silently when people are called. What the library lacks stands in ``data/holidays/additions.toml``.
"""

import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from compliance.hours.recurrence import days_of, parse_recurrence

#: The columns of a table.
COLUMNS = ("key", "date", "name", "kind")

#: A day that is known.
PUBLIC = "public"

#: A day that depends on the sight of the moon: it counts with a day before and a day after.
ESTIMATED = "estimated"

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendars:
    """The holidays of each calendar, e.g. ``FR`` or ``US-AL``; immutable.

    Args:
        days: the holidays of each key.
        years: the years of each key whose holidays are known.
    """

    days: Mapping[str, frozenset[date]]
    years: Mapping[str, frozenset[int]]

    def is_holiday(self, key: str, day: date) -> bool:
        """Tell whether ``day`` is a holiday; ask ``covers`` first, since False may mean unknown."""
        return day in self.days.get(key, ())

    def covers(self, key: str, year: int) -> bool:
        """Tell whether the holidays of a year are known; an unknown key covers nothing."""
        return year in self.years.get(key, ())

    def with_additions(self, key: str, dates: Iterable[date]) -> "Calendars":
        """Return calendars in which ``dates`` are holidays of ``key`` too; coverage stays."""
        return self._with(key, self.days.get(key, frozenset()) | frozenset(dates))

    def without(self, key: str, dates: Iterable[date]) -> "Calendars":
        """Return calendars in which ``dates`` are working days of ``key``; coverage stays."""
        return self._with(key, self.days.get(key, frozenset()) - frozenset(dates))

    def with_own(self, key: str, dates: frozenset[date], years: Iterable[int]) -> "Calendars":
        """Return calendars with one more, of a client's own days, which covers ``years``."""
        covered = MappingProxyType({**self.years, key: frozenset(years)})
        return replace(self._with(key, dates), years=covered)

    def _with(self, key: str, days: frozenset[date]) -> "Calendars":
        return replace(self, days=MappingProxyType({**self.days, key: days}))


#: No calendar at all: terms that depend on one are closed.
NO_CALENDARS = Calendars(MappingProxyType({}), MappingProxyType({}))


@cache
def load_calendars() -> Calendars:
    """Read the shipped tables and additions, once a process.

    Raises:
        ValueError: a table or an addition is not what ``freeze_holidays`` or the format says.
    """
    return read_calendars(resources.files("compliance") / "data" / "holidays")


def read_calendars(folder: Traversable) -> Calendars:
    """Read the tables and additions of a folder.

    Raises:
        ValueError: a table or an addition cannot be understood.
    """
    days: defaultdict[str, set[date]] = defaultdict(set)
    years: defaultdict[str, set[int]] = defaultdict(set)
    for table in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if table.name.endswith(".csv"):
            for key, day, kind in _rows(table):
                days[key].update((day - _DAY, day, day + _DAY) if kind == ESTIMATED else (day,))
                years[key].add(day.year)
    additions = tomllib.loads((folder / "additions.toml").read_text(encoding="utf-8"))
    for addition in additions.get("addition", ()):
        _apply(addition, days, years)
    return Calendars(
        MappingProxyType({key: frozenset(some) for key, some in days.items()}),
        MappingProxyType({key: frozenset(some) for key, some in years.items()}),
    )


def _rows(table: Traversable) -> Iterator[tuple[str, date, str]]:
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise ValueError(f"{table.name}: the columns must be {', '.join(COLUMNS)}")
    for row in rows:
        if row["kind"] not in (PUBLIC, ESTIMATED):
            raise ValueError(f"{table.name}: unknown kind {row['kind']!r}")
        yield row["key"], date.fromisoformat(row["date"]), row["kind"]


def _apply(
    addition: Mapping[str, Any], days: Mapping[str, set[date]], years: Mapping[str, set[int]]
) -> None:
    """Add or drop what one entry says, in the years its calendar covers."""
    key = addition["key"]
    if key not in years:
        raise ValueError(f"an addition to {key}, which no table has")
    if "source" not in addition:
        raise ValueError(f"an addition to {key} without a source")
    if "rule" in addition:
        rule = parse_recurrence(addition["rule"])
        for year in years[key]:
            days[key].update(days_of(rule, year))
    days[key].update(addition.get("extra_dates", ()))
    days[key].difference_update(addition.get("drop_dates", ()))
