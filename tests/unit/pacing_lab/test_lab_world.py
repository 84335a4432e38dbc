from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from dialer.pacing.facts import (
    Abandoned,
    Answered,
    CallEnd,
    Decision,
    PacingFacts,
    TalkEnded,
    Unanswered,
    WrapEnded,
)
from dialer.simulator.pacing_lab.figures import Day
from dialer.simulator.pacing_lab.running import run, run_day
from dialer.simulator.pacing_lab.scenario import Scenario
from tests.pacing_lab import PerAgent, day


class Blind(PerAgent):
    """Places five calls whatever it sees."""

    def decide(self, facts: PacingFacts) -> Decision:
        """Place five."""
        return Decision(5, (), self.why)


def one_day(scenario: Scenario, *controllers: PerAgent, seed: int = 1) -> Day:
    """A day with a controller for each campaign."""
    waiting = list(controllers)
    return run_day(scenario, lambda _scenario, _campaign, _former: waiting.pop(0), seed)


def test_progressive_is_as_busy_as_renewal_theory_says() -> None:
    # Free, then (25 s for each of 3 calls in vain, 12 s for the one that is answered), then 75 s.
    figures = run(day(agents=40, hours=4), PerAgent, 1)
    assert figures.utilisation == pytest.approx(75 / (75 + 12 + 3 * 25), abs=0.012)
    assert figures.talk_share == pytest.approx(60 / (75 + 12 + 3 * 25), abs=0.012)
    assert figures.answered / figures.dials == pytest.approx(0.25, abs=0.01)
    assert figures.abandoned == 0
    assert figures.agent_hours == pytest.approx(160)


def test_a_seed_gives_one_day_and_another_seed_another() -> None:
    def figures(seed: int) -> tuple[float, ...]:
        found = run(day(pauses={"share": 0.1}), lambda: PerAgent(2.5), seed)
        return (found.utilisation, found.abandoned, found.answered, found.dials)

    assert figures(1) == figures(1)
    assert figures(1) != figures(2)


def test_two_controllers_meet_the_same_people() -> None:
    fates = []
    for ratio in (1.0, 3.0):
        controller = PerAgent(ratio)
        one_day(day(fast_failures=0.2, machines=0.1, amd={}), controller)
        ends: dict[Any, Any] = {
            event.call_id: (event.end, round(event.ring_s, 6))
            for event in controller.of(Unanswered)
        }
        answers = {
            event.call_id: ("answered", round(event.ring_s, 6)) for event in controller.of(Answered)
        }
        fates.append(ends | answers)
    both = set(fates[0]) & set(fates[1])
    assert len(both) > 200
    assert all(fates[0][id_] == fates[1][id_] for id_ in both)
    assert {end for end, _ in fates[0].values()} == {
        *("answered", CallEnd.MACHINE, CallEnd.NO_ANSWER, CallEnd.REFUSED, CallEnd.FAILED)
    }


def test_the_facts_are_sound_at_every_decision() -> None:
    seen_at: list[float] = []

    def watch(facts: PacingFacts) -> None:
        seen_at.append(facts.at_s)
        placed = [call.placed_at_s for call in facts.ringing]
        assert placed == sorted(placed)
        assert len({call.id for call in facts.ringing}) == len(placed)
        assert facts.agents + facts.leaving <= 8
        assert not (facts.waiting and facts.ready)
        used = len(placed) + len(facts.waiting) + len(facts.talking_since_s)
        assert 0 <= 12 - used - facts.free_channels <= facts.leaving  # who leaves may still talk
        assert all(since <= facts.at_s for since in facts.talking_since_s)

    controller = PerAgent(4.0, watch=watch)
    shifts = [{"agents": 5}, {"agents": 3, "from_h": 0.25, "to_h": 0.5}]
    one_day(day(agents=shifts, lines=12), controller)
    assert max(b - a for a, b in pairwise(seen_at)) <= 1.0
    assert controller.of(Abandoned)
    assert len(seen_at) > len(controller.events)


def test_an_abandoned_person_waited_as_long_as_people_wait() -> None:
    controller = PerAgent(6.0)
    found = one_day(day(patience_s=3.0), controller)
    answered_at = {event.call_id: event.at_s for event in controller.of(Answered)}
    lost = controller.of(Abandoned)
    assert len(lost) == found.total.abandoned > 20
    assert {round(event.at_s - answered_at[event.call_id], 6) for event in lost} == {3.0}


def test_talks_and_wrap_ups_are_told_with_their_length() -> None:
    controller = PerAgent()
    scenario = day(talk={"mean_s": 50, "law": "fixed"}, wrap={"mean_s": 10, "law": "fixed"})
    one_day(scenario, controller)
    assert {round(event.talk_s, 6) for event in controller.of(TalkEnded)} == {50.0}
    assert {round(event.wrap_s, 6) for event in controller.of(WrapEnded)} == {10.0}


def test_a_call_is_cancelled_only_after_the_least_ring() -> None:
    asked = Counter[str]()

    def watch(facts: PacingFacts) -> list[int | str]:
        ages = {call.id: facts.at_s - call.placed_at_s for call in facts.ringing}
        asked["early"] += sum(10 <= age < 15 for age in ages.values())
        return [id_ for id_, age in ages.items() if age >= 10]

    controller = PerAgent(watch=watch)
    found = one_day(day(), controller)
    ends = [event for event in controller.of(Unanswered) if event.end is CallEnd.CANCELLED]
    assert found.total.cancelled == len(ends) > 50
    assert min(event.ring_s for event in ends) >= 15.0 - 1e-6
    assert found.total.refused_orders == asked["early"] > 0
    answered = {event.call_id for event in controller.of(Answered)}
    assert not answered & {event.call_id for event in ends}


