"""What holds for every decision, whatever the history."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.pacing.facts import Abandoned, Limit, PacingFacts, RingingCall, WaitingPerson
from dialer.pacing.policy import BudgetWindow, PacingMode, PredictivePolicy
from dialer.pacing.predictive import Predictive
from tests.pacing_history import NOTHING, PLENTY, history, told

# With hours to go the budget is not spent at once, so that predictions are compared.
DAY = PredictivePolicy(window=BudgetWindow(ends_at_s=28_800.0))
FEW = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 10_000)
counts = st.integers(0, 40)


def moments(lots: Random, at_s: float) -> PacingFacts:
    """Any moment at all, possible or not."""
    up_to = [lots.randrange(1, 60) for _ in range(4)]
    ringing = sorted(at_s - lots.uniform(0, 30) for _ in range(lots.randrange(up_to[0])))
    return PacingFacts(
        at_s=at_s,
        ready=lots.randrange(20),
        talking_since_s=[at_s - lots.expovariate(1 / 60) for _ in range(lots.randrange(up_to[1]))],
        wrapping_since_s=[at_s - lots.expovariate(1 / 15) for _ in range(lots.randrange(up_to[2]))],
        ringing=[RingingCall(f"r{i}", since_s) for i, since_s in enumerate(ringing)],
        waiting=[WaitingPerson(f"w{i}", at_s - 1) for i in range(lots.randrange(3))],
        free_channels=lots.choice([0, 1, 5, 50, PLENTY]),
        calls_allowed=lots.choice([0, 1, 5, 50, PLENTY]),
        leads_due=lots.choice([0, 1, 5, 50, PLENTY]),
        reserved=lots.randrange(3),
    )


@pytest.fixture(scope="module")
def learned() -> dict[str, object]:
    """What a controller knows after a quarter of an hour."""
    controller = Predictive(PredictivePolicy())
    told(controller, history(1, load=0.5).steps(900))
    return controller.saved()


def knowing(learned: dict[str, object], policy: PredictivePolicy) -> Predictive:
    """A controller that has been restarted after that."""
    controller = Predictive(policy)
    controller.load(learned)
    return controller


@FEW
@given(seed=seeds, mode=st.sampled_from(PacingMode))
def test_never_more_than_any_bound(learned: dict[str, object], seed: int, mode: PacingMode) -> None:
    lots = Random(seed)
    policy = PredictivePolicy(mode, dial_ratio=2.0, max_ratio=lots.choice([None, 2.0, 3.0]))
    controller = knowing(learned, policy)
    for second in range(20):
        facts = moments(lots, 1000.0 + second)
        place = controller.decide(facts).place
        assert 0 <= place <= min(facts.free_channels, facts.calls_allowed, facts.leads_due)
        if policy.max_ratio is not None and place:
            up = len(facts.ringing) + len(facts.waiting) + len(facts.talking_since_s)
            assert up + place <= policy.max_ratio * facts.agents


@FEW
@given(seed=seeds, mode=st.sampled_from(PacingMode))
def test_none_without_agents(learned: dict[str, object], seed: int, mode: PacingMode) -> None:
    controller = knowing(learned, PredictivePolicy(mode, dial_ratio=3.0))
    nobody = replace(
        moments(Random(seed), 1000.0), ready=0, reserved=0, talking_since_s=(), wrapping_since_s=()
    )
    decision = controller.decide(nobody)
    assert decision.place == 0
    assert decision.why.limit is Limit.NO_AGENTS


@FEW
@given(seed=seeds)
def test_no_call_is_cancelled_before_the_legal_minimum(
    learned: dict[str, object], seed: int
) -> None:
    lots = Random(seed)
    controller = knowing(learned, PredictivePolicy())
    for second in range(20):
        facts = moments(lots, 1000.0 + second)
        old = {c.id for c in facts.ringing if facts.at_s - c.placed_at_s >= 15.0}
        cancel = controller.decide(facts).cancel
        assert set(cancel) <= old
        assert len(set(cancel)) == len(cancel)


@FEW
@given(seed=seeds, more=st.integers(1, 20))
def test_worse_abandonment_never_dials_more(
    learned: dict[str, object], seed: int, more: int
) -> None:
    lots = Random(seed)
    # Each moment anew: who has placed more calls may place fewer a second later.
    for second in range(5):
        facts = moments(lots, 1001.0 + second)
        better, worse = knowing(learned, DAY), knowing(learned, DAY)
        for number in range(more):
            worse.observe(Abandoned(f"x{number}", 1000.0))
        assert worse.decide(facts).place <= better.decide(facts).place


def test_much_worse_abandonment_dials_less(learned: dict[str, object]) -> None:
    better, worse = knowing(learned, DAY), knowing(learned, DAY)
    for number in range(8):
        worse.observe(Abandoned(f"x{number}", 1000.0))
    facts = replace(NOTHING, at_s=1000.0, ready=5, talking_since_s=[950.0] * 10)
    assert worse.decide(facts).place < better.decide(facts).place


@settings(max_examples=8, deadline=None)
@given(seed=seeds, target=st.floats(0.0, 0.029))
def test_a_lower_target_never_dials_more(
    learned: dict[str, object], seed: int, target: float
) -> None:
    bold, timid = knowing(learned, DAY), knowing(learned, replace(DAY, target_rate=target))
    bolder = told(bold, history(seed, load=0.5, at_s=900.0).steps(200))
    more_timid = told(timid, history(seed, load=0.5, at_s=900.0).steps(200))
    assert all(a.place <= b.place for a, b in zip(more_timid, bolder, strict=True))


@FEW
@given(seed=seeds, burnt=st.integers(1, 200))
def test_an_empty_budget_dials_progressively(
    learned: dict[str, object], seed: int, burnt: int
) -> None:
    """Nothing is risked below one person: a decision never makes the budget negative."""
    lots = Random(seed)
    controller = knowing(learned, PredictivePolicy(credit_s=0.0))
    for number in range(burnt):
        controller.observe(Abandoned(f"b{number}", 1000.0))
    for second in range(20):
        facts = moments(lots, 1001.0 + second)
        decision = controller.decide(facts)
        if decision.why.budget_left < 1:
            on_the_way = len(facts.ringing) + len(facts.waiting)
            assert decision.place <= max(0, facts.ready - facts.reserved - on_the_way)


@settings(max_examples=8, deadline=None)
@given(seed=seeds)
def test_the_same_history_gives_the_same_decisions(seed: int) -> None:
    one = told(Predictive(PredictivePolicy()), history(seed).steps(120))
    other = told(Predictive(PredictivePolicy()), history(seed).steps(120))
    assert one == other


def test_a_restart_changes_no_decision() -> None:
    """Saved and loaded at a moment at which nothing is in flight, a controller goes on as before."""
    controller = Predictive(PredictivePolicy())
    told(controller, history(3, load=0.5).steps(600))
    restarted = knowing(controller.saved(), PredictivePolicy())
    # A second later: after a gap only the one that had a past would see the clock jump.
    quiet = replace(NOTHING, at_s=601.0, ready=3, talking_since_s=[591.0, 561.0, 531.0, 501.0])
    again, before = restarted.decide(quiet), controller.decide(quiet)
    assert (again.place, again.why.limit) == (before.place, before.why.limit)
