"""A client's own days off close whole days of the contact's calendar, and open nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from compliance.gate import Clearance, Refusal, RefusalReason, clear
from compliance.hours.days_off import OwnDay, OwnDays
from tests.unit.compliance.test_gate import FINE, LAW, NOON, placed

TODAY = NOON.date()


def asked(*days: OwnDay, at: datetime = NOON, **changed: Any) -> Clearance | Refusal:
    own = OwnDays(days)
    law = replace(LAW, calendars=own.calendars(LAW.calendars))
    return clear(replace(FINE, days_off=own, at=at, **changed), law)


def test_nobody_is_called_on_a_day_off_and_the_answer_says_until_when() -> None:
    answer = asked(OwnDay(TODAY))
    assert isinstance(answer, Refusal)
    assert answer.reasons == (RefusalReason.DAY_OFF,)
    assert answer.rules == ("client-days-off",)
    assert answer.next_allowed_at == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)  # 09:00 in Moscow
    assert answer.receipt is not None
    assert answer.receipt["refused"] == [{"reason": "day_off", "rules": ["client-days-off"]}]


def test_another_day_and_another_country_do_not_matter() -> None:
    assert isinstance(asked(OwnDay(TODAY + timedelta(days=1))), Clearance)
    assert isinstance(asked(OwnDay(TODAY, region="UA")), Clearance)
    assert isinstance(asked(OwnDay(TODAY, region="XX")), Refusal)


def test_days_in_a_row_are_waited_out() -> None:
    row = [OwnDay(TODAY + timedelta(days=n)) for n in range(3)]
    answer = asked(*row)
    assert isinstance(answer, Refusal)
    assert answer.next_allowed_at == datetime(2026, 11, 26, 6, 0, tzinfo=UTC)


def test_a_day_comes_back_each_year_also_the_one_that_does_not_always_exist() -> None:
    every = OwnDay(date(2020, 11, 23), every_year=True)
    assert isinstance(asked(every), Refusal)
    leap = OwnDays((OwnDay(date(2024, 2, 29), every_year=True),))
    assert leap.is_off((), ("UTC",), datetime(2028, 2, 29, 12, tzinfo=UTC))
    assert not leap.is_off((), ("UTC",), datetime(2027, 2, 28, 12, tzinfo=UTC))


def test_it_is_the_contacts_day_in_every_zone_the_person_may_be_in() -> None:
    evening = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # Monday already in Vladivostok
    far = placed("XX", zones=("Asia/Vladivostok", "Europe/Moscow"))
    own = OwnDays((OwnDay(TODAY),))
    assert own.is_off((), far.zones, evening)
    assert not own.is_off((), ("Europe/Moscow",), evening)


def test_a_simulated_carrier_has_no_days_off() -> None:
    assert isinstance(asked(OwnDay(TODAY), simulated=True), Clearance)


@given(
    at=st.integers(0, 24 * 60 * 5).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    days=st.lists(
        st.builds(
            OwnDay,
            st.integers(-1, 5).map(lambda n: TODAY + timedelta(days=n)),
            st.booleans(),
            st.sampled_from(["", "XX", "UA", "RU"]),
        ),
        max_size=4,
    ),
)
def test_days_off_only_ever_tighten(at: datetime, days: list[OwnDay]) -> None:
    with_days, without = asked(*days, at=at), asked(at=at)
    if isinstance(with_days, Clearance):
        assert isinstance(without, Clearance)
    else:
        before = without.reasons if isinstance(without, Refusal) else ()
        assert set(with_days.reasons) - {RefusalReason.DAY_OFF} == set(before)
        assert with_days.next_allowed_at is None or with_days.next_allowed_at > at
