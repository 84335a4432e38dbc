"""A supervisor changes a setting in the middle of things: the controller loses nothing it knows."""

from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from dialer.pacing.budget import BURST_S
from dialer.pacing.facts import Answered, PacingFacts, RingingCall
from dialer.pacing.policy import BudgetWindow, PredictivePolicy
from dialer.pacing.predictive import Predictive
from dialer.pacing.tally import Counts
from dialer.pacing.watch import NO_ANSWERS
from tests.pacing_history import NOTHING, history, told

POLICY = PredictivePolicy(credit_s=0.0, window=BudgetWindow(86_400.0))
SECONDS = 900
RINGING = [RingingCall(f"r{n}", 890.0 + n) for n in range(10)]
BUSY = replace(
    NOTHING,
    at_s=905.0,
    talking_since_s=[880.0] * 8,
    wrapping_since_s=[895.0] * 2,
    ringing=RINGING,
)
#: Each back and forth.
CHANGES: list[dict[str, Any]] = [
    {"target_rate": 0.01},
    {"ceiling": 0.05, "burst_ceiling": 0.1},
    {"least_agents": 2},
    {"patience_s": 1.0},
    {"max_ratio": 3.0},
    {"target_occupancy": 0.99},
    {"ring_limit_s": 40.0},
    {"window": BudgetWindow(172_800.0)},
]


def learned() -> Predictive:
    """A controller after a quarter of an hour, with calls in flight; each time another copy."""
    return deepcopy(_learned())


@cache
def _learned() -> Predictive:
    controller = Predictive(POLICY)
    told(controller, history(1, agents=10, load=0.4).steps(SECONDS))
    controller.decide(BUSY)
    return controller


def later(at_s: float) -> PacingFacts:
    """The same moment some time later."""
    return replace(BUSY, at_s=at_s)


@pytest.mark.parametrize("change", CHANGES)
def test_a_setting_changed_and_changed_back_changes_no_decision(change: dict[str, Any]) -> None:
    changed, left_alone = learned(), learned()
    changed.use(replace(POLICY, **change))
    changed.use(POLICY)
    for controller in (changed, left_alone):
        controller._upkeep.use(POLICY)  # new tables for both
    for at_s in (906.0, 907.0):
        ours, theirs = changed.decide(later(at_s)), left_alone.decide(later(at_s))
        assert (ours.place, ours.cancel, ours.why.limit) == (
            theirs.place,
            theirs.cancel,
            theirs.why.limit,
        )
        assert ours.why.risk == pytest.approx(theirs.why.risk, rel=1e-6)
        assert ours.why.budget_left == pytest.approx(theirs.why.budget_left)


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_known_of_calls_in_flight_stays(change: dict[str, Any]) -> None:
    controller = learned()
    flights, exposure = controller._flights, controller.estimates._placed.sum()
    counts = controller.budget.counts
    assert flights.knows("r9")
    controller.use(replace(POLICY, **change))
    assert controller._flights.knows("r9")
    assert controller.estimates._placed.sum() == exposure > 0
    assert controller.budget.counts == counts
    answers = controller.estimates.answers
    controller.observe(Answered("r9", 906.0, 7.0))
    assert controller.estimates.answers == answers + 1
    controller.decide(replace(later(906.0), ringing=RINGING[:9]))


def test_a_silence_is_still_a_silence() -> None:
    controller = learned()
    for second in range(2000):
        at_s = 906.0 + second
        ringing = [RingingCall(f"s{n}", 906.0 + n) for n in range(max(0, second - 24), second)]
        controller.decide(replace(BUSY, at_s=at_s, ringing=ringing, talking_since_s=[at_s - 5] * 8))
    assert controller.watch.note == NO_ANSWERS
    controller.use(replace(POLICY, target_rate=0.01))
    decision = controller.decide(replace(BUSY, at_s=2907.0, ringing=()))
    assert decision.why.note == NO_ANSWERS
    assert controller.watch.recovering


def test_a_longer_ring_limit_keeps_the_times_that_were_learned() -> None:
    controller = learned()
    mean_s = controller.estimates.ringing.mean_s
    controller.use(replace(POLICY, ring_limit_s=40.0))
    assert controller.estimates.ringing.mean_s == pytest.approx(mean_s)
    controller.use(replace(POLICY, ring_limit_s=15.0))
    assert controller.estimates.ringing.mean_s < 15


def test_a_shorter_window_forgets_what_lies_before_it() -> None:
    controller = Predictive(POLICY)
    for at_s in (0.0, 5000.0):
        controller.budget.pass_time(at_s)
        for _ in range(10):
            controller.budget.answered(at_s)
    controller.use(replace(POLICY, window=BudgetWindow(BURST_S)))
    controller.budget.pass_time(5001.0)
    assert controller.budget.counts == Counts(10, 0)
    controller.use(replace(POLICY, window=BudgetWindow()))
    controller.budget.pass_time(50_000.0)
    assert controller.budget.counts == Counts(10, 0)
    controller.use(replace(POLICY, window=BudgetWindow(BURST_S)))
    controller.budget.pass_time(50_000.0 + 2 * BURST_S)
    assert controller.budget.counts == Counts(0, 0)
