"""The call machine and its analysed greeting: who is freed, who is hung up, who is left a message."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.call import commands as do
from dialer.call import events as ev
from dialer.call.machine import step
from dialer.call.states import Call, CallOutcome, CallPolicy, CallState, Step
from dialer.call.verdicts import AnalysisPolicy, Treatment, Verdict, is_audited
from tests.call_lives import AGENT, END, OTHER_AGENT, at, commands, given_agents
from tests.machine_events import CALL_IDS, START

#: Audits nothing, so that every verdict is acted on; and audits everything.
NEVER, ALWAYS = AnalysisPolicy(audit_share=0.0), AnalysisPolicy(audit_share=1.0)
MACHINE_AT_8 = ev.AnalysisFinished(at(8), Verdict.MACHINE, "MAXWORDS-5-4")
ANSWER: list[ev.CallEvent] = [ev.Rang(at(1)), ev.Answered(at(5))]
TO_WAIT: list[ev.CallEvent] = [*ANSWER, ev.RecordingStarted(at(5))]
TO_BRIDGE: list[ev.CallEvent] = [*TO_WAIT, ev.AgentReserved(at(6), AGENT)]
TO_TALK: list[ev.CallEvent] = [*TO_BRIDGE, ev.Bridged(at(6))]
DONE = (do.EndAnalysis(), do.StoreVerdict())
FREE = do.ReleaseAgent(AGENT, talked=False)


def live(
    events: list[ev.CallEvent], analysis: AnalysisPolicy | None = NEVER, **call: Any
) -> list[Step]:
    """Every step of a call that listens for machines."""
    now = Call(CALL_IDS[0], CallPolicy(analysis=analysis), **call)
    steps = []
    for event in events:
        steps.append(step(now, event))
        now = steps[-1].call
    return steps


def test_the_analysis_begins_with_the_answer_and_holds_nothing_up() -> None:
    with_it, without = live(ANSWER)[-1], live(ANSWER, None)[-1]
    assert with_it.commands == (*without.commands, do.StartAnalysis())
    assert with_it.call.analysing
    assert not without.call.analysing


def test_a_machine_without_an_agent_is_hung_up() -> None:
    *_, found, ended = live([*TO_WAIT, MACHINE_AT_8, END])
    assert found.commands == (*DONE, do.StopWaitTimer(), do.HangUp())
    assert found.call.state is CallState.MACHINE
    assert ended.call.outcome is CallOutcome.MACHINE
    assert ended.call.ended_by == "system"


def test_an_agent_who_has_a_machine_is_free_when_its_leg_is_gone_and_owes_no_wrap_up() -> None:
    *_, found, ended = live([*TO_TALK, MACHINE_AT_8, END])
    assert found.commands == (*DONE, do.StopWaitTimer(), do.HangUp())
    assert ended.commands == (do.StopWaitTimer(), FREE, do.StoreEnd())
    assert ended.call.outcome is CallOutcome.MACHINE
    assert ended.call.connected_at is None, "nobody talked with anybody"


def test_an_agent_who_is_not_in_the_bridge_yet_is_freed_at_once() -> None:
    reserved = [*ANSWER, ev.AgentReserved(at(6), AGENT)]  # the recording has not begun
    found = live([*reserved, MACHINE_AT_8])[-1]
    assert found.commands == (*DONE, do.StopWaitTimer(), FREE, do.HangUp())
    assert found.call.agent_id is None


def test_no_agent_is_given_to_a_machine() -> None:
    late = live([*TO_WAIT, MACHINE_AT_8, ev.AgentReserved(at(8), OTHER_AGENT)])[-1]
    assert late.commands == (do.ReleaseAgent(OTHER_AGENT, talked=False),)


def test_a_bridge_that_comes_after_the_verdict_is_hung_up() -> None:
    *_, found, bridged, ended = live([*TO_BRIDGE, MACHINE_AT_8, ev.Bridged(at(8.1)), END])
    assert found.call.agent_id == AGENT
    assert bridged.commands == (do.HangUp(),)
    assert FREE in ended.commands


@pytest.mark.parametrize("verdict", [Verdict.HUMAN, Verdict.NOT_SURE, Verdict.FAILED])
def test_anything_but_a_machine_changes_nothing(verdict: Verdict) -> None:
    before, told = live([*TO_TALK, ev.AnalysisFinished(at(7), verdict)])[-2:]
    assert told.commands == DONE
    assert told.call.treatment is Treatment.PASSED
    assert replace(before.call, **_told(told.call)) == told.call


def _told(call: Call) -> dict[str, Any]:
    names = ("analysing", "verdict", "verdict_cause", "verdict_at", "treatment")
    return {name: getattr(call, name) for name in names}


@pytest.mark.parametrize(
    ("beginning", "event", "treatment"),
    [
        (TO_TALK, ev.AnalysisFinished(at(11), Verdict.MACHINE, "MAXWORDS-5-4"), Treatment.LATE),
        (
            TO_TALK,
            ev.AnalysisFinished(at(7), Verdict.MACHINE, "INITIALSILENCE-2000-2000"),
            Treatment.SILENCE,
        ),
        ([*TO_WAIT, ev.WaitExpired(at(7))], MACHINE_AT_8, Treatment.MOOT),
        ([*TO_TALK, ev.HangUpRequested(at(7), "agent")], MACHINE_AT_8, Treatment.MOOT),
    ],
    ids=["a talk is on", "nobody spoke", "abandoned already", "the agent hung up"],
)
def test_a_verdict_that_cannot_be_believed_or_used_is_only_noted(
    beginning: list[ev.CallEvent], event: ev.AnalysisFinished, treatment: Treatment
) -> None:
    before, told = live([*beginning, event])[-2:]
    assert told.commands == DONE
    assert told.call.treatment is treatment
    assert told.call.state is before.call.state
    assert told.call.outcome is before.call.outcome


def test_silence_is_a_machine_where_the_campaign_says_so() -> None:
    policy = replace(NEVER, silence_is_machine=True)
    silent = ev.AnalysisFinished(at(7), Verdict.MACHINE, "INITIALSILENCE-2000-2000")
    assert live([*TO_TALK, silent], policy)[-1].call.treatment is Treatment.ACTED


def test_an_audited_machine_stays_with_its_agent() -> None:
    *_, told, ended = live([*TO_TALK, MACHINE_AT_8, END], ALWAYS)
    assert told.commands == DONE
    assert told.call.treatment is Treatment.AUDITED
    assert ended.call.outcome is CallOutcome.CONNECTED
    assert do.ReleaseAgent(AGENT, talked=True) in ended.commands


def test_only_the_first_verdict_counts_and_none_that_nobody_asked_for() -> None:
    human = ev.AnalysisFinished(at(7), Verdict.HUMAN)
    assert live([*TO_TALK, human, MACHINE_AT_8])[-1].ignored
    assert live([*TO_TALK, MACHINE_AT_8], None)[-1].ignored


def test_the_choice_of_audits_is_the_calls_own_and_its_share_is_kept() -> None:
    ids = [uuid5(UUID(int=0), str(n)) for n in range(4000)]
    chosen = [is_audited(one, 0.1) for one in ids]
    assert chosen == [is_audited(one, 0.1) for one in ids]
    assert 0.08 < sum(chosen) / len(ids) < 0.12
    assert all(is_audited(one, 0.3) for one, was in zip(ids, chosen, strict=True) if was)
    assert not any(is_audited(one, 0.0) for one in ids)
    assert all(is_audited(one, 1.0) for one in ids)


# --- a message ------------------------------------------------------------------------------

LEAVES = AnalysisPolicy(audit_share=0.0, leave_message=True, greeting_limit_s=20)
LIMIT = do.StartWaitTimer(25.0)
OVER = ev.GreetingOver(at(20), silent=True)


def test_a_message_is_left_when_the_greeting_is_over() -> None:
    played = ev.MessageFinished(at(30))
    steps = live([*TO_WAIT, MACHINE_AT_8, OVER, played, END], LEAVES, may_leave_message=True)
    found, over, told, ended = steps[-4:]
    assert found.commands == (*DONE, do.StopWaitTimer(), do.AwaitGreetingEnd(), LIMIT)
    assert over.commands == (do.StopWaitTimer(), do.LeaveMessage())
    assert told.commands == (do.HangUp(),)
    assert ended.call.message_left
    assert ended.call.outcome is CallOutcome.MACHINE


def test_the_agent_is_free_when_the_machine_has_left_the_bridge() -> None:
    events = [*TO_TALK, MACHINE_AT_8, ev.LeftBridge(at(8.1)), OVER]
    found, left, over = live(events, LEAVES, may_leave_message=True)[-3:]
    assert FREE not in found.commands
    assert left.commands == (FREE,)
    assert over.commands == (do.StopWaitTimer(), do.LeaveMessage())


def test_a_machine_never_comes_back_to_an_agent_who_was_freed() -> None:
    """The bridge was asked for before the verdict, and came when the greeting was over."""
    events = [*TO_BRIDGE, MACHINE_AT_8, OVER, ev.Bridged(at(21))]
    over, bridged = live(events, LEAVES, may_leave_message=True)[-2:]
    assert FREE in over.commands
    assert bridged.commands == (do.HangUp(),)


def test_without_leave_the_machine_is_hung_up() -> None:
    found = live([*TO_WAIT, MACHINE_AT_8], LEAVES)[-1]
    assert found.commands == (*DONE, do.StopWaitTimer(), do.HangUp())


@pytest.mark.parametrize(
    "event", [ev.GreetingOver(at(40), silent=False), ev.WaitExpired(at(40))], ids=["talks", "lost"]
)
def test_nothing_is_left_to_a_machine_that_talks_on_and_on(event: ev.CallEvent) -> None:
    *_, over, ended = live([*TO_WAIT, MACHINE_AT_8, event, END], LEAVES, may_leave_message=True)
    assert do.HangUp() in over.commands
    assert not ended.call.message_left
    assert ended.call.outcome is CallOutcome.MACHINE


def test_a_message_that_was_not_played_was_not_left() -> None:
    unheard = ev.MessageFinished(at(30), heard=False)
    events = [*TO_WAIT, MACHINE_AT_8, OVER, unheard, END]
    assert not live(events, LEAVES, may_leave_message=True)[-1].call.message_left


machine_events: st.SearchStrategy[ev.CallEvent] = st.sampled_from(
    [
        *(ev.AgentReserved(at(7), AGENT), ev.AgentReserved(at(7), OTHER_AGENT)),
        *(ev.RecordingStarted(at(7)), ev.RecordingFailed(at(7)), ev.Bridged(at(7))),
        *(ev.BridgeFailed(at(7)), ev.LeftBridge(at(8)), ev.WaitExpired(at(8))),
        *(MACHINE_AT_8, ev.AnalysisFinished(at(7), Verdict.HUMAN), OVER),
        *(ev.GreetingOver(at(9), silent=False), ev.MessageFinished(at(9))),
        *(ev.KeyPressed(at(9), "9"), ev.HangUpRequested(at(9), "agent")),
    ]
)


@given(
    st.lists(machine_events, max_size=20),
    st.sampled_from([NEVER, ALWAYS, LEAVES]),
    st.booleans(),
)
def test_whatever_happens_a_machine_call_ends_with_every_agent_freed_once(
    events: list[ev.CallEvent], analysis: AnalysisPolicy, may: bool
) -> None:
    steps = live([ev.Answered(START), *events, END], analysis, may_leave_message=may)
    given_to = given_agents([ev.Answered(START), *events], steps)
    freed = [one.agent_id for one in commands(steps) if isinstance(one, do.ReleaseAgent)]
    assert sorted(freed) == sorted(given_to)
    assert commands(steps).count(do.StoreEnd()) == 1
    assert commands(steps).count(do.StoreVerdict()) <= 1
    last = steps[-1].call
    assert (last.treatment is Treatment.ACTED) == (last.outcome is CallOutcome.MACHINE)
