"""A draw that anybody can repeat, and what a drawn part says of all: pure."""

from datetime import UTC, datetime
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.portal.draw import drawn, size_of
from campaigns.portal.due import term_of
from campaigns.portal.intervals import estimated
from campaigns.portal.reports import CLIENT_REPORTS, client_report
from campaigns.portal.words import RequestKind
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measure import Group, Unit
from campaigns.reports.measures import MEASURES
from campaigns.reports.standard import ReportNotFound

IDS = [UUID(int=number) for number in range(200)]


@given(st.permutations(IDS[:40]), st.text(max_size=10), st.integers(0, 40))
def test_the_seed_decides_and_the_order_does_not(ids: list[UUID], seed: str, count: int) -> None:
    once = drawn(ids, seed, count)
    assert once == drawn(IDS[:40], seed, count)
    assert len(set(once)) == count
    assert once == drawn(ids, seed, 40)[:count], "a larger part begins with the smaller one"


def test_each_result_is_drawn_about_as_often() -> None:
    times = dict.fromkeys(IDS[:20], 0)
    for seed in range(2_000):
        for one in drawn(IDS[:20], str(seed), 5):
            times[one] += 1
    # 500 expected of each; six standard deviations are 116.
    assert all(384 < seen < 616 for seen in times.values())


@pytest.mark.parametrize(
    ("population", "percent", "size"),
    [(0, 10, 0), (1, 1, 1), (10, 10, 1), (11, 10, 2), (5, 100, 5)],
)
def test_a_part_is_rounded_up(population: int, percent: int, size: int) -> None:
    assert size_of(population, percent) == size


@pytest.mark.parametrize(("population", "size"), [(8, 3), (12, 5)])
def test_the_interval_holds_what_it_promises(population: int, size: int) -> None:
    """Of all samples there can be, at least 95 % have the true share within their limits."""
    for all_bad in range(population + 1):
        held = total = 0
        for sample in combinations(range(population), size):
            found = estimated(sum(one < all_bad for one in sample), size, population)
            held += found.low <= all_bad / population <= found.high
            total += 1
        assert held / total >= 0.95, all_bad


def test_who_has_judged_everything_knows_it() -> None:
    found = estimated(3, 40, 40)
    assert (found.low, found.share, found.high) == (0.075, 0.075, 0.075)
    nothing = estimated(0, 0, 40)
    assert (nothing.low, nothing.high) == (0.0, 1.0)
    with pytest.raises(ValueError, match="judged"):
        estimated(2, 1, 40)


def test_nothing_wrong_in_a_large_sample_leaves_little_room() -> None:
    found = estimated(0, 300, 100_000)
    assert found.low == 0.0
    assert 0.011 < found.high < 0.0125  # the rule of three for both tails: 3.7 / 300


def test_the_law_says_until_when() -> None:
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC)
    erasure, no_calls = RequestKind.ERASURE, RequestKind.DO_NOT_CALL
    assert term_of(erasure, "RU").due(monday) == datetime(2026, 12, 7, 9, tzinfo=UTC)
    assert term_of(erasure, "DE").due(monday) == datetime(2026, 12, 21, 9, tzinfo=UTC)
    assert term_of(erasure, "US").due(monday).date().isoformat() == "2027-01-07"
    assert term_of(erasure, "").days == 10, "whoever is not known has the shortest term"
    assert term_of(no_calls, "RU").due(monday) == monday
    friday = datetime(2026, 11, 27, 9, tzinfo=UTC)
    assert term_of(no_calls, "US").due(friday) == datetime(2026, 12, 11, 9, tzinfo=UTC)


def test_a_clients_reports_tell_no_costs_and_no_names() -> None:
    hidden = {Dimension.AGENT, Dimension.TRUNK, Dimension.CALLER_ID, Dimension.CAUSE}
    for report in CLIENT_REPORTS.values():
        assert report.measures
        assert not hidden & set(report.dimensions)
        for key in report.measures:
            assert MEASURES[key].unit is not Unit.MONEY
            assert MEASURES[key].group not in {Group.COST, Group.AGENTS, Group.PEOPLE}
    for name in ("agents", "cost", "trunks", "caller_ids", "causes", "nothing"):
        with pytest.raises(ReportNotFound):
            client_report(name)
