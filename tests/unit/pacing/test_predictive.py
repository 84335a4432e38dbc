"""The controller at work: modes, warm-up, cancelling, what it says, and bad input."""

from dataclasses import replace
from typing import Any

import pytest

from dialer.pacing.facts import (
    Abandoned,
    CallEnd,
    Limit,
    RingingCall,
    TalkEnded,
    Unanswered,
    WrapEnded,
)
from dialer.pacing.policy import PacingMode, PredictivePolicy
from dialer.pacing.predictive import Predictive
from dialer.pacing.watch import CLOCK_BACK, CLOCK_JUMP, NO_ANSWERS, STUCK_WRAP, TRUNK_FAILS
from tests.pacing_history import NOTHING, history, told

READY = replace(NOTHING, at_s=905.0, ready=10)


def learned(policy: PredictivePolicy | None = None, agents: int = 10) -> Predictive:
    """A controller after a quarter of an hour."""
    controller = Predictive(policy or PredictivePolicy())
    told(controller, history(1, agents=agents, load=0.4).steps(900))
    return controller


def test_a_new_controller_dials_progressively() -> None:
    decision = Predictive(PredictivePolicy()).decide(READY)
    assert decision.place == 10
    assert decision.why.limit is Limit.LEARNING


def test_yesterdays_estimates_spare_the_warm_up() -> None:
    today = Predictive(PredictivePolicy(), learned().estimates.saved())
    decision = today.decide(replace(READY, at_s=0.0))
    assert decision.place > 10
    assert decision.why.limit is Limit.RISK


def test_it_dials_ahead_of_agents_who_will_soon_be_free() -> None:
    busy = replace(READY, ready=0, talking_since_s=[785.0] * 10, wrapping_since_s=[890.0] * 10)
    decision = learned().decide(busy)
    assert decision.place > 0
    assert decision.why.risk is not None
    assert decision.why.risk <= decision.why.threshold


def test_the_next_call_would_be_too_risky() -> None:
    controller = learned()
    first = controller.decide(READY)
    assert first.why.limit is Limit.RISK
    ringing = [RingingCall(f"n{i}", 905.0) for i in range(first.place)]
    again = controller.decide(replace(READY, ringing=ringing))
    assert again.place == 0
    assert again.why.risk is not None
    assert again.why.risk > again.why.threshold


@pytest.mark.parametrize(
    ("bound", "limit"),
    [
        ({"free_channels": 3}, Limit.CHANNELS),
        ({"calls_allowed": 2}, Limit.RATE),
        ({"leads_due": 1}, Limit.LEADS),
    ],
)
def test_the_bound_that_held_is_told(bound: dict[str, Any], limit: Limit) -> None:
    decision = learned().decide(replace(READY, **bound))
    assert decision.place == next(iter(bound.values()))
    assert decision.why.limit is limit


def test_the_highest_ratio_holds() -> None:
    decision = learned(PredictivePolicy(max_ratio=1.2)).decide(READY)
    assert decision.place == 12
    assert decision.why.limit is Limit.RATIO


def test_power_keeps_its_ratio() -> None:
    power = Predictive(PredictivePolicy(PacingMode.POWER, dial_ratio=2.5))
    decision = power.decide(replace(READY, ringing=[RingingCall("a", 904.0)]))
    assert decision.place == 24


def test_too_few_agents_for_prediction_dial_progressively() -> None:
    decision = learned(PredictivePolicy(least_agents=15)).decide(READY)
    assert (decision.place, decision.why.limit) == (10, Limit.AGENTS)


def test_reserved_agents_get_no_calls() -> None:
    decision = Predictive(PredictivePolicy()).decide(replace(READY, reserved=4))
    assert decision.place == 6


def test_a_spent_budget_is_told_and_progressive() -> None:
    controller = learned()
    for number in range(40):
        controller.observe(Abandoned(number, 905.0))
    decision = controller.decide(READY)
    assert (decision.place, decision.why.limit) == (10, Limit.BUDGET)
    assert decision.why.budget_left < 0


