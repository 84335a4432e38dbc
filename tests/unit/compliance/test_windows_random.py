"""Calling windows against a scan: ten thousand random calls, half of them near a clock change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.hours.calendars import Calendars
from compliance.hours.windows import HORIZON_DAYS, closes_at, is_open, next_open
from compliance.rulebook.rules import DayWindows, WindowTerms

CASES = 10_000
FIRST, DAYS = datetime(2025, 12, 1, tzinfo=UTC), 800
MINUTE, QUARTER, TICK = timedelta(minutes=1), timedelta(minutes=15), timedelta(microseconds=1)

ZONES = (
    "Europe/Moscow",
    "Europe/Kyiv",
    "Atlantic/Azores",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",  # changes at midnight
    "America/Santiago",
    "America/Nuuk",  # falls back into the day before
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Antarctica/Troll",  # moves by two hours
    "Pacific/Kiritimati",
    "Pacific/Marquesas",
)


def changes_of(zone: str) -> list[datetime]:
    """Return instants within an hour of each change of a zone's clocks."""
    hours = [FIRST + timedelta(hours=hour) for hour in range(24 * DAYS)]
    offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
    return [hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]


CHANGES = [change for zone in ZONES for change in changes_of(zone)]


@dataclass(frozen=True)
class Case:
    """One question: when may this person be called from ``after`` on?"""

    terms: list[WindowTerms]
    zones: list[str]
    after: datetime
    margin_s: float
    calendars: Calendars


