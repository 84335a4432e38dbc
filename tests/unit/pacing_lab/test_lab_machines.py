"""Machines in the laboratory: what analysis does, and what agents who meet one say."""

import pytest

from dialer.pacing.facts import Abandoned, Answered, CallEnd, FoundMachine, TalkEnded, Unanswered
from dialer.simulator.pacing_lab.figures import Day
from dialer.simulator.pacing_lab.running import run_day
from dialer.simulator.pacing_lab.scenario import Scenario
from tests.pacing_lab import PerAgent, day


def one_day(scenario: Scenario, controller: PerAgent) -> Day:
    """A day of the only campaign."""
    return run_day(scenario, lambda _scenario, _campaign, _former: controller, 1)


def test_analysis_shortens_the_wait_and_mistakes_are_abandoned_people() -> None:
    amd = {"false_positive": 0.1, "false_negative": 0.5, "delay_s": 0.5, "audited": 0.5}
    controller = PerAgent(5.0)
    found = one_day(day(machines=0.3, amd=amd, agents=20), controller)
    answered_at = {event.call_id: event.at_s for event in controller.of(Answered)}
    told = controller.of(Abandoned)
    waits = {
        round(event.at_s - answered_at[event.call_id], 6)
        for event in told
        if not event.false_positive
    }
    assert waits == {1.5}
    machines = [event for event in controller.of(Unanswered) if event.end is CallEnd.MACHINE]
    mistaken = sum(event.false_positive for event in told)
    answered = found.total.answered
    assert mistaken / answered == pytest.approx(0.05, abs=0.02)
    assert found.total.abandoned > mistaken
    assert found.total.machines_passed / found.total.dials == pytest.approx(0.15, abs=0.03)
    assert len(controller.of(Answered)) == pytest.approx(
        0.9 * answered + found.total.machines_passed, abs=0.05 * answered
    )
    assert len(machines) > 0.15 * found.total.dials


def test_an_agent_who_talked_to_a_machine_says_so_when_the_talk_ends() -> None:
    controller = PerAgent()
    found = one_day(day(machines=0.3, machine_talk_s=7.0, agents=20), controller)
    told = controller.of(FoundMachine)
    ended_s = {(event.at_s, round(event.talk_s, 6)) for event in controller.of(TalkEnded)}
    passed = {event.call_id for event in controller.of(Answered)}
    assert len({event.call_id for event in told}) == len(told) > 50
    assert abs(len(told) - found.total.machines_passed) <= 20
    assert all(event.call_id in passed and (event.at_s, 7.0) in ended_s for event in told)
