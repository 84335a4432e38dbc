"""What the controller learns: answer rates that jump, durations of any shape, ringing times."""

import json
from math import exp
from random import Random

import numpy as np
import pytest

from dialer.pacing.estimates import Estimates
from dialer.pacing.facts import (
    Answered,
    CallEnd,
    RingingCall,
    TalkEnded,
    Unanswered,
    WrapEnded,
)
from dialer.pacing.hazards import TALK_EDGES_S, WRAP_EDGES_S, Hazard
from dialer.pacing.normal import nobody_free
from dialer.pacing.rates import AnswerRates
from dialer.pacing.ringing import RingTimes

NONE_OPEN = np.zeros(0)


def dialled(
    rates: AnswerRates, lots: Random, rate: float, seconds: int, per_s: float, segment: int = 0
) -> None:
    """Let people answer at ``rate`` for a time."""
    row = rates.row(segment)
    for _ in range(seconds):
        exposure = np.zeros(len(rates.ratios))
        exposure[row] = per_s
        rates.exposed(exposure)
        for _ in range(int(per_s)):
            if lots.random() < rate:
                rates.answered(row)
        rates.step(1.0)


def test_the_answer_rate_is_found_and_its_doubt_shrinks() -> None:
    rates = AnswerRates()
    doubt2 = rates.doubt2
    dialled(rates, Random(1), 0.1, 1200, 3)
    assert rates.mean == pytest.approx(0.1, rel=0.12)
    assert rates.doubt2 < doubt2 / 5


def test_a_jump_of_the_answer_rate_is_followed_within_a_minute() -> None:
    rates = AnswerRates()
    dialled(rates, Random(2), 0.1, 1800, 10)
    dialled(rates, Random(3), 0.4, 60, 10)
    assert rates.mean == pytest.approx(0.4, rel=0.15)


def test_segments_differ_and_a_new_one_is_like_the_others() -> None:
    rates, lots = AnswerRates(), Random(4)
    for _ in range(60):
        dialled(rates, lots, 0.1, 10, 4, segment=7)
        dialled(rates, lots, 0.3, 10, 4, segment=8)
    assert rates.of(7) == pytest.approx(0.1, rel=0.25)
    assert rates.of(8) == pytest.approx(0.3, rel=0.25)
    assert rates.of(99) == pytest.approx(rates.mean)


def test_one_segment_answers_as_the_campaign_does_after_a_restart_too() -> None:
    rates, again = AnswerRates(), AnswerRates()
    dialled(rates, Random(6), 0.2, 3600, 4)
    again.load(rates.saved(), trust=0.5)
    assert again.by_row.tolist() == [pytest.approx(rates.mean, rel=0.05)]


@pytest.mark.parametrize("segments", [(5,), (5, 6)])
def test_the_mean_stays_the_campaigns_whichever_its_segments_are(segments: tuple[int, ...]) -> None:
    """Else the mean would sink while the ratios rise: of nothing but their product is anything known."""
    rates, lots = AnswerRates(), Random(8)
    for _ in range(360):
        for segment in segments:
            dialled(rates, lots, 0.3, 20, 2, segment=segment)
    assert rates.mean == pytest.approx(0.3, rel=0.1)
    assert [rates.of(segment) for segment in segments] == pytest.approx(
        [0.3] * len(segments), rel=0.15
    )


def test_a_segment_that_comes_late_does_not_make_the_first_one_better() -> None:
    rates, lots = AnswerRates(), Random(7)
    dialled(rates, lots, 0.2, 3600, 4)
    dialled(rates, lots, 0.2, 60, 4, segment=5)
    assert rates.by_row.tolist() == [pytest.approx(0.2, rel=0.25)] * 2


def test_hundreds_of_segments_share_the_table() -> None:
    rates = AnswerRates()
    assert max(rates.row(segment) for segment in range(500)) < 64


def test_an_hour_without_answers_leaves_a_small_rate() -> None:
    rates = AnswerRates()
    dialled(rates, Random(5), 0.0, 3600, 2)
    assert 0 < rates.mean < 0.01


def test_a_hazard_finds_a_fixed_duration() -> None:
    wrap = Hazard(WRAP_EDGES_S, 15.0, 0.5)
    for _ in range(300):
        wrap.ended(10.5)
    left = wrap.survival(np.array([9.0, 12.0]), NONE_OPEN)
    assert left[0] > 0.9
    assert left[1] < 0.2


def test_a_hazard_finds_an_exponential_talk() -> None:
    talk, lots = Hazard(TALK_EDGES_S, 90.0, 2.0), Random(6)
    for _ in range(3000):
        talk.ended(lots.expovariate(1 / 60))
    left = talk.survival(np.array([30.0, 60.0, 120.0]), NONE_OPEN)
    assert left == pytest.approx([exp(-0.5), exp(-1), exp(-2)], abs=0.04)
    assert talk.mean_s == pytest.approx(60, rel=0.1)