def test_orders_beyond_a_limit_are_refused_and_counted() -> None:
    most: list[int] = []

    def watch(facts: PacingFacts) -> None:
        most.append(7 - facts.free_channels)

    found = one_day(day(lines=7), PerAgent(9.0, limited=False, watch=watch))
    assert max(most) == 7
    assert found.total.refused_orders > 0
    assert one_day(day(lines=7), PerAgent(9.0)).total.refused_orders == 0


def test_calls_per_second_are_kept() -> None:
    calls = one_day(day(agents=20, calls_per_second=0.2), PerAgent(5.0)).total.dials
    assert 0.19 * 3600 < calls <= 0.2 * 3600 + 1


def test_nothing_is_dialled_without_agents() -> None:
    shifts = [{"agents": 3, "from_h": 0.5}]
    firsts: list[float] = []
    controller = PerAgent(watch=lambda facts: firsts.extend([facts.at_s] if facts.ringing else []))
    one_day(day(agents=shifts), controller)
    assert min(firsts) >= 1800
    assert one_day(day(agents=0), Blind()).total.dials == 0


def test_a_list_ends() -> None:
    due: list[int] = []
    controller = PerAgent(2.0, watch=lambda facts: due.append(facts.leads_due))
    found = one_day(day(list_size=100), controller)
    assert found.total.dials == 100
    assert due[-1] == 0
    assert len(controller.of(Answered)) + len(controller.of(Unanswered)) == 100


def test_who_leaves_at_the_end_of_a_shift_ends_the_call_first() -> None:
    leaving: list[int] = []
    controller = PerAgent(watch=lambda facts: leaving.append(facts.leaving))
    found = one_day(day(agents=[{"agents": 20, "to_h": 0.5}]), controller)
    assert max(leaving) > 3
    assert leaving[-1] == 0
    assert 10.0 < found.total.agent_hours < 10.6


def test_who_goes_home_early_does_not_come_back() -> None:
    counts: list[int] = []
    controller = PerAgent(watch=lambda facts: counts.append(facts.agents))
    one_day(day(agents=30, leave_per_hour=1.0), controller)
    assert counts[-1] < 20
    after = counts[counts.index(30) :]
    assert all(b <= a for a, b in pairwise(after))


def test_pauses_are_told_and_no_working_time() -> None:
    controller = PerAgent()
    found = one_day(day(agents=20, pauses={"share": 0.2, "mean_s": 200}), controller)
    ends = controller.of(WrapEnded)
    paused = sum(event.paused for event in ends)
    assert paused / len(ends) == pytest.approx(0.2, abs=0.05)
    assert found.total.agent_hours == pytest.approx(20 - paused * 200 / 3600, rel=0.06)


def test_an_agent_who_never_ends_wrap_up() -> None:
    wrapping: list[int] = []
    controller = PerAgent(watch=lambda facts: wrapping.append(len(facts.wrapping_since_s)))
    one_day(day(agents=3, stuck={"agents": 3}), controller)
    assert len(controller.of(Answered)) == 3
    assert wrapping[-1] == 3


@pytest.mark.parametrize(("kind", "ring_s"), [("fails", 0.5), ("silent", 25.0)])
def test_an_outage_loses_every_call(kind: str, ring_s: float) -> None:
    controller = PerAgent()
    outage = {"from_h": 0.25, "to_h": 0.5, "kind": kind}
    one_day(day(answer_rate=0.9, outages=[outage]), controller)
    within = [event for event in controller.events if 930 < event.at_s < 1800]
    ends = [event for event in within if isinstance(event, Unanswered)]
    assert len(ends) > 5
    assert {round(event.ring_s, 6) for event in ends} == {ring_s}
    assert not [event for event in within if isinstance(event, Answered)]
    assert [event for event in controller.of(Answered) if event.at_s > 1830]


def test_a_clock_jump_is_seen_and_changes_nothing_else() -> None:
    jumpy, plain = PerAgent(), PerAgent()
    jumped = one_day(day(clock_jumps=[{"at_h": 0.5, "by_s": -600}]), jumpy)
    assert jumped.total.dials == one_day(day(), plain).total.dials
    pairs = zip(jumpy.events, plain.events, strict=True)
    shifts = {round(b.at_s - a.at_s, 6) for a, b in pairs}
    assert shifts == {0.0, 600.0}


def test_callbacks_reserve_an_agent_and_get_one() -> None:
    reserved: list[int] = []

    def watch(facts: PacingFacts) -> None:
        assert facts.reserved <= facts.ready
        reserved.append(facts.reserved)

    controller = PerAgent(watch=watch)
    one_day(day(agents=10, callbacks={"per_hour": 60}), controller)
    talks, calls = len(controller.of(TalkEnded)), len(controller.of(Answered))
    assert max(reserved) >= 2
    assert 40 < talks - calls < 80
    assert not controller.of(Abandoned)


def test_yesterdays_controller_is_handed_on() -> None:
    formers: list[Any] = []
    made: list[PerAgent] = []

    def maker(_scenario: Scenario, _campaign: Any, former: Any) -> PerAgent:
        formers.append(former)
        made.append(PerAgent())
        return made[-1]

    run_day(day(history_days=2, hours=0.2), maker, 1)
    assert formers == [None, made[0], made[1]]
    firsts = [one.events[0] for one in made]
    assert len({first.at_s for first in firsts}) == 3