def random_day(rng: Random, step_min: int) -> DayWindows:
    style = rng.random()
    if style < 0.15:
        return ()
    if style < 0.3:  # across the hours in which clocks change
        return ((time(rng.randrange(0, 3), rng.choice((0, 30))), time(rng.randrange(4, 24))),)
    if style < 0.45:
        return ((time(10), time(13)), (time(rng.choice((13, 14))), time(20)))
    borders = sorted(rng.sample(range(0, 24 * 60, step_min), 2 * rng.choice((1, 1, 2))))
    moments = [time(border // 60, border % 60) for border in borders]
    return tuple(zip(moments[::2], moments[1::2], strict=True))


def random_terms(rng: Random) -> WindowTerms:
    step_min = rng.choice((30, 30, 5, 1))
    usual = tuple(random_day(rng, step_min) for _ in range(7))
    return WindowTerms(
        weekdays=usual if rng.random() < 0.4 else (usual[0],) * 5 + usual[5:],
        holiday=random_day(rng, step_min) if rng.random() < 0.4 else None,
        pre_holiday=random_day(rng, step_min) if rng.random() < 0.2 else None,
        calendar=rng.choice((None, "A", "B")),
        clock=rng.choice(ZONES) if rng.random() < 0.1 else None,
    )


def random_calendars(rng: Random) -> Calendars:
    days = [FIRST.date() + timedelta(days=rng.randrange(DAYS)) for _ in range(90)]
    known = frozenset({2025, 2026, 2027, 2028})
    return Calendars(
        {"A": frozenset(days[:60]), "B": frozenset(days[60:])}, {"A": known, "B": known - {2027}}
    )


def random_case(rng: Random, calendars: Calendars) -> Case:
    if rng.random() < 0.5:
        after = rng.choice(CHANGES) + timedelta(seconds=rng.randrange(-26 * 3600, 3 * 3600))
    else:
        after = FIRST + timedelta(seconds=rng.randrange(DAYS * 86_400))
    return Case(
        terms=[random_terms(rng) for _ in range(rng.choice((1, 1, 2, 3)))],
        zones=rng.sample(ZONES, rng.choice((1, 1, 2))),
        after=after,
        margin_s=rng.choice((0.0, 25.0, 60.0)),
        calendars=calendars,
    )


def told_windows(terms: WindowTerms, day: date, calendars: Calendars) -> list[DayWindows]:
    """Return the sets of windows that must all be open on a date: the rules, said anew."""
    usual = terms.weekdays[day.weekday()]
    if terms.calendar is None or (terms.holiday is None and terms.pre_holiday is None):
        return [usual]
    known = calendars.years[terms.calendar]
    days, morrow = calendars.days[terms.calendar], day + timedelta(days=1)
    if terms.holiday is not None and day.year not in known:
        return [()]
    if day.year in known and day in days:
        return [usual if terms.holiday is None else terms.holiday]
    if day not in days and terms.pre_holiday is not None:
        if morrow.year not in known:
            return [usual, terms.pre_holiday]
        if morrow in days:
            return [terms.pre_holiday] if day.weekday() < 5 else [usual, terms.pre_holiday]
    return [usual]


def open_by_the_clock(case: Case, at: datetime) -> bool:
    """Tell whether it is open, by reading the wall clocks at a few points of the margin."""
    for terms in case.terms:
        for zone in (terms.clock,) if terms.clock else case.zones:
            tz = ZoneInfo(zone)
            for part in (1.0, 0.0, 0.5) if case.margin_s else (0.0,):
                local = (at + timedelta(seconds=case.margin_s * part)).astimezone(tz)
                clock = local.time()
                for windows in told_windows(terms, local.date(), case.calendars):
                    if not any(opens <= clock < closes for opens, closes in windows):
                        return False
    return True


def earlier(rng: Random, after: datetime, end: datetime) -> Iterator[datetime]:
    """Yield instants of [after, end) worth a look: every minute, or if there are many, some."""
    if after >= end:
        return
    yield after
    yield end - TICK
    minute = after.replace(second=0, microsecond=0) + MINUTE
    if end - after < timedelta(hours=1):
        while minute < end:
            yield minute
            minute += MINUTE
        return
    for _ in range(15):
        yield after + (end - after) * rng.random()
    quarter = after.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    last = min(end, after + timedelta(hours=12))
    while quarter < last:
        yield quarter
        quarter += QUARTER


def asked(case: Case, at: datetime) -> bool:
    return is_open(case.terms, case.zones, at, calendars=case.calendars, margin_s=case.margin_s)


def first_opening(case: Case) -> datetime | None:
    return next_open(
        case.terms, case.zones, case.after, calendars=case.calendars, margin_s=case.margin_s
    )


def test_ten_thousand_next_openings_are_open_and_none_is_earlier() -> None:
    rng = Random(20261121)
    found = 0
    for _ in range(CASES):
        case = random_case(rng, random_calendars(rng) if rng.random() < 0.02 else CALENDARS)
        assert asked(case, case.after) == open_by_the_clock(case, case.after), case
        opens, end = first_opening(case), case.after + timedelta(days=HORIZON_DAYS)
        if opens is not None:
            found += 1
            assert case.after <= opens <= end, case
            assert open_by_the_clock(case, opens), case
            assert asked(case, opens), case
            end = opens
        for instant in earlier(rng, case.after, end):
            assert not open_by_the_clock(case, instant), (case, instant)
    assert CASES // 2 < found < CASES  # both answers occurred


def test_an_opening_lasts_until_it_closes() -> None:
    rng = Random(7)
    for _ in range(1_000):
        case = random_case(rng, CALENDARS)
        opens = first_opening(case)
        if opens is None:
            continue
        closes = closes_at(
            case.terms, case.zones, opens, calendars=CALENDARS, margin_s=case.margin_s
        )
        assert closes is not None
        assert not open_by_the_clock(case, closes), case
        for part in (rng.random() for _ in range(9)):
            assert open_by_the_clock(case, opens + (closes - opens) * part), (case, part)
        assert open_by_the_clock(case, closes - TICK), case


CALENDARS = random_calendars(Random(1))
seeds = st.integers(0, 2**32)


@settings(deadline=None)
@given(seed=seeds, extra=seeds)
def test_further_terms_never_open(seed: int, extra: int) -> None:
    case, more = random_case(Random(seed), CALENDARS), random_terms(Random(extra))
    before = is_open(case.terms, case.zones, case.after, calendars=CALENDARS)
    assert not is_open([*case.terms, more], case.zones, case.after, calendars=CALENDARS) or before
    first = next_open(case.terms, case.zones, case.after, calendars=CALENDARS)
    later = next_open([*case.terms, more], case.zones, case.after, calendars=CALENDARS)
    assert later is None or (first is not None and first <= later)


@settings(deadline=None)
@given(seed=seeds, zone=st.sampled_from(ZONES))
def test_a_further_zone_never_opens(seed: int, zone: str) -> None:
    case = random_case(Random(seed), CALENDARS)
    both = is_open(case.terms, [*case.zones, zone], case.after, calendars=CALENDARS)
    apart = (is_open(case.terms, [one], case.after, calendars=CALENDARS) for one in case.zones)
    assert both == (is_open(case.terms, [zone], case.after, calendars=CALENDARS) and all(apart))
