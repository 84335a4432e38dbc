"""Weights: fitted by hand, in general, within limits, refused with the cell that is to blame."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from campaigns.crosstabs.asking import (
    LimitsWrong,
    TargetsUnreadable,
    limits_of,
    read_targets,
    written,
)
from campaigns.crosstabs.respondents import Alike, Missing, Said
from campaigns.crosstabs.weighting import CannotWeight, Limits, Margin, WeightingReason, weigh

WIDE = Limits(0.0, 100.0)


def person(*values: str | None, count: int = 1) -> Alike:
    return Alike(
        tuple(Said((one,)) if one else Said(missing=Missing.REFUSED) for one in values), count
    )


def margin(place: int, **shares: float) -> Margin:
    return Margin((place,), (f"v{place}",), {(code,): share for code, share in shares.items()})


SAMPLE = (
    person("m", "young", count=10),
    person("m", "old", count=20),
    person("f", "young", count=30),
    person("f", "old", count=40),
)


def test_cell_weights_are_target_over_share() -> None:
    found = weigh(SAMPLE, [margin(0, m=0.48, f=0.52)], WIDE)
    weights = [one.weight for one in found.respondents]
    assert weights == pytest.approx([0.48 / 0.3] * 2 + [0.52 / 0.7] * 2)
    assert found.trimmed == 0
    assert found.off_by < 1e-9


def test_joint_cells_are_weighted_together() -> None:
    [target] = read_targets("v0/v1: m/young=25, m/old=25, f/young=25, f/old=25")
    joint = Margin((0, 1), target.variables, dict(target.shares))
    weights = [one.weight for one in weigh(SAMPLE, [joint], WIDE).respondents]
    assert weights == pytest.approx([2.5, 1.25, 25 / 30, 0.625])


def test_raking_fits_both_margins_and_keeps_the_odds_ratio() -> None:
    """Source: Bishop, Fienberg, Holland, "Discrete Multivariate Analysis", section 3.6: interaction stays."""
    found = weigh(SAMPLE, [margin(0, m=0.4, f=0.6), margin(1, young=0.5, old=0.5)], WIDE)
    cells = [one.weight * one.count for one in found.respondents]
    assert sum(cells) == pytest.approx(100)
    assert cells[0] + cells[1] == pytest.approx(40)
    assert cells[0] + cells[2] == pytest.approx(50)
    assert cells[0] * cells[3] / (cells[1] * cells[2]) == pytest.approx(10 * 40 / (20 * 30))


def test_who_has_no_value_keeps_the_mean_weight() -> None:
    found = weigh([*SAMPLE, person(None, "old", count=50)], [margin(0, m=0.5, f=0.5)], WIDE)
    assert found.respondents[-1].weight == pytest.approx(1)
    assert sum(one.weight * one.count for one in found.respondents) == pytest.approx(150)


def test_limits_are_kept_and_what_is_left_over_is_told() -> None:
    sample = [person("m", count=5), person("f", count=95)]
    free = weigh(sample, [margin(0, m=0.5, f=0.5)], WIDE)
    assert free.respondents[0].weight == pytest.approx(10)
    held = weigh(sample, [margin(0, m=0.5, f=0.5)], Limits(0.2, 5))
    assert held.respondents[0].weight == pytest.approx(5)
    assert held.trimmed == 5
    assert held.off_by == pytest.approx(0.25)
    assert sum(one.weight * one.count for one in held.respondents) == pytest.approx(100)


@pytest.mark.parametrize(
    ("margins", "reason", "cell"),
    [
        ([margin(0, m=0.4, f=0.5, x=0.1)], WeightingReason.CELL_EMPTY, "v0 = x"),
        ([margin(0, m=1.0)], WeightingReason.NO_TARGET, "v0 = f"),
        ([margin(0, m=1.0, f=0.0)], WeightingReason.NO_TARGET, "v0 = f"),
    ],
)
def test_what_cannot_be_weighted_says_where(
    margins: list[Margin], reason: WeightingReason, cell: str
) -> None:
    with pytest.raises(CannotWeight) as refused:
        weigh(SAMPLE, margins, WIDE)
    assert (refused.value.reason, refused.value.cell) == (reason, cell)
    assert refused.value.facts["reason"] == reason.value


def test_margins_that_cannot_agree_are_refused() -> None:
    apart = [person("m", "young"), person("f", "old")]
    with pytest.raises(CannotWeight) as refused:
        weigh(apart, [margin(0, m=0.2, f=0.8), margin(1, young=0.7, old=0.3)], WIDE)
    assert refused.value.reason is WeightingReason.NO_AGREEMENT
    with pytest.raises(CannotWeight) as refused:
        weigh([], [margin(0, m=1.0)], WIDE)
    assert refused.value.reason is WeightingReason.NOBODY


counts = st.lists(st.integers(1, 60), min_size=6, max_size=6)
parts = st.integers(1, 20)


@settings(deadline=None)
@given(counts=counts, rows=st.tuples(parts, parts), columns=st.tuples(parts, parts, parts))
def test_full_tables_always_rake_and_trimmed_weights_stay_within_limits(
    counts: list[int], rows: tuple[int, int], columns: tuple[int, int, int]
) -> None:
    cells = [(r, c) for r in "ab" for c in "xyz"]
    sample = [person(r, c, count=n) for (r, c), n in zip(cells, counts, strict=True)]
    margins = [
        Margin((0,), ("r",), {(k,): n / sum(rows) for k, n in zip("ab", rows, strict=True)}),
        Margin((1,), ("c",), {(k,): n / sum(columns) for k, n in zip("xyz", columns, strict=True)}),
    ]
    try:
        free = weigh(sample, margins, WIDE)
    except CannotWeight:
        assume(False)
    assert free.off_by < 1e-6 or free.trimmed
    held = weigh(sample, margins, Limits(0.3, 3))
    total = sum(counts)
    assert all(0.3 - 1e-9 <= one.weight <= 3 + 1e-9 for one in held.respondents)
    assert sum(one.weight * one.count for one in held.respondents) == pytest.approx(total, rel=1e-6)


def test_targets_are_read_as_people_write_them() -> None:
    text = "sex: m=48, f=52\ncontact:city: Київ, центр=40,5; Львів=59.5 %"
    first, second = read_targets(text)
    assert (first.variables, dict(first.shares)) == (("sex",), {("m",): 0.48, ("f",): 0.52})
    assert second.variables == ("contact:city",)
    assert dict(second.shares) == pytest.approx({("Київ, центр",): 0.405, ("Львів",): 0.595})
    assert read_targets(written([first, second])) == (first, second)
    thirds = read_targets("q: a=33.3, b=33.3, c=33.3")
    assert sum(share for _, share in thirds[0].shares) == pytest.approx(1)
    for wrong in (
        "sex m=1",
        "sex: m=48, f=40",
        "sex: m=x, f=50",
        "a/b: m=100",
        "sex: m=50, m=50",
        "q:",
    ):
        with pytest.raises(TargetsUnreadable):
            read_targets(wrong)
    for ends in ((1.0, 5.0), (0.2, 1.0), (-1, 5), (0.2, 101)):
        with pytest.raises(LimitsWrong):
            limits_of(*ends)
