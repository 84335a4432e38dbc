"""The rivals: how many calls they place, what they learn, and what bounds them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.pacing.facts import (
    Abandoned,
    Answered,
    CallEnd,
    Limit,
    PacingFacts,
    RingingCall,
    TalkEnded,
    Unanswered,
    WaitingPerson,
    WrapEnded,
)
from dialer.simulator.pacing_lab.baselines import ErlangPredictor, FixedRatio, Progressive
from dialer.simulator.pacing_lab.rules import Beat
from dialer.simulator.pacing_lab.vicidial import VicidialAdaptive


def facts(
    at_s: float = 0.0, ready: int = 0, ringing: int = 0, waiting: int = 0, talking: int = 0
) -> PacingFacts:
    return PacingFacts(
        at_s=at_s,
        ready=ready,
        talking_since_s=[at_s - 10.0] * talking,
        wrapping_since_s=[],
        ringing=[RingingCall(number, at_s) for number in range(ringing)],
        waiting=[WaitingPerson(number, at_s) for number in range(waiting)],
        free_channels=1000,
        calls_allowed=1000,
        leads_due=1000,
    )


floors = st.builds(
    PacingFacts,
    at_s=st.floats(0, 1e6),
    ready=st.integers(0, 20),
    talking_since_s=st.lists(st.floats(0, 1e6), max_size=20),
    wrapping_since_s=st.lists(st.floats(0, 1e6), max_size=5),
    ringing=st.lists(st.builds(RingingCall, st.integers(), st.floats(0, 1e6)), max_size=20),
    waiting=st.lists(st.builds(WaitingPerson, st.integers(), st.floats(0, 1e6)), max_size=5),
    free_channels=st.integers(0, 10),
    calls_allowed=st.integers(0, 10),
    leads_due=st.integers(0, 10),
    reserved=st.integers(0, 5),
)
happenings = st.one_of(
    st.builds(Answered, st.integers(), st.floats(0, 1e6), st.floats(0, 60)),
    st.builds(
        Unanswered, st.integers(), st.floats(0, 1e6), st.floats(0, 60), st.sampled_from(CallEnd)
    ),
    st.builds(Abandoned, st.integers(), st.floats(0, 1e6)),
    st.builds(TalkEnded, st.floats(0, 1e6), st.floats(0, 600)),
    st.builds(WrapEnded, st.floats(0, 1e6), st.floats(0, 60), st.booleans()),
)


@given(st.lists(st.one_of(floors, happenings), max_size=40), st.integers(0, 3))
def test_nobody_exceeds_the_bounds_or_dials_without_agents(
    history: list[object], which: int
) -> None:
    rival = (Progressive(), FixedRatio(8.0), ErlangPredictor(), VicidialAdaptive())[which]
    for thing in history:
        if not isinstance(thing, PacingFacts):
            rival.observe(thing)  # type: ignore[arg-type]  # a list of both kinds
            continue
        decision = rival.decide(thing)
        most = min(thing.free_channels, thing.calls_allowed, thing.leads_due)
        assert 0 <= decision.place <= most
        assert decision.place == 0 or thing.agents > 0
        assert decision.cancel == ()
        assert decision.why.risk is None
        assert decision.why.threshold == decision.why.budget_left == decision.why.doubt == 0.0
        assert 0.0 <= decision.why.answer_rate <= 1.0


@given(floors)
def test_progressive_never_has_more_calls_than_free_agents(now: PacingFacts) -> None:
    place = Progressive().decide(now).place
    assert place == 0 or place + len(now.ringing) + len(now.waiting) <= now.ready - now.reserved


@pytest.mark.parametrize(("ready", "ringing", "waiting", "place"), [(5, 3, 1, 1), (2, 3, 0, 0)])
def test_progressive_fills_up(ready: int, ringing: int, waiting: int, place: int) -> None:
    decision = Progressive().decide(facts(ready=ready, ringing=ringing, waiting=waiting, talking=1))
    assert (decision.place, decision.why.limit) == (place, Limit.AGENTS)


@pytest.mark.parametrize(("ratio", "place"), [(1.5, 3), (2.0, 5), (2.6, 6), (0.2, 0)])
def test_a_ratio_counts_free_agents_and_what_rings(ratio: float, place: int) -> None:
    decision = FixedRatio(ratio).decide(facts(ready=3, ringing=1, talking=9))
    assert (decision.place, decision.why.limit) == (place, Limit.RATIO)


def test_a_ratio_without_calls_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        FixedRatio(0.0)


@pytest.mark.parametrize(
    ("bound", "limit"),
    [
        ({"free_channels": 2}, Limit.CHANNELS),
        ({"calls_allowed": 2}, Limit.RATE),
        ({"leads_due": 2}, Limit.LEADS),
        ({"reserved": 3}, Limit.AGENTS),
    ],
)
def test_what_bounds_is_named(bound: dict[str, int], limit: Limit) -> None:
    decision = Progressive().decide(replace(facts(ready=5), **bound))  # type: ignore[arg-type]
    assert (decision.place, decision.why.limit) == (2, limit)


def test_without_agents_that_is_said() -> None:
    assert FixedRatio(3.0).decide(facts()).why.limit is Limit.NO_AGENTS


def test_a_beat_keeps_its_phase_and_survives_jumps() -> None:
    beat = Beat(10.0)
    assert [at_s for at_s in (0.0, 4.0, 11.0, 19.0, 20.0, 29.0) if beat.due(at_s)] == [0, 11, 20]
    assert beat.due(5000.0)
    assert not beat.due(5009.0)
    assert beat.due(5010.0)
    assert beat.due(100.0)
    assert not beat.due(109.0)
    assert beat.due(110.0)


def taught(answered: int, unanswered: int, talks: int, talk_s: float = 60.0) -> ErlangPredictor:
    predictor = ErlangPredictor()
    for _ in range(answered):
        predictor.observe(Answered(0, 0.0, ring_s=10.0))
    for _ in range(unanswered):
        predictor.observe(Unanswered(0, 0.0, 25.0, CallEnd.NO_ANSWER))
    for _ in range(talks):
        predictor.observe(TalkEnded(0.0, talk_s))
    return predictor


def test_the_predictor_divides_by_the_answer_ratio() -> None:
    assert taught(4, 12, 0).decide(facts(ready=2, ringing=1)).place == 4
    assert taught(1, 99, 0).decide(facts(ready=2)).place == 10  # never below a fifth
    assert taught(2, 7, 0).decide(facts(ready=2)).place == 2  # nine calls are too few
    assert taught(4, 12, 0).decide(facts(at_s=1801.0, ready=2)).place == 2  # too long ago


def test_the_predictor_counts_on_old_talks_after_ten() -> None:
    # Exponential with mean 60 s: 0.97 at 210.4 s, of which 10 s are the answer's delay.
    old, young = [-201.0, -201.0, -201.0], [-200.0]
    now = replace(facts(ready=0), talking_since_s=old + young)
    assert taught(4, 0, 9).decide(now).why.limit is Limit.LEARNING
    assert taught(4, 0, 9).decide(now).place == 0
    assert taught(4, 0, 10).decide(now).place == 3
    assert taught(4, 0, 10).decide(now).why.limit is Limit.AGENTS


def test_the_predictor_looks_every_three_seconds() -> None:
    predictor = taught(0, 0, 0)
    placed = [predictor.decide(facts(at_s=float(at_s), ready=1)).place for at_s in range(7)]
    assert placed == [1, 0, 0, 1, 0, 0, 1]