def test_calls_that_would_find_nobody_are_cancelled_the_others_ring_on() -> None:
    old = [RingingCall(f"old{i}", 885.0) for i in range(30)]
    young = [RingingCall(f"young{i}", 900.0) for i in range(5)]
    crowded = replace(READY, ready=1, talking_since_s=[900.0] * 9, ringing=old + young)
    cancel = learned().decide(crowded).cancel
    assert 0 < len(cancel) <= 30
    assert all(str(call_id).startswith("old") for call_id in cancel)
    assert not learned(PredictivePolicy(cancels=False)).decide(crowded).cancel


def test_detection_that_eats_the_patience_makes_it_careful() -> None:
    busy = replace(READY, ready=1, talking_since_s=[835.0] * 20, wrapping_since_s=[893.0] * 20)
    plain = learned(agents=40).decide(busy)
    screened = learned(PredictivePolicy(detection_s=2.0), agents=40).decide(busy)
    assert screened.why.expected_free < plain.why.expected_free
    assert screened.place <= plain.place


def test_an_occupancy_that_is_enough_holds_it_back() -> None:
    eager, content = learned(), learned(PredictivePolicy(target_occupancy=0.3))
    places = [controller.decide(READY).place for controller in (eager, content)]
    assert places[1] < places[0]


def test_an_agent_who_never_ends_a_wrap_up_is_told() -> None:
    stuck = replace(READY, ready=1, wrapping_since_s=[-3000.0], at_s=905.0)
    assert learned().decide(stuck).why.note == STUCK_WRAP


def test_a_trunk_that_loses_every_call_stops_the_prediction() -> None:
    controller = learned()
    for number in range(100):
        controller.observe(Unanswered(f"f{number}", 903.0, 0.2, CallEnd.FAILED))
    decision = controller.decide(READY)
    assert decision.why.note == TRUNK_FAILS
    assert decision.place == 1
    assert decision.why.answer_rate > 0.1  # lost calls say nothing of people


def test_nobody_answers_for_an_hour() -> None:
    controller, placed = learned(), []
    for second in range(3600):
        at_s = 900.0 + second
        controller.observe(Unanswered(f"q{second}", at_s, 25.0, CallEnd.NO_ANSWER))
        decision = controller.decide(replace(READY, at_s=at_s))
        placed.append(decision.place)
    assert decision.why.note == NO_ANSWERS
    assert sum(placed[-60:]) == 30  # probes
    assert decision.why.answer_rate < 0.01


@pytest.mark.parametrize(("at_s", "note"), [(500.0, CLOCK_BACK), (90_000.0, CLOCK_JUMP)])
def test_a_clock_that_jumps_stops_the_prediction_for_a_while(at_s: float, note: str) -> None:
    controller = learned()
    jumped = controller.decide(replace(READY, at_s=at_s))
    assert (jumped.place, jumped.why.note) == (10, note)
    for second in range(1, 40):
        later = controller.decide(replace(READY, at_s=at_s + second))
    assert later.why.note == ""
    assert later.why.limit is not Limit.LEARNING


def test_thousands_of_agents() -> None:
    controller = learned(agents=30)
    many = replace(
        READY,
        ready=500,
        talking_since_s=[905.0 - i % 200 for i in range(3000)],
        wrapping_since_s=[905.0 - i % 30 for i in range(700)],
        ringing=[RingingCall(f"m{i}", 885.0 + i / 500) for i in range(9000)],
    )
    decision = controller.decide(many)
    assert 0 <= decision.place <= 100_000


def test_events_of_unknown_calls_do_no_harm() -> None:
    controller = Predictive(PredictivePolicy())
    controller.observe(Unanswered("never seen", 5.0, 1.0, CallEnd.REFUSED))
    controller.observe(Abandoned("nor this", 5.0))
    controller.observe(TalkEnded(5.0, -1.0))
    controller.observe(WrapEnded(5.0, 1e9, paused=True))
    assert controller.decide(READY).place == 10
