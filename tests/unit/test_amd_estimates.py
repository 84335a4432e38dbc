"""How often detection is wrong: intervals, their share of people, and when it goes off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.amd.estimates import (
    LEAST_JUDGED,
    Judged,
    false_positives,
    is_too_often_wrong,
    of_people,
    wilson,
)


@pytest.mark.parametrize(
    ("found", "checked", "low", "high"),
    # Worked by hand from the formula; the last is the textbook's "rule of three" case.
    [(1, 10, 0.0179, 0.4042), (50, 100, 0.4038, 0.5962), (0, 100, 0.0, 0.0370)],
)
def test_the_interval_is_wilsons(found: int, checked: int, low: float, high: float) -> None:
    interval = wilson(found, checked)
    assert interval is not None
    assert interval.share == found / checked
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-4)


def test_nothing_checked_tells_nothing_and_more_found_than_checked_is_a_fault() -> None:
    assert wilson(0, 0) is None
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)


@given(st.integers(1, 500), st.data())
def test_the_share_lies_within_and_more_checks_narrow_it(checked: int, data: st.DataObject) -> None:
    found = data.draw(st.integers(0, checked))
    one, many = wilson(found, checked), wilson(10 * found, 10 * checked)
    assert one is not None
    assert many is not None
    assert 0 <= one.low <= one.share <= one.high <= 1
    assert many.high - many.low <= one.high - one.low


def test_people_taken_for_machines_are_a_share_of_all_people() -> None:
    """100 verdicts, a tenth of the judged ones wrong: ten people, nine of them lost, of 1000 + 9."""
    known = Judged(acted=90, audited=10, judged=10, people=1, met=1000)
    found = of_people(known)
    assert found is not None
    assert found.share == pytest.approx(10 / 1009)
    assert found.low < found.share < found.high
    assert of_people(Judged(90, 10, 0, 0, 1000)) is None
    assert false_positives(known) == wilson(1, 10)


def test_where_nobody_was_met_every_person_was_lost() -> None:
    found = of_people(Judged(acted=10, audited=0, judged=5, people=5, met=0))
    assert found is not None
    assert found.share == 1.0


@pytest.mark.parametrize(
    ("known", "wrong"),
    [
        (Judged(90, 10, 40, 20, 300), True),
        (Judged(90, 10, 40, 0, 300), False),
        (Judged(90, 10, LEAST_JUDGED - 1, LEAST_JUDGED - 1, 300), False),
        (Judged(90, 10, 10, 1, 1000), False),
    ],
    ids=["half of them people", "none", "too few judged", "perhaps, perhaps not"],
)
def test_detection_goes_off_only_when_it_is_surely_too_often_wrong(
    known: Judged, wrong: bool
) -> None:
    assert is_too_often_wrong(known, 0.01) is wrong
