"""Intervals, effective bases and differences against numbers of textbooks, and their laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.crosstabs.statistics import Base, is_higher, wilson, z_of

shares = st.floats(0, 1)
bases = st.floats(1, 1e6)
groups = st.lists(st.tuples(st.integers(1, 500), st.floats(0.05, 20)), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("hits", "base", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_that_of_the_literature(
    hits: int, base: int, low: float, high: float
) -> None:
    """Source: R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3."""
    found = wilson(hits / base, base)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_effective_base_and_design_effect_by_hand() -> None:
    base = Base.of([(2, 1.0), (1, 2.0)])
    assert (base.count, base.weighted) == (3, 4)
    assert base.effective == pytest.approx(16 / 6)
    assert base.design_effect == pytest.approx(3 * 6 / 16)
    assert Base.of([]).design_effect == 1


def test_a_difference_by_hand() -> None:
    # pooled 0.525; sqrt(0.525 * 0.475 * 2 / 100) = 0.070622
    assert z_of(0.60, 100, 0.45, 100) == pytest.approx(2.1240, abs=1e-4)
    assert is_higher(0.60, 100, 0.45, 100)
    assert not is_higher(0.45, 100, 0.60, 100)
    assert not is_higher(0.58, 100, 0.45, 100)  # z = 1.840
    assert not is_higher(0.9, 29, 0.1, 1000), "too few to be compared"
    assert z_of(1, 50, 1, 50) == z_of(0.5, 0, 0.1, 9) == 0


@given(share=shares, base=bases)
def test_an_interval_holds_its_share_and_shrinks_with_the_base(share: float, base: float) -> None:
    found, wider = wilson(share, base), wilson(share, base / 2)
    assert found is not None
    assert wider is not None
    assert 0 <= found.low <= share <= found.high <= 1
    assert found.high - found.low <= wider.high - wider.low + 1e-12
    assert wilson(share, 0) is None


@given(groups)
def test_weights_never_add_respondents(kept: list[tuple[int, float]]) -> None:
    base = Base.of(kept)
    assert base.design_effect >= 1
    assert 0 < base.effective <= base.count * (1 + 1e-9)
    same = Base.of((count, 3.5) for count, _ in kept)
    assert same.effective == pytest.approx(base.count)
