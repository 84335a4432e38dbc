"""Calling windows in the called person's local time, pure.

A window is half-open: [from, to). It must be open in every zone the person may be in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: How far ahead the next opening is looked for.
HORIZON_DAYS = 14


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours: for each weekday (0 = Monday) its windows, local time, each within one day."""

    windows: tuple[tuple[tuple[time, time], ...], ...]

    def at(self, weekday: int) -> tuple[tuple[time, time], ...]:
        """Return the windows of a weekday, 0..6."""
        return self.windows[weekday]

    def is_empty(self) -> bool:
        """Tell whether no day has a window."""
        return not any(self.windows)


def parse_hours(raw: Mapping[str, Iterable[Iterable[str]]]) -> Hours:
    """Read hours such as ``{"mon": [["09:00", "20:00"]], ...}``; missing days are closed.

    Raises:
        ValueError: an unknown day, a UTC offset, or a window that does not end after it begins.
    """
    unknown = set(raw) - set(WEEKDAYS)
    if unknown:
        raise ValueError(f"unknown weekday: {', '.join(sorted(unknown))}")
    days = []
    for day in WEEKDAYS:
        windows = tuple(_parse_window(window) for window in raw.get(day, ()))
        days.append(windows)
    return Hours(tuple(days))


def _parse_window(window: Iterable[str]) -> tuple[time, time]:
    opens, closes = (time.fromisoformat(part) for part in window)
    if opens.tzinfo is not None or closes.tzinfo is not None:
        raise ValueError("a window is in the contact's local time: no UTC offset")
    if closes <= opens:
        raise ValueError(f"a window must end after it begins: {opens:%H:%M}-{closes:%H:%M}")
    return opens, closes


def is_open(hours: Hours, zones: Iterable[str], at: datetime, *, margin_s: float = 0.0) -> bool:
    """Tell whether ``hours`` are open in every zone at ``at``, and stay so for ``margin_s``.

    The margin is the ring time-out: a call placed seconds before the end would ring after it.
    Without a zone the answer is False.
    """
    names = tuple(zones)
    return bool(names) and all(_open_in(hours, zone, at, margin_s) for zone in names)


def _open_in(hours: Hours, zone: str, at: datetime, margin_s: float) -> bool:
    local = at.astimezone(ZoneInfo(zone))
    ends = (at + timedelta(seconds=margin_s)).astimezone(ZoneInfo(zone))
    if ends.date() != local.date():
        return False
    return any(
        opens <= local.time() and ends.time() < closes
        for opens, closes in hours.at(local.weekday())
    )


def next_open(
    hours: Hours, zones: Iterable[str], after: datetime, *, margin_s: float = 0.0
) -> datetime | None:
    """Return the first instant from ``after`` on at which ``is_open``, or None within the horizon.

    Only an opening border in some zone (or ``after`` itself) can be the first open instant.
    """
    names = tuple(zones)
    if not names:
        return None
    candidates = {after}
    for zone in names:
        candidates.update(_borders(hours, zone, after))
    for instant in sorted(candidates):
        if instant >= after and is_open(hours, names, instant, margin_s=margin_s):
            return instant
    return None


def _borders(hours: Hours, zone: str, after: datetime) -> Iterable[datetime]:
    tz = ZoneInfo(zone)
    first = after.astimezone(tz).date()
    for offset in range(HORIZON_DAYS + 1):
        day = first + timedelta(days=offset)
        for opens, _ in hours.at(day.weekday()):
            yield datetime.combine(day, opens, tz).astimezone(after.tzinfo)
