"""Parts of a person's day: people who are never in of a morning may be in of an evening. Pure."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

#: Morning, noon, afternoon and evening: (from, to) in full hours of the person's clock.
DAY_PARTS = ((9, 12), (12, 15), (15, 18), (18, 21))


def part_of(at: datetime, zone: str) -> int | None:
    """Return the index of the part in which ``at`` (aware) falls in ``zone``; None = in none."""
    hour = at.astimezone(ZoneInfo(zone)).hour
    return next((n for n, (since, until) in enumerate(DAY_PARTS) if since <= hour < until), None)


def in_other_part(due: datetime, tried_at: Iterable[datetime], zone: str) -> datetime:
    """Return the first moment from ``due`` on that falls into one of the parts tried the least.

    While some part was never tried it is such a one.
    """
    tries = [0] * len(DAY_PARTS)
    for at in tried_at:
        part = part_of(at, zone)
        if part is not None:
            tries[part] += 1
    wanted = [part for part, count in enumerate(tries) if count == min(tries)]
    if part_of(due, zone) in wanted:
        return due
    clock = ZoneInfo(zone)
    today = due.astimezone(clock).date()
    starts = (
        datetime.combine(today + timedelta(days=day), time(DAY_PARTS[part][0]), clock)
        for day in range(2)
        for part in wanted
    )
    return min(start.astimezone(due.tzinfo) for start in starts if start > due)
