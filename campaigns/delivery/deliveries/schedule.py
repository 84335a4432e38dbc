"""Periods: which one a plan's clock has just ended. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.delivery.deliveries.words import ScheduleKind

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Period:
    """One stretch of time whose results are delivered once."""

    key: str  #: its name, unique within a plan
    ended_at: datetime  #: UTC


def latest_period(kind: ScheduleKind, at_minute: int, zone: str, now: datetime) -> Period | None:
    """Return the period that ended last on the client's clock; None for schedules without a clock.

    Results are delivered as they stand, so periods that passed while nothing worked are not made up: the
    latest one brings all of them.

    Args:
        kind: the schedule.
        at_minute: minute of the day, 0 to 1439, for ``daily``.
        zone: IANA name of the client's zone.
        now: an aware instant.
    """
    local = now.astimezone(ZoneInfo(zone))
    if kind is ScheduleKind.HOURLY:
        ended = local.replace(minute=0, second=0, microsecond=0)
        # The offset tells the two hours apart that have one name when clocks are set back.
        return Period(ended.isoformat(timespec="minutes"), ended.astimezone(UTC))
    if kind is ScheduleKind.DAILY:
        for day in (local.date(), local.date() - timedelta(days=1)):
            ended_at = instant_of(day, at_minute, zone)
            if ended_at <= now:
                return Period(day.isoformat(), ended_at)
    return None


def next_end(kind: ScheduleKind, at_minute: int, zone: str, now: datetime) -> datetime | None:
    """Return when the period ends in which ``now`` is; None for schedules without a clock."""
    local = now.astimezone(ZoneInfo(zone))
    if kind is ScheduleKind.HOURLY:
        begun = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        return begun + timedelta(hours=1)
    if kind is ScheduleKind.DAILY:
        for day in (local.date(), local.date() + timedelta(days=1)):
            ends_at = instant_of(day, at_minute, zone)
            if ends_at > now:
                return ends_at
    return None


def instant_of(day: date, at_minute: int, zone: str) -> datetime:
    """Return a time of a day as an instant; one that clocks skip is as much later as they jump."""
    at = time(at_minute // 60, at_minute % 60)
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