def test_an_agent_who_never_ends_a_wrap_up_is_not_expected_back() -> None:
    wrap, lots = Hazard(WRAP_EDGES_S, 15.0, 0.5), Random(7)
    for _ in range(500):
        wrap.ended(lots.gammavariate(4, 15 / 4))
    ages = np.array([3600.0, 3620.0])
    expected, stuck = wrap.survival(ages, NONE_OPEN), wrap.survival(ages, np.array([3600.0]))
    assert 1 - expected[1] / max(expected[0], 1e-300) > 0.3
    assert 1 - stuck[1] / stuck[0] < 0.1


def test_ringing_times_are_learned_also_from_calls_we_cut() -> None:
    ringing, lots = RingTimes(25.0), Random(8)
    for _ in range(4000):
        ring_s = lots.uniform(2, 22)
        if lots.random() < 0.3:
            ringing.cancelled(15.0, 0.5) if ring_s > 15 else ringing.answered(ring_s)
        else:
            ringing.answered(ring_s)
    ringing.refresh()
    assert ringing.mean_s == pytest.approx(12, abs=1.0)


def test_answers_to_calls_that_began_to_ring_late_have_their_place() -> None:
    slow = RingTimes(25.0, setup_s=12.0)
    for _ in range(200):
        slow.answered(33.0)
    slow.refresh()
    assert slow.bin(33.0) < slow.bins - 2
    assert slow.mean_s > 30
    assert RingTimes(25.0).bins == RingTimes(25.0, setup_s=0.0).bins < slow.bins


def test_a_call_that_rings_is_evidence_before_it_ends() -> None:
    estimates = Estimates(25.0)
    before = estimates.rates.mean
    for number in range(100):
        estimates.placed(RingingCall(number, 0.0), 0.0)
    for _ in range(30):
        estimates.pass_time(1.0)
    assert estimates.rates.mean < before / 2


def test_a_cancelled_call_is_no_evidence_of_silence() -> None:
    cut, rung = Estimates(25.0), Estimates(25.0)
    for estimates, end in ((cut, CallEnd.CANCELLED), (rung, CallEnd.NO_ANSWER)):
        for number in range(100):
            estimates.placed(RingingCall(number, 0.0), 0.0)
        estimates.pass_time(1.0)
        for number in range(100):
            estimates.observe(Unanswered(number, 1.0, 1.0, end))
        for _ in range(30):
            estimates.pass_time(1.0)
    assert cut.rates.mean > rung.rates.mean


def test_shares_of_pauses_machines_and_failures() -> None:
    estimates = Estimates(25.0)
    for number in range(400):
        estimates.observe(WrapEnded(0.0, 10.0, paused=number % 10 == 0))
        end = CallEnd.MACHINE if number % 2 else CallEnd.FAILED
        estimates.observe(Unanswered(number, 0.0, 5.0, end))
    assert estimates.pausing.value == pytest.approx(0.1, abs=0.03)
    assert estimates.machines.value == pytest.approx(0.5, abs=0.06)
    assert estimates.failing.value == pytest.approx(0.5, abs=0.06)


def test_saved_and_loaded_the_beliefs_are_the_same() -> None:
    estimates, lots = Estimates(25.0), Random(9)
    for number in range(200):
        estimates.observe(Answered(number, 0.0, lots.uniform(3, 20), number % 3))
        estimates.observe(TalkEnded(0.0, lots.expovariate(1 / 60)))
        estimates.observe(WrapEnded(0.0, 12.0, paused=False))
        estimates.pass_time(1.0)
    loaded = Estimates(25.0)
    loaded.load(json.loads(json.dumps(estimates.saved())))
    assert loaded.known
    assert loaded.saved() == estimates.saved()
    assert loaded.rates.mean == pytest.approx(estimates.rates.mean)


@pytest.mark.parametrize(
    ("chances", "free"), [((0.3,) * 40, 0), ((0.05,) * 60, 0), ((0.5,) * 9, 1)]
)
def test_the_tail_agrees_with_the_exact_distribution(chances: tuple[float, ...], free: int) -> None:
    exact = np.array([1.0])
    for chance in chances:
        exact = np.convolve(exact, [1 - chance, chance])
    p = np.array(chances)
    variance = p * (1 - p)
    third = variance * (1 - 2 * p)
    for taken in range(3):
        wanted = exact[: max(0, taken - free) + 1].sum()
        mean = np.array([free + p.sum() - taken])
        found = nobody_free(mean, np.array([variance.sum()]), np.array([third.sum()]))
        assert found[0] == pytest.approx(wanted, abs=0.012)
