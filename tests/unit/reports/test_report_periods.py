"""Periods of reports: whole days of a zone, and what came before."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.reports.periods import Period, PeriodWrong, Usual, usual

_DAYS = st.dates(date(2001, 1, 1), date(2100, 1, 1))


@given(_DAYS, st.integers(0, 800))
def test_the_period_before_ends_the_day_before(first: date, more: int) -> None:
    period = Period(first, first + timedelta(days=more))
    before = period.before()
    assert before.last == first - timedelta(days=1)
    assert abs(before.days - period.days) <= 6
    assert len(period.starts("America/New_York")) == period.days + 1


def test_the_month_before_a_month_is_a_month() -> None:
    march = Period(date(2026, 3, 1), date(2026, 3, 31))
    assert march.before() == Period(date(2026, 2, 1), date(2026, 2, 28))
    quarter = Period(date(2026, 1, 1), date(2026, 3, 31))
    assert quarter.before() == Period(date(2025, 10, 1), date(2025, 12, 31))


def test_days_of_a_change_of_clocks_have_23_and_25_hours() -> None:
    spring = Period(date(2026, 3, 29), date(2026, 3, 29)).starts("Europe/Kyiv")
    autumn = Period(date(2026, 10, 25), date(2026, 10, 25)).starts("Europe/Kyiv")
    assert spring[1] - spring[0] == timedelta(hours=23)
    assert autumn[1] - autumn[0] == timedelta(hours=25)


def test_usual_periods_end_today_or_before() -> None:
    today = date(2026, 11, 23)
    assert usual(Usual.LAST_MONTH, today) == Period(date(2026, 10, 1), date(2026, 10, 31))
    assert usual(Usual.LAST_WEEK, today) == Period(date(2026, 11, 16), date(2026, 11, 22))
    assert all(usual(one, today).last <= today for one in Usual)
    with pytest.raises(PeriodWrong):
        Period(today, today - timedelta(days=1))
