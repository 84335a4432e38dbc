"""Periods of whole days in the client's zone, and the period before."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dialer.errors import Invalid

#: Ten years: longer than anything is kept.
MOST_DAYS = 3_660


class PeriodWrong(Invalid):
    """No such span of days."""

    code = "period_wrong"
    message = "The period must begin before it ends, and have at most ten years."


class Usual(StrEnum):
    """Periods people ask for most, seen from today."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"  #: from Monday on
    LAST_WEEK = "last_week"
    MONTH = "month"
    LAST_MONTH = "last_month"
    DAYS_30 = "days_30"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse what is no span.

        Raises:
            PeriodWrong: it ends before it begins, or is too long.
        """
        if not 0 <= (self.last - self.first).days < MOST_DAYS:
            raise PeriodWrong(first=self.first.isoformat(), last=self.last.isoformat())

    @property
    def days(self) -> int:
        """Return how many days there are, 1 or more."""
        return (self.last - self.first).days + 1

    def before(self) -> "Period":
        """Return the period before: the months before whole months, else as many days."""
        after = self.last + timedelta(days=1)
        if self.first.day == 1 and after.day == 1:
            months = (after.year - self.first.year) * 12 + after.month - self.first.month
            return Period(_months_back(self.first, months), self.first - timedelta(days=1))
        span = timedelta(days=self.days)
        return Period(self.first - span, self.last - span)

    def starts(self, zone: str) -> list[datetime]:
        """Return the instants at which the days begin, and the one at which the last ends."""
        clock = ZoneInfo(zone)
        days = (self.first + timedelta(days=n) for n in range(self.days + 1))
        return [datetime.combine(day, time(), clock).astimezone(UTC) for day in days]


def _months_back(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def day_of(at: datetime, zone: str) -> date:
    """Return the day on which an instant falls in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def usual(which: Usual, today: date) -> Period:
    """Return a usual period."""
    yesterday, monday = today - timedelta(days=1), today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    match which:
        case Usual.TODAY:
            return Period(today, today)
        case Usual.YESTERDAY:
            return Period(yesterday, yesterday)
        case Usual.WEEK:
            return Period(monday, today)
        case Usual.LAST_WEEK:
            return Period(monday - timedelta(days=7), monday - timedelta(days=1))
        case Usual.MONTH:
            return Period(month, today)
        case Usual.LAST_MONTH:
            return Period(_months_back(month, 1), month - timedelta(days=1))
        case Usual.DAYS_30:
            return Period(today - timedelta(days=29), today)
        case Usual.YEAR:
            return Period(today.replace(month=1, day=1), today)
