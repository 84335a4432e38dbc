"""Calling windows in the called person's local time, pure.

A window is half-open, [from, to). Several terms may bind one call (a country's, a state's, the
campaign's own): it must be open by all of them, in every zone the person may be in. Windows that
touch or overlap count as one. Hours a clock change skips are nowhere; hours it repeats count twice.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from compliance.hours.calendars import Calendars
from compliance.hours.clocks import Stretch, stretches_from
from compliance.hours.days import windows_on
from compliance.rulebook.rules import Window, WindowTerms

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: Days of special hours, next to ``WEEKDAYS``.
SPECIAL_DAYS = ("holiday", "pre_holiday")

#: How far ahead the next opening is looked for.
HORIZON_DAYS = 14

_DAY = timedelta(days=1)
_NEVER = datetime(9999, 12, 31)  # noqa: DTZ001 - UTC
_Span = tuple[datetime, datetime]  # UTC without tzinfo, half-open


def parse_hours(raw: Mapping[str, Iterable[Iterable[str]]]) -> WindowTerms:
    """Read hours such as ``{"mon": [["09:00", "13:00"], ["14:00", "20:00"]], "holiday": []}``.

    A missing weekday is closed; a missing ``holiday`` or ``pre_holiday`` is as the weekday.

    Raises:
        ValueError: an unknown day, a UTC offset, or a window that does not end after it begins.
    """
    unknown = set(raw) - set(WEEKDAYS) - set(SPECIAL_DAYS)
    if unknown:
        raise ValueError(f"unknown weekday: {', '.join(sorted(unknown))}")
    days = {day: tuple(_parse_window(window) for window in raw[day]) for day in raw}
    return WindowTerms(
        weekdays=tuple(days.get(day, ()) for day in WEEKDAYS),
        holiday=days.get("holiday"),
        pre_holiday=days.get("pre_holiday"),
    )


def _parse_window(window: Iterable[str]) -> Window:
    opens, closes = (time.fromisoformat(part) for part in window)
    if opens.tzinfo is not None or closes.tzinfo is not None:
        raise ValueError("a window is in the contact's local time: no UTC offset")
    if closes <= opens:
        raise ValueError(f"a window must end after it begins: {opens:%H:%M}-{closes:%H:%M}")
    return opens, closes


def is_empty(terms: WindowTerms) -> bool:
    """Tell whether no day, special ones included, has a window."""
    return not (any(terms.weekdays) or terms.holiday or terms.pre_holiday)


def is_open(
    terms: Sequence[WindowTerms],
    zones: Iterable[str],
    at: datetime,
    *,
    calendars: Calendars,
    margin_s: float = 0.0,
) -> bool:
    """Tell whether all ``terms`` are open in all ``zones`` at ``at``, and ``margin_s`` later still.

    The margin (>= 0) is the ring time-out: a call placed seconds before the end would ring after
    it. ``at + margin_s`` must itself be open, so a call that would end in the very instant of the
    closing is refused. Without a zone the answer is False; without terms any zone is open.

    Raises:
        ValueError: ``at`` has no UTC offset.
        zoneinfo.ZoneInfoNotFoundError: there is no such zone.
    """
    instant = _utc(at)
    closes = _closing(_bindings(terms, zones), instant, calendars)
    return closes is not None and instant + timedelta(seconds=margin_s) < closes


def next_open(
    terms: Sequence[WindowTerms],
    zones: Iterable[str],
    after: datetime,
    *,
    calendars: Calendars,
    margin_s: float = 0.0,
    horizon_days: int = HORIZON_DAYS,
) -> datetime | None:
    """Return the first instant (UTC) from ``after`` on at which ``is_open``.

    None when there is none up to ``horizon_days`` after ``after``.

    Raises:
        ValueError: ``after`` has no UTC offset.
        zoneinfo.ZoneInfoNotFoundError: there is no such zone.
    """
    bindings = _bindings(terms, zones)
    if bindings is None:
        return None
    instant, margin = _utc(after), timedelta(seconds=margin_s)
    until = instant + timedelta(days=horizon_days)
    settled = False
    while not settled:  # each step goes to the latest of the earliest, so none can be skipped
        settled = True
        for binding in bindings:
            fits = _first_fit(binding, instant, until, margin, calendars)
            if fits is None:
                return None
            settled = settled and fits == instant
            instant = fits
    return instant.replace(tzinfo=UTC)


def closes_at(
    terms: Sequence[WindowTerms],
    zones: Iterable[str],
    at: datetime,
    *,
    calendars: Calendars,
    margin_s: float = 0.0,
) -> datetime | None:
    """Return the first instant (UTC) after ``at`` when ``is_open`` has become False.

    None when it is not open at ``at``, and when there are no terms that could close.

    Raises:
        ValueError: ``at`` has no UTC offset.
        zoneinfo.ZoneInfoNotFoundError: there is no such zone.
    """
    instant = _utc(at)
    closes = _closing(_bindings(terms, zones), instant, calendars)
    if closes is None or closes == _NEVER:
        return None
    too_late = closes - timedelta(seconds=margin_s)
    return too_late.replace(tzinfo=UTC) if too_late > instant else None


_Binding = tuple[WindowTerms, str]


def _bindings(terms: Sequence[WindowTerms], zones: Iterable[str]) -> list[_Binding] | None:
    """Pair each terms with each clock they are read on; None = it is not known where the person is."""
    names = tuple(zones)
    if not names:
        return None
    return [(term, zone) for term in terms for zone in ((term.clock,) if term.clock else names)]


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs a UTC offset")
    return at.astimezone(UTC).replace(tzinfo=None)


def _closing(
    bindings: list[_Binding] | None, at: datetime, calendars: Calendars
) -> datetime | None:
    """Return when the first of the openings around ``at`` ends; None = closed somewhere."""
    if bindings is None:
        return None
    earliest = _NEVER
    for binding in bindings:
        span = next(_openings(binding, at, at, calendars), None)
        if span is None or span[0] > at:
            return None
        earliest = min(earliest, span[1])
    return earliest


def _first_fit(
    binding: _Binding, at: datetime, until: datetime, margin: timedelta, calendars: Calendars
) -> datetime | None:
    for opens, closes in _openings(binding, at, until, calendars):
        fits = max(at, opens)
        if fits > until:
            return None
        if fits + margin < closes:
            return fits
    return None


def _openings(
    binding: _Binding, at: datetime, until: datetime, calendars: Calendars
) -> Iterator[_Span]:
    """Yield the openings that end after ``at`` and begin by ``until``, as long as they can be."""
    terms, zone = binding
    held: _Span | None = None  # reaches the end of its stretch, so the next one may go on with it
    for stretch in stretches_from(zone, at):
        if held is None and stretch.start > until:
            return
        for opens, closes in _spans(terms, stretch, at, until, calendars):
            if held is not None and opens == stretch.start:
                opens, held = held[0], None
            elif held is not None:
                yield held
                held = None
            if closes == stretch.end:
                held = (opens, closes)
            else:
                yield opens, closes
        if held is not None and held[1] != stretch.end:
            yield held
            held = None


def _spans(
    terms: WindowTerms, stretch: Stretch, at: datetime, until: datetime, calendars: Calendars
) -> Iterator[_Span]:
    """Yield the windows of the days of a stretch, from the day of ``at`` to that of ``until``."""
    start, end, offset = stretch
    day = (max(start, at) + offset).date()
    last = (min(end, max(start, until)) + offset).date()
    while day <= last:
        for opens, closes in windows_on(terms, day, calendars):
            opens_at = max(start, datetime.combine(day, opens) - offset)
            closes_at = min(end, datetime.combine(day, closes) - offset)
            if opens_at < closes_at and closes_at > at:
                yield opens_at, closes_at
        day += _DAY
