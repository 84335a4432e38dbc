"""A forecast from numbers: what is believed of the calls, how many come, and what virtual hours say."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from campaigns.leads.why import ReasonCount
from campaigns.pacing.beliefs import (
    USUAL_TALK_S,
    beliefs_of,
    calls_to_come,
    completed,
    retries_last_h,
)
from campaigns.pacing.forecasting import ASSUMED_AGENTS, BadForecast, Forecast, forecast
from campaigns.pacing.gathering import Inputs
from campaigns.pacing.history import History, LeadsToCome, Sample
from campaigns.pacing.law import pacing_policy
from campaigns.settings import CampaignSettings
from dialer.call.states import CallOutcome

SOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BUSY_DAYS = History(
    outcomes={
        CallOutcome.CONNECTED: 1000,
        CallOutcome.NO_ANSWER: 2600,
        CallOutcome.BUSY: 400,
        CallOutcome.CANCELLED: 500,
    },
    again=100,
    ring=Sample(1000, 9.0, 4.0),
    talk=Sample(1000, 90.0, 60.0),
    wrap_up=Sample(1000, 20.0, 8.0),
    pause=Sample(60, 240.0, 100.0),
    pauses_after_call=50,
    usual_agents=7.6,
)


def inputs_of(
    history: History = BUSY_DAYS, *, leads: int = 1000, open_hours: float = 5.0, **changes: Any
) -> Inputs:
    """A predictive campaign of fresh leads on a wide trunk."""
    settings = CampaignSettings(**({"mode": "predictive"} | changes))
    return Inputs(
        settings=settings,
        policy=pacing_policy(settings, ()),
        history=history,
        leads=LeadsToCome({0: leads}, {1: leads}, {}),
        waiting=(ReasonCount("due", "", leads, None),),
        learned=None,
        past=(),
        open_hours=open_hours,
        lines=500,
        calls_per_s=100.0,
    )


def test_without_history_what_is_usual_is_believed_and_with_it_the_history() -> None:
    settings = CampaignSettings()
    nothing = beliefs_of(History({}), settings)
    assert nothing.answer_rate == pytest.approx(0.25)
    assert nothing.talk_s == USUAL_TALK_S
    known = beliefs_of(BUSY_DAYS, settings)
    assert known.answer_rate == pytest.approx(0.25, abs=0.002)  # the cancelled ones say nothing
    assert known.fast_failures == pytest.approx(0.1, abs=0.002)
    assert known.talk_s == pytest.approx(90, abs=1)
    assert known.talk_cv == pytest.approx(2 / 3, abs=0.01)
    assert known.pausing == pytest.approx(0.05, abs=0.002)
    assert known.again == pytest.approx(0.1, abs=0.002)


def test_few_calls_move_what_is_believed_a_little() -> None:
    three = beliefs_of(History({CallOutcome.NO_ANSWER: 3}), CampaignSettings())
    assert 0.2 < three.answer_rate < 0.25


def test_calls_given_up_are_no_reason_to_expect_more_answers() -> None:
    """Of 10,000 calls three in ten are answered, 1,500 of them after 16 s; most others are given up."""
    chance, rang = Random(5), Counter[tuple[CallOutcome, int]]()
    for _ in range(10_000):
        if chance.random() < 0.15:
            rang[CallOutcome.CONNECTED, 8] += 1
            continue
        late = chance.random() < 0.15 / 0.85
        answers_s = chance.randrange(16, 25) if late else 99
        given_up_s = chance.randrange(16, 25) if chance.random() < 0.8 else 99
        if min(answers_s, given_up_s) == 99:
            rang[CallOutcome.NO_ANSWER, 25] += 1
        elif answers_s <= given_up_s:
            rang[CallOutcome.CONNECTED, answers_s] += 1
        else:
            rang[CallOutcome.CANCELLED, given_up_s] += 1
    outcomes = Counter[CallOutcome]()
    for (outcome, _), calls in rang.items():
        outcomes[outcome] += calls
    known = beliefs_of(History(outcomes=outcomes, rang=rang), CampaignSettings())
    assert known.answer_rate == pytest.approx(0.3, abs=0.01)
    assert sum(completed(rang).values()) == pytest.approx(10_000)
    assert beliefs_of(History(outcomes=outcomes), CampaignSettings()).answer_rate > 0.4
    assert completed({(CallOutcome.CANCELLED, 16): 3}) == {CallOutcome.NO_ANSWER: 3}


def test_calls_to_come_follow_the_retry_rules() -> None:
    once = CampaignSettings(max_attempts=1)
    known = beliefs_of(BUSY_DAYS, once)
    assert calls_to_come({0: 100}, known, once, 0.0) == pytest.approx(100)
    twice = CampaignSettings(max_attempts=2)
    # After a first call three quarters are called again, and a tenth of those who talked.
    expected = 100 * (1 + 0.75 + 0.25 * 0.1)
    assert calls_to_come({0: 100}, known, twice, 0.0) == pytest.approx(expected, rel=0.01)
    assert calls_to_come({1: 100}, known, twice, 0.0) == pytest.approx(100)
    final = CampaignSettings(max_attempts=2, retry={"no_answer": {"next": "final"}})
    assert calls_to_come({0: 100}, known, final, 0.0) == pytest.approx(102.5, rel=0.01)
    assert calls_to_come({0: 100}, known, twice, 0.5) > expected  # who is given up is called again


def test_a_lead_that_never_answers_is_kept_as_long_as_the_rule_says() -> None:
    rule = {"no_answer": {"after_s": 7200}}
    assert retries_last_h(CampaignSettings(max_attempts=4, retry=rule)) == pytest.approx(6)
    assert retries_last_h(CampaignSettings(max_attempts=1, retry=rule)) == 0
    assert retries_last_h(CampaignSettings(retry={})) == 0


@pytest.fixture(scope="module")
def usual() -> Forecast:
    """A thousand fresh leads, eight agents."""
    return forecast(inputs_of(), days=2.0)


def test_a_forecast_adds_up(usual: Forecast) -> None:
    assert usual.agents == 8  # 7.6 at work, usually
    assert usual.leads_to_dial == usual.open_leads == 1000
    assert usual.hours_to_exhaust == pytest.approx(usual.calls_to_come / usual.calls_an_hour, 0.01)
    assert usual.days_to_exhaust == pytest.approx(usual.hours_to_exhaust / 5, abs=0.01)
    assert 0.5 < usual.occupancy < 0.95
    assert usual.abandoned_share <= 0.031
    assert usual.lines_needed >= 8
    assert usual.simulated_hours <= 4
    assert usual.observed["calls"] == 4500
    # An agent handles a conversation in 110 s at best.
    assert usual.answered_an_hour < 8 * 3600 / 110


def test_agents_needed_finish_in_time(usual: Forecast) -> None:
    agents = usual.agents_needed
    assert agents is not None
    assert usual.days_to_exhaust is not None
    assert (agents <= 8) == (usual.days_to_exhaust <= 2.05)
    hurried = forecast(inputs_of(), days=0.5).agents_needed
    assert hurried is not None
    assert agents < hurried <= 5 * agents


def test_the_same_inputs_give_the_same_forecast(usual: Forecast) -> None:
    assert forecast(inputs_of(), days=2.0) == usual


def test_retries_may_last_longer_than_the_calls() -> None:
    rule = {"no_answer": {"after_s": 86_400}}
    found = forecast(inputs_of(leads=5, max_attempts=4, retry=rule), agents=3, days=2)
    assert (found.retries_last_h, found.days_to_exhaust) == (72, 3)
    assert any("no number of agents" in note for note in found.notes)
    assert found.hours_to_exhaust < 1


def test_progressive_is_less_busy_and_abandons_nobody(usual: Forecast) -> None:
    calm = forecast(inputs_of(mode="progressive"), agents=8)
    assert calm.abandoned_share == 0
    assert calm.occupancy < usual.occupancy
    assert calm.hours_to_exhaust > usual.hours_to_exhaust


def test_a_narrow_trunk_is_named_and_the_lines_beyond_it_counted() -> None:
    narrow = forecast(replace(inputs_of(), lines=4), agents=8)
    assert narrow.lines_needed > 4
    assert any("4 lines" in note for note in narrow.notes)


def test_what_is_not_known_is_said() -> None:
    blank = forecast(inputs_of(History({}), leads=0, open_hours=0.0))
    assert blank.agents == ASSUMED_AGENTS
    assert (blank.agents_needed, blank.days_to_exhaust, blank.hours_to_exhaust) == (None, None, 0)
    said = " ".join(blank.notes)
    assert "around the clock" in " ".join(forecast(inputs_of(open_hours=24), agents=1).notes)
    for words in ("are assumed", "usual elsewhere", "never open", "no lead is left"):
        assert words in said


def test_skips_are_told_and_expected_by_what_the_gate_has_said() -> None:
    inputs = inputs_of()
    asked = {"sale": 80, "suppressed": 20, "dnc_listed": 100, "outside_window": 50}
    held = (ReasonCount("dnc_listed", "", 100, None), ReasonCount("not_selected", "", 7, None))
    told = replace(
        inputs,
        leads=replace(inputs.leads, asked=asked),
        waiting=(*inputs.waiting, *held),
    )
    skips = {one.reason: (one.leads, one.expected) for one in forecast(told, agents=2).skips}
    assert skips == {"dnc_listed": (100, 400), "suppressed": (0, 80), "not_selected": (7, 0)}


def test_a_lead_whose_turn_comes_by_itself_is_no_skip() -> None:
    inputs = inputs_of()
    later = (ReasonCount("outside_window", "", 600, SOON), ReasonCount("due", "", 400, None))
    found = forecast(replace(inputs, waiting=later), agents=2)
    assert found.skips == ()
    assert found.leads_to_dial == 1000


@pytest.mark.parametrize(("agents", "days"), [(0, 1.0), (5001, 1.0), (5, 0.0), (5, 366.0)])
def test_what_cannot_be_meant_is_refused(agents: int, days: float) -> None:
    with pytest.raises(BadForecast):
        forecast(inputs_of(), agents=agents, days=days)
