"""A client's own days off, pure: they close whole days of the contact's calendar, and open nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from compliance.hours.calendars import Calendars
from compliance.rulebook.rules import WindowTerms

#: Days that come back each year are written out for these.
YEARS = range(2020, 2101)
_ALL_DAY = ((time.min, time.max),)
_FEBRUARY_29 = (2, 29)


@dataclass(frozen=True, slots=True)
class OwnDay:
    """One day off."""

    on_date: date
    every_year: bool = False
    region: str = ""  #: ISO 3166-1 or 3166-2; empty: everywhere


@dataclass(frozen=True, slots=True)
class OwnDays:
    """All days off of a client."""

    days: tuple[OwnDay, ...] = ()

    def terms(self, jurisdictions: Iterable[str]) -> tuple[WindowTerms, ...]:
        """Return windows that are open but on the days off of the places; each region has its own."""
        regions = {"", *jurisdictions} & {day.region for day in self.days}
        return tuple(
            WindowTerms((_ALL_DAY,) * 7, holiday=(), calendar=_key(region))
            for region in sorted(regions)
        )

    def dates(self, region: str) -> tuple[date, ...]:
        """Return the dates of one region, in order."""
        return tuple(sorted(_dates(self.days, region)))

    def calendars(self, base: Calendars) -> Calendars:
        """Return calendars that know the days off, too: what :meth:`terms` names."""
        for region in sorted({day.region for day in self.days}):
            base = base.with_own(_key(region), _dates(self.days, region), YEARS)
        return base

    def is_off(
        self,
        jurisdictions: Iterable[str],
        zones: Sequence[str],
        at: datetime,
        *,
        margin_s: float = 0.0,
    ) -> bool:
        """Tell whether it is a day off in some zone at ``at``, or would be ``margin_s`` later."""
        dates = [_dates(self.days, region) for region in {"", *jurisdictions}]
        if not any(dates):
            return False
        instants = (at, at + timedelta(seconds=margin_s))
        found = {
            instant.astimezone(ZoneInfo(zone)).date() for zone in zones for instant in instants
        }
        return any(found & some for some in dates)


#: None at all.
NO_DAYS_OFF = OwnDays()


def _key(region: str) -> str:
    return f"own:{region}"


@lru_cache(maxsize=1024)
def _dates(days: tuple[OwnDay, ...], region: str) -> frozenset[date]:
    return frozenset(found for day in days if day.region == region for found in _written_out(day))


def _written_out(day: OwnDay) -> Iterable[date]:
    if not day.every_year:
        return (day.on_date,)
    return (
        day.on_date.replace(year=year)
        for year in YEARS
        if (day.on_date.month, day.on_date.day) != _FEBRUARY_29 or _is_leap(year)
    )


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
