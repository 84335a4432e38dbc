"""When the clocks of a zone change: a year cut into stretches of one UTC offset, pure.

Inside a stretch local time and UTC differ by a constant, so a window becomes a plain interval of
UTC; hours that a clock change skips or repeats fall out of the cutting by themselves.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class Stretch(NamedTuple):
    """An interval [start, end) of one UTC offset; both are UTC without ``tzinfo``."""

    start: datetime
    end: datetime
    offset: timedelta  #: local time = UTC + offset


def stretches_from(zone: str, at: datetime) -> Iterator[Stretch]:
    """Yield the stretches of ``zone`` that end after ``at``, in order and without an end.

    ``at`` is UTC without ``tzinfo``. A stretch also ends with its year in UTC, so the next one may
    have the same offset.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: there is no such zone.
    """
    year = at.year
    while True:
        for stretch in stretches_of(zone, year):
            if stretch.end > at:
                yield stretch
        year += 1


@lru_cache(maxsize=8192)
def stretches_of(zone: str, year: int) -> tuple[Stretch, ...]:
    """Cut a UTC year of ``zone`` into its stretches, in order, without a gap.

    Clocks are looked at once a day: two changes within 24 hours that cancel each other would be
    missed, and the tz database has none since 1970.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: there is no such zone.
    """
    tz = ZoneInfo(zone)
    start, end = datetime(year, 1, 1), datetime(year + 1, 1, 1)  # noqa: DTZ001 - UTC throughout
    cut: list[Stretch] = []
    begun, offset, day = start, _offset(tz, start), start
    while day < end:
        following = min(day + _DAY, end)
        later = _offset(tz, following)
        if later != offset:
            change = _change_between(tz, day, following)
            cut.append(Stretch(begun, change, offset))
            begun, offset = change, later
        day = following
    if begun < end:
        cut.append(Stretch(begun, end, offset))
    return tuple(cut)


def _offset(tz: ZoneInfo, at: datetime) -> timedelta:
    offset = at.replace(tzinfo=UTC).astimezone(tz).utcoffset()
    return offset if offset is not None else timedelta()


def _change_between(tz: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first second of the new offset by bisection."""
    old = _offset(tz, before)
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if _offset(tz, middle) == old:
            before = middle
        else:
            after = middle
    return after
