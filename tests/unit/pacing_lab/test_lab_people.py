import numpy as np
import pytest

from dialer.pacing.facts import PacingFacts, RingingCall
from dialer.simulator.pacing_lab.chances import durations, factor_at, ring_quantiles
from dialer.simulator.pacing_lab.people import Fate, People
from dialer.simulator.pacing_lab.rates import path, with_odds
from dialer.simulator.pacing_lab.running import run_day
from dialer.simulator.pacing_lab.shapes import (
    AnswerRate,
    Bursts,
    Drift,
    Duration,
    Jumps,
    Law,
    Ring,
    Turn,
    Wave,
)
from tests.pacing_lab import PerAgent, day


@pytest.mark.parametrize("law", Law)
def test_times_have_the_mean_and_spread_that_were_asked_for(law: Law) -> None:
    drawn = durations(Duration(60.0, law, cv=1.5), 200_000, np.random.default_rng(1))
    spread = {Law.FIXED: 0.0, Law.EXPONENTIAL: 1.0}.get(law, 1.5)
    assert drawn.mean() == pytest.approx(60, rel=0.02)
    assert drawn.std() / drawn.mean() == pytest.approx(spread, abs=0.06)


@pytest.mark.parametrize("law", Law)
@pytest.mark.parametrize("mean_s", [6.0, 12.0])
def test_the_ring_time_has_its_mean_within_the_limit(law: Law, mean_s: float) -> None:
    times = ring_quantiles(Ring(mean_s=mean_s, law=law), 25.0)
    assert times.mean() == pytest.approx(mean_s, abs=0.05)
    assert times.min() >= 2.0
    assert times.max() <= 25.0
    assert (np.diff(times) >= 0).all()


def test_a_factor_is_linear_between_its_points() -> None:
    assert factor_at((), 3.0) == 1.0
    assert factor_at(((0.0, 1.0), (2.0, 3.0)), 1.5) == pytest.approx(2.5)


def at(spec: AnswerRate, *hours: float) -> list[float]:
    """The rate at some hours of eight."""
    rates = path(spec, 8 * 3600, np.random.default_rng(1))
    return [round(rates[int(hour * 3600)], 4) for hour in hours]


def test_a_shape_is_followed() -> None:
    points = ((0.0, 0.1), (4.0, 0.3), (8.0, 0.2))
    assert at(AnswerRate(shape=points), 0, 2, 4, 6, 8) == [0.1, 0.2, 0.3, 0.25, 0.2]
    assert at(AnswerRate(shape=points, steps=True), 0, 3.9, 4, 7.9) == [0.1, 0.1, 0.3, 0.3]


def test_a_list_turns() -> None:
    turns = (Turn(at_h=2, rate=0.05), Turn(at_h=4, rate=0.25, over_minutes=60))
    assert at(AnswerRate(rate=0.45, turns=turns), 1.99, 2, 4, 4.5, 5, 7) == [
        *(0.45, 0.05, 0.05, 0.15, 0.25, 0.25)
    ]


def test_nobody_answers_at_a_rate_of_nothing() -> None:
    turns = (Turn(at_h=2, rate=0.0), Turn(at_h=3, rate=0.2))
    spec = AnswerRate(rate=0.2, turns=turns, drift=Drift(sd=0.5))
    rates = path(spec, 4 * 3600, np.random.default_rng(1))
    assert {rates[second] for second in range(7200, 10800)} == {0.0}
    assert 0.0 not in rates[:7200] + rates[10800:]


def test_a_wave_swings_around_the_rate() -> None:
    rates = at(AnswerRate(rate=0.5, wave=Wave(minutes=120, swing=1.0)), 0, 0.5, 1, 1.5)
    assert rates == [0.5, 0.7311, 0.5, 0.2689]


def test_drift_has_its_spread_and_memory() -> None:
    logits = []
    for seed in range(40):
        rates = np.array(
            path(AnswerRate(rate=0.5, drift=Drift(sd=0.35)), 28800, np.random.default_rng(seed))
        )
        logits.append(np.log(rates / (1 - rates)))
    walks = np.array(logits)
    assert walks.std() == pytest.approx(0.35, rel=0.1)
    assert np.corrcoef(walks[:, 0], walks[:, 1800])[0, 1] < 0.75
    assert np.corrcoef(walks[:, 0], walks[:, 60])[0, 1] > 0.9


