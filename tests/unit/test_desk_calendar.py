"""The calendar of a callback: by the contact's clock, and nothing is offered that the gate refuses."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from campaigns.desk.slots import DAYS, calendar_of
from compliance.hours.calendars import load_calendars
from compliance.hours.windows import next_open, parse_hours

MOSCOW, KYIV = "Europe/Moscow", "Europe/Kyiv"
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday, 12:00 in Moscow
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDARS = load_calendars()


def gate(zone: str, hours: dict[str, list[list[str]]] = WEEK):  # type: ignore[no-untyped-def]
    terms = [parse_hours(hours)]
    return lambda at: next_open(terms, (zone,), at, calendars=CALENDARS, margin_s=0)


def clock(times: tuple[datetime, ...]) -> list[str]:
    return [at.strftime("%H:%M") for at in times]


def test_today_begins_with_the_next_half_hour_and_ends_with_the_window() -> None:
    found = calendar_of(gate(MOSCOW), MOSCOW, NOON + timedelta(minutes=7), None)
    assert clock(found.times)[:2] == ["12:30", "13:00"]
    assert clock(found.times)[-1] == "17:30"
    assert [minutes for minutes, _ in found.soon] == [5, 15, 60]


def test_the_weekend_is_closed() -> None:
    found = calendar_of(gate(MOSCOW), MOSCOW, NOON, None)
    closed = [one.day.isoformat() for one in found.days if not one.is_open]
    assert closed == ["2026-11-28", "2026-11-29", "2026-12-05", "2026-12-06"]
    assert len(found.days) == DAYS


def test_in_the_evening_the_first_open_day_is_shown_and_nothing_is_soon() -> None:
    friday = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
    found = calendar_of(gate(MOSCOW), MOSCOW, friday, None)
    assert found.chosen == date(2026, 11, 30)
    assert clock(found.times)[0] == "09:00"
    assert found.soon == ()


def test_a_day_that_is_not_offered_cannot_be_chosen() -> None:
    found = calendar_of(gate(MOSCOW), MOSCOW, NOON, date(2030, 1, 1))
    assert found.chosen == date(2026, 11, 23)


def test_a_place_that_is_never_open_offers_nothing() -> None:
    found = calendar_of(lambda at: None, MOSCOW, NOON, None)
    assert not any(one.is_open for one in found.days)
    assert found.times == found.soon == ()


def test_times_are_the_contacts_on_the_day_the_clocks_change() -> None:
    # Kyiv sets its clocks forward on 28 March 2027 at 03:00.
    all_day = {"sun": [["00:00", "23:59"]]}
    now = datetime(2027, 3, 27, 12, 0, tzinfo=UTC)
    found = calendar_of(gate(KYIV, all_day), KYIV, now, date(2027, 3, 28))
    assert "03:00" not in clock(found.times)
    assert {"02:30", "04:00"} <= set(clock(found.times))
    assert all(at.astimezone(UTC).astimezone(ZoneInfo(KYIV)) == at for at in found.times)


@given(
    minutes=st.integers(0, 60 * 24 * 14),
    opens=st.integers(0, 22),
    hours=st.integers(1, 24),
    day=st.integers(0, 13),
)
def test_whatever_is_offered_is_open_and_to_come(
    minutes: int, opens: int, hours: int, day: int
) -> None:
    closes = min(opens + hours, 23)
    window = {"wed": [[f"{opens:02}:00", f"{closes:02}:59"]], "sat": [["10:00", "11:15"]]}
    asks, now = gate(KYIV, window), NOON + timedelta(minutes=minutes)
    chosen = now.astimezone(ZoneInfo(KYIV)).date() + timedelta(days=day)
    found = calendar_of(asks, KYIV, now, chosen)
    assert found.chosen == chosen
    assert all(at > now and asks(at.astimezone(UTC)) == at for at in found.times)
    assert bool(found.times) == next(one.is_open for one in found.days if one.day == chosen)
