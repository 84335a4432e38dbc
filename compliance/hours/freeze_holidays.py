"""Make the tables of ``data/holidays`` anew, with the development dependency ``holidays``.

To be called by a maintainer, not by the program:
``python -c "from compliance.hours.freeze_holidays import *; freeze(range(2025, 2029), TABLES)"``.
Read the difference before it is committed: it changes when people are called.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.hours.calendars import COLUMNS, ESTIMATED, PUBLIC

if TYPE_CHECKING:
    import holidays

__all__ = ["TABLES", "HolidaysMissing", "freeze"]

#: Where the shipped tables are.
TABLES = Path(__file__).parents[1] / "data" / "holidays"

_ESTIMATED_SUFFIX = " (estimated)"
_SATURDAY = 5


class HolidaysMissing(ImportError):
    """The development dependency ``holidays`` is not installed: ``make setup`` installs it."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What is taken from the library: a country or subdivision, some categories of days."""

    country: str
    subdivision: str | None = None
    categories: tuple[str, ...] = ("public",)
    regional: str = ""  #: "any" or "all": the holidays of any, or of all, of its subdivisions
    observe_weekends: bool = False


def _parts() -> dict[str, tuple[_Part, ...]]:
    """Return the parts each calendar is the union of."""
    plain = ("FR", "IT", "RU", "KZ", "ZA", "NZ", "BR", "CO", "CL")
    states = ("AL", "LA", "NE", "PA", "UT")
    return {
        **{country: (_Part(country),) for country in plain},
        **{f"US-{state}": (_Part("US", state),) for state in states},
        # A state or a federal holiday closes the day (R.I. Gen. Laws 5-61-2).
        "US-RI": (_Part("US", "RI"), _Part("US", categories=("public", "government"))),
        # Regional holidays close the day too, and a Spanish mobile number has no region.
        "ES": (_Part("ES", regional="any"),),
        # The nation's days, and those that all states observe when one falls on a weekend.
        "AU": (_Part("AU"), _Part("AU", regional="all")),
        # The fifth of May is a recognised holiday every year, if not always a day off.
        "NL": (_Part("NL", categories=("public", "optional")),),
        # Martial law made the statutory holidays working days, which the library calls "workday".
        # They stay holidays here: debts may be collected on working days only, and the stricter
        # reading costs a dozen days. So do the Mondays after those on a weekend.
        "UA": (_Part("UA", categories=("workday",), observe_weekends=True),),
    }


def freeze(years: Iterable[int], target: Path) -> None:
    """Write one table a country into ``target``, replacing those that are there.

    Args:
        years: the years to cover; take this one and at least the next two.
        target: an existing folder, ``TABLES`` for those that are shipped.

    Raises:
        HolidaysMissing: the library is not installed.
        ValueError: the library knows no holiday of a calendar in one of the years.
    """
    wanted = sorted(set(years))
    tables: defaultdict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    for key, parts in sorted(_parts().items()):
        for year in wanted:
            days = _days_of(parts, year)
            if not days:
                raise ValueError(f"no holidays of {key} in {year}")
            tables[key[:2]] += [(key, str(day), *named) for day, named in sorted(days.items())]
    for country, rows in tables.items():
        with (target / f"{country}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)


def _days_of(parts: Iterable[_Part], year: int) -> dict[date, tuple[str, str]]:
    """Return name and kind of each holiday; where parts differ, the first part names it."""
    days: dict[date, tuple[str, str]] = {}
    for part in parts:
        for day, name in _named(part, year).items():
            kind = ESTIMATED if _ESTIMATED_SUFFIX in name else PUBLIC
            days.setdefault(day, (name.replace(_ESTIMATED_SUFFIX, ""), kind))
        if part.observe_weekends:
            days.update(_observed(days))
    return {day: named for day, named in days.items() if day.year == year}


def _observed(days: dict[date, tuple[str, str]]) -> dict[date, tuple[str, str]]:
    """Return the working days that follow holidays on a weekend."""
    observed: dict[date, tuple[str, str]] = {}
    for day, (name, kind) in sorted(days.items()):
        if day.weekday() >= _SATURDAY:
            while day.weekday() >= _SATURDAY or day in days or day in observed:
                day += timedelta(days=1)
            observed[day] = (f"{name} (observed)", kind)
    return observed


def _named(part: _Part, year: int) -> dict[date, str]:
    """Return the holidays of a part by name; where subdivisions differ, the first names the day."""
    entity = _entity(part.country)
    subdivisions = entity.subdivisions if part.regional else (part.subdivision,)
    tables = [_table(part, subdivision, year) for subdivision in subdivisions]
    named = {day: name for table in reversed(tables) for day, name in table.items()}
    if part.regional == "all":
        return {day: name for day, name in named.items() if all(day in table for table in tables)}
    return named


def _table(part: _Part, subdivision: str | None, year: int) -> dict[date, str]:
    entity = _entity(part.country)
    language = "en_US" if "en_US" in entity.supported_languages else None
    days = entity(subdiv=subdivision, years=year, categories=part.categories, language=language)
    return dict(days.items())


def _entity(country: str) -> "type[holidays.HolidayBase]":
    try:
        import holidays
    except ImportError as error:
        raise HolidaysMissing("install the package holidays: make setup") from error
    entity: type[holidays.HolidayBase] = getattr(holidays, country)
    return entity