def test_jumps_take_the_odds_that_were_named() -> None:
    spec = AnswerRate(rate=0.2, jumps=Jumps(every_minutes=20, odds=(0.5, 2.0)))
    rates = path(spec, 28800, np.random.default_rng(3))
    assert {round(rate, 6) for rate in rates} == {
        *(0.2, round(with_odds(0.2, 0.5), 6), round(with_odds(0.2, 2.0), 6))
    }


def test_bursts_come_and_go() -> None:
    spec = AnswerRate(rate=0.2, bursts=Bursts(every_minutes=30, minutes=5, odds=3.0))
    rates = np.array(path(spec, 28800, np.random.default_rng(3)))
    high = rates > 0.3
    edges = np.flatnonzero(np.diff(high.astype(int)))
    assert 5 <= len(edges) // 2 <= 25
    assert {int(length) for length in np.diff(edges)[::2]} <= {299, 300, 301}


def test_one_part_of_the_rate_does_not_change_another() -> None:
    jumps = Jumps(every_minutes=20)
    alone = at(AnswerRate(rate=0.2, jumps=jumps), *range(8))
    both = path(
        AnswerRate(rate=0.2, jumps=jumps, drift=Drift(sd=1e-9)), 28800, np.random.default_rng(1)
    )
    assert [round(both[hour * 3600], 4) for hour in range(8)] == alone


def test_shares_of_fates() -> None:
    amd = {"false_positive": 0.1, "false_negative": 0.2}
    campaign = day(answer_rate=0.3, machines=0.15, fast_failures=0.25, amd=amd).campaigns[0]
    people = People(campaign, 3600, 1, 0)
    dials = [people.dial(number, 10.0) for number in range(20_000)]
    shares = {fate: sum(dial.fate is fate for dial in dials) / 20_000 for fate in Fate}
    assert shares == pytest.approx(
        {
            **{Fate.PERSON: 0.27, Fate.MISTAKEN: 0.03, Fate.MACHINE: 0.12, Fate.PASSED: 0.03},
            Fate.UNANSWERED: 0.55,
        },
        abs=0.012,
    )
    fast = [dial for dial in dials if dial.fate is Fate.UNANSWERED and dial.ring_s < 25]
    assert len(fast) / 20_000 == pytest.approx(0.25, abs=0.012)
    assert all(1 <= dial.ring_s <= 4 for dial in fast)


def test_without_analysis_every_machine_goes_to_an_agent() -> None:
    people = People(day(machines=0.5).campaigns[0], 3600, 1, 0)
    fates = {people.dial(number, 0.0).fate for number in range(500)}
    assert fates == {Fate.PERSON, Fate.PASSED, Fate.UNANSWERED}


def test_segments_answer_in_their_own_way_and_are_told_beforehand() -> None:
    told: dict[int, int] = {}
    seen: dict[int | str, RingingCall] = {}
    placed = 0

    def watch(facts: PacingFacts) -> None:
        nonlocal placed
        seen.update({call.id: call for call in facts.ringing})
        placed = max([placed, *(int(call.id) + 1 for call in facts.ringing)])
        told.update({placed + ahead: part for ahead, part in enumerate(facts.next_segments)})

    segments = [{"share": 1, "odds": 0.2}, {"share": 3, "answer_rate": 0.6}]
    scenario = day(agents=30, segments=segments)
    controller = PerAgent(watch=watch)
    run_day(scenario, lambda _scenario, _campaign, _former: controller, 1)
    assert len(seen) > 500
    assert all(told[int(id_)] == call.segment for id_, call in seen.items())
    assert np.mean([call.segment for call in seen.values()]) == pytest.approx(0.75, abs=0.05)
    people = People(scenario.campaigns[0], 3600, 1, 0)
    assert people.rate(0, 0) == pytest.approx(with_odds(0.25, 0.2))
    assert people.rate(0, 1) == pytest.approx(0.6)


def test_a_sequential_list_is_dialled_part_by_part() -> None:
    keys = {"list_size": 400, "list_order": "sequential"}
    campaign = day(segments=[{"share": 1}, {"share": 3}], **keys).campaigns[0]
    people = People(campaign, 3600, 1, 0)
    assert people.next_segments(0, 400) == [0] * 100 + [1] * 300
