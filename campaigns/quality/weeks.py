"""Weeks from Monday to Sunday in a zone, and when a week's sample may be drawn. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: After a week's end: its last recordings are kept by then.
DRAW_AFTER = timedelta(hours=3)
#: Weeks that are drawn late, after no worker ran for so long.
MOST_LATE_WEEKS = 4
WEEK = timedelta(days=7)


def week_of(at: datetime, zone: str) -> date:
    """Return the Monday of an instant's week in a zone."""
    day = at.astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=day.weekday())


def bounds(week: date, zone: str) -> tuple[datetime, datetime]:
    """Return the instants at which a week begins and ends (not included)."""
    clock = ZoneInfo(zone)
    ends = (datetime.combine(day, time(), clock) for day in (week, week + WEEK))
    first, last = (one.astimezone(UTC) for one in ends)
    return first, last


def last_drawable(now: datetime, zone: str) -> date:
    """Return the newest week whose sample may be drawn: it is over, and its recordings are kept."""
    return week_of(now - DRAW_AFTER, zone) - WEEK


def drawable(first: date, now: datetime, zone: str) -> list[date]:
    """Return the weeks from ``first`` on that may be drawn now, at most four, the oldest first."""
    last = last_drawable(now, zone)
    weeks = [last - WEEK * back for back in reversed(range(MOST_LATE_WEEKS))]
    return [one for one in weeks if one >= first]
