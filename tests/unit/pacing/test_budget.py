"""The abandonment budget: what it counts, when it is empty, how it is shared and kept."""

import json

import pytest

from dialer.pacing.budget import Budget
from dialer.pacing.policy import BudgetWindow, PredictivePolicy
from dialer.pacing.tally import Counts

STRICT = PredictivePolicy(credit_s=0.0)


def spent(policy: PredictivePolicy, answered: int, abandoned: int, at_s: float = 10.0) -> Budget:
    """A budget after so many people."""
    budget = Budget(policy)
    budget.pass_time(0.0)
    budget.pass_time(at_s)
    for _ in range(answered):
        budget.answered(at_s)
    for _ in range(abandoned):
        budget.abandoned(at_s, false_positive=False)
    return budget


@pytest.mark.parametrize(
    ("answered", "abandoned", "left"),
    [(0, 0, 0.0), (100, 0, 3.0), (100, 2, 1.0), (1000, 30, 0.0), (1000, 35, -5.0)],
)
def test_what_is_left_is_the_ceiling_less_those_abandoned(
    answered: int, abandoned: int, left: float
) -> None:
    assert spent(STRICT, answered, abandoned).standing(0, 10).left == pytest.approx(left)


def test_people_in_flight_are_charged_before_they_are_abandoned() -> None:
    budget = spent(STRICT, 200, 2)
    assert budget.standing(1.5, 10).left == pytest.approx(budget.standing(0, 10).left - 1.5)


def test_more_abandoned_people_slow_the_spending_down() -> None:
    paces = [spent(STRICT, 2000, abandoned).standing(0, 10).pace for abandoned in range(40, 70)]
    assert paces == sorted(paces, reverse=True)
    assert paces[0] > 0.029 > paces[-1]


def test_a_rolling_window_forgets() -> None:
    budget = spent(
        PredictivePolicy(credit_s=0.0, window=BudgetWindow(length_s=3600)),
        answered=100,
        abandoned=5,
    )
    assert budget.standing(0, 10).left == pytest.approx(-2)
    budget.pass_time(3700.0)
    assert budget.counts == Counts(0, 0)


def test_what_lies_before_the_window_does_not_count() -> None:
    budget = spent(PredictivePolicy(window=BudgetWindow(since_s=100.0)), 50, 10, at_s=99.0)
    assert budget.counts == Counts(0, 0)


def test_a_clock_that_goes_back_loses_nobody() -> None:
    window = BudgetWindow(length_s=3600)
    budget = spent(PredictivePolicy(window=window), 100, 5, at_s=5000.0)
    budget.pass_time(10.0)
    budget.abandoned(10.0, false_positive=False)
    budget.pass_time(5100.0)
    assert budget.counts == Counts(100, 6)


def test_campaigns_of_one_legal_entity_share_it() -> None:
    budget = spent(STRICT, 100, 0)
    budget.elsewhere = Counts(answered=100, abandoned=6)
    assert budget.standing(0, 10).left == pytest.approx(0.0)


def test_people_taken_for_machines_are_charged_from_audits() -> None:
    budget = spent(STRICT, 1000, 0)
    for _ in range(200):
        budget.machine(10.0)
    budget.audited(checked=100, people=5)
    assert budget.standing(0, 10).left == pytest.approx(30 - 10)
    before = budget.standing(0, 10).left
    budget.abandoned(10.0, false_positive=True)  # one of the ten came to light
    assert budget.standing(0, 10).left == pytest.approx(before + 0.03)


def test_audits_that_see_a_tenth_stand_for_many_whom_nobody_saw() -> None:
    budget = spent(PredictivePolicy(credit_s=0.0, audit_share=0.1), 1000, 0)
    budget.abandoned(10.0, false_positive=True)
    assert 0 < budget.standing(0, 10).left < 30.03 - 10
    assert budget.counts.abandoned == 1


def test_machines_that_agents_found_are_no_answers() -> None:
    budget = spent(STRICT, 200, 4)
    for _ in range(100):
        budget.found_machine(10.0)
    counts = budget.counts
    assert counts.answered == pytest.approx(200 - 100 - 2)
    assert 2.0 < counts.abandoned < 4.0  # half of them machines, and some doubt


def test_credit_covers_a_fresh_window_and_fades() -> None:
    policy = PredictivePolicy()
    fresh, later = spent(policy, 0, 0), spent(policy, 0, 0, at_s=7200.0)
    assert fresh.standing(0, 10).left >= 1
    assert later.standing(0, 10).left <= 0


def test_no_more_credit_than_the_leads_left_can_repay() -> None:
    budget = spent(PredictivePolicy(), 100, 0)
    assert budget.standing(0, 10, reachable=0).left == pytest.approx(3.0)


def test_near_a_known_end_there_is_no_credit() -> None:
    window = BudgetWindow(ends_at_s=28_800.0)
    early = spent(PredictivePolicy(window=window), 500, 15, at_s=10_000.0)
    late = spent(PredictivePolicy(window=window), 500, 15, at_s=28_790.0)
    assert early.standing(0, 10).left > 1 > late.standing(0, 10).left


def test_a_full_half_hour_slows_down_whatever_the_day_has_left() -> None:
    policy = PredictivePolicy(window=BudgetWindow(ends_at_s=28_800.0))
    calm, burst = spent(policy, 100, 0, at_s=9000.0), spent(policy, 100, 5, at_s=9000.0)
    assert burst.standing(0, 5).left > 1
    assert burst.standing(0, 5).pace < calm.standing(0, 5).pace / 5


def test_saved_and_loaded_it_is_the_same() -> None:
    policy = PredictivePolicy(window=BudgetWindow(length_s=86_400))
    budget = spent(policy, 500, 12)
    budget.machine(10.0)
    budget.elsewhere = Counts(7, 1)
    loaded = Budget(policy)
    loaded.load(json.loads(json.dumps(budget.saved())))
    assert loaded.standing(0.3, 10) == budget.standing(0.3, 10)
