"""Agreement of two reviewers: shares, distances, weighted kappa."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.quality.agreement import Pair, agreement, distance, pairs_of
from campaigns.quality.scorecard import Item, Sheet

shares = st.none() | st.fractions(0, 1, max_denominator=5)
several = st.lists(st.builds(Pair, shares, shares), min_size=1, max_size=20)


def _pairs(*points: tuple[int, int], most: int) -> list[Pair]:
    return [Pair(Fraction(one, most), Fraction(two, most)) for one, two in points]


def test_a_worked_example() -> None:
    """Two raters, yes and no: 20 both yes, 15 both no, 5 and 10 apart. kappa = (0.7 - 0.5) / 0.5."""
    pairs = _pairs(*[(1, 1)] * 20, *[(1, 0)] * 5, *[(0, 1)] * 10, *[(0, 0)] * 15, most=1)
    found = agreement(pairs)
    assert found is not None
    assert (found.pairs, found.same) == (50, 0.7)
    assert found.kappa == pytest.approx(0.4)


def test_near_misses_of_a_scale_cost_less() -> None:
    near = agreement(_pairs((4, 3), (2, 2), (0, 1), most=4))
    far = agreement(_pairs((4, 0), (2, 2), (0, 4), most=4))
    assert near is not None
    assert far is not None
    assert near.same == far.same
    assert near.near > far.near
    assert near.kappa is not None
    assert far.kappa is not None
    assert near.kappa > 0 > far.kappa


def test_a_question_that_one_leaves_out_is_no_agreement() -> None:
    assert distance(None, None) == 0
    assert distance(None, Fraction(1)) == distance(Fraction(0), None) == 1


def test_alike_and_always_the_same_says_nothing_beyond_chance() -> None:
    found = agreement(_pairs((1, 1), (1, 1), most=1))
    assert found is not None
    assert (found.same, found.near, found.kappa) == (1, 1, None)
    assert agreement([]) is None


@given(several)
def test_agreement_keeps_its_ranges_and_does_not_care_who_is_first(pairs: list[Pair]) -> None:
    found = agreement(pairs)
    turned = agreement([Pair(pair.second, pair.first) for pair in pairs])
    assert found == turned
    assert found is not None
    assert 0 <= found.same <= found.near <= 1
    assert found.kappa is None or -1 <= found.kappa <= 1


@given(st.lists(shares, min_size=1, max_size=20))
def test_reviewers_who_say_the_same_agree_wholly(said: list[Fraction | None]) -> None:
    found = agreement([Pair(one, one) for one in said])
    assert found is not None
    assert (found.same, found.near) == (1, 1)
    assert found.kappa in (None, 1)


def test_answers_become_shares_of_their_scales() -> None:
    sheet = Sheet(items=(Item(code="a", text="A", points=4), Item(code="b", text="B")))
    found = pairs_of(sheet, {"a": 1, "b": None}, {"a": 4, "b": 1})
    assert found == {"a": Pair(Fraction(1, 4), Fraction(1)), "b": Pair(None, Fraction(1))}
