"""The call machine: whole lives told once, and what holds for every life."""

from collections import Counter

import pytest
from hypothesis import example, given

from dialer.call import commands as do
from dialer.call import events as ev
from dialer.call.states import ANSWERED_OUTCOMES, CallOutcome, CallPolicy, CallState
from tests.call_lives import (
    ABANDONED,
    AGENT,
    END,
    LONGEST_WAIT,
    OTHER_AGENT,
    TO_AGENT,
    TO_TALK,
    WAITING,
    at,
    commands,
    given_agents,
    live,
    lives,
    told,
)
from tests.machine_events import policies


def outcome(*events: ev.CallEvent) -> CallOutcome | None:
    return live(list(events), CallPolicy())[-1].call.outcome


def test_a_conversation_from_dial_to_end() -> None:
    assert told([*TO_TALK, ev.HungUp(at(90))]) == [
        (do.StartRingTimer(25.0),),
        (do.StopRingTimer(), do.StartRecording(), LONGEST_WAIT, do.RequestAgent()),
        (),
        (do.Connect(AGENT),),
        (do.StopWaitTimer(), do.MarkConnected(AGENT)),
        (do.StopWaitTimer(), do.ReleaseAgent(AGENT, talked=True), do.StoreEnd()),
    ]
    call = live([*TO_TALK, ev.HungUp(at(90))], CallPolicy())[-1].call
    assert (call.outcome, call.ended_by) == (CallOutcome.CONNECTED, "customer")
    assert (call.rang_at, call.answered_at) == (at(1), at(5))
    assert (call.connected_at, call.ended_at) == (at(5.2), at(90))


def test_the_agent_waits_for_the_recording() -> None:
    events: list[ev.CallEvent] = [
        ev.Answered(at(5)),
        ev.AgentReserved(at(5), AGENT),
        ev.RecordingStarted(at(5.1)),
    ]
    assert told(events)[1:] == [(), (do.Connect(AGENT),)]


def test_a_failed_recording_does_not_cost_the_conversation() -> None:
    events: list[ev.CallEvent] = [
        ev.Answered(at(5)),
        ev.AgentReserved(at(5), AGENT),
        ev.RecordingFailed(at(5.1)),
    ]
    assert told(events)[-1] == (do.Connect(AGENT),)
    assert not live(events, CallPolicy())[-1].call.recording


def test_without_recording_the_agent_comes_at_once() -> None:
    events: list[ev.CallEvent] = [ev.Answered(at(5)), ev.AgentReserved(at(5), AGENT)]
    assert told(events, record=False) == [
        (do.StopRingTimer(), LONGEST_WAIT, do.RequestAgent()),
        (do.Connect(AGENT),),
    ]


def test_nobody_free_in_time_is_abandoned_with_a_message() -> None:
    events: list[ev.CallEvent] = [
        ev.Answered(at(5)),
        ev.WaitExpired(at(7)),
        ev.MessageFinished(at(12)),
        END,
    ]
    assert told(events)[1:] == [
        (do.StopWaitTimer(), do.PlayAbandonMessage()),
        (do.HangUp(),),
        (do.StopWaitTimer(), do.StoreEnd()),
    ]
    assert outcome(*events) is CallOutcome.ABANDONED


def test_without_a_message_the_abandoned_call_is_hung_up() -> None:
    steps = told(ABANDONED, abandon_message=False, record=False)
    assert steps == [
        (do.StopRingTimer(), do.StartWaitTimer(2.0), do.RequestAgent()),
        (do.StopWaitTimer(), do.HangUp()),
    ]


def test_a_bridge_that_fails_gives_the_agent_back() -> None:
    assert told([*TO_AGENT, ev.BridgeFailed(at(6))])[-1] == (
        do.StopWaitTimer(),
        do.ReleaseAgent(AGENT, talked=False),
        do.PlayAbandonMessage(),
    )


def test_an_agent_who_comes_too_late_is_sent_back() -> None:
    released = (do.ReleaseAgent(AGENT, talked=False),)
    late = ev.AgentReserved(at(8), AGENT)
    assert told([ev.Answered(at(5)), ev.WaitExpired(at(7)), late])[-1] == released
    assert told([ev.Rang(at(1)), END, late])[-1] == released


def test_a_second_agent_is_sent_back() -> None:
    second = ev.AgentReserved(at(6), OTHER_AGENT)
    for before in (WAITING, TO_AGENT, TO_TALK):
        assert told([*before, second])[-1] == (do.ReleaseAgent(OTHER_AGENT, talked=False),)


def test_an_early_goodbye_is_not_abandoned() -> None:
    assert outcome(ev.Answered(at(5)), ev.HungUp(at(6))) is CallOutcome.HUNG_UP_EARLY
    assert outcome(*TO_AGENT, ev.HungUp(at(6))) is CallOutcome.HUNG_UP_EARLY


def test_our_cancel_while_it_rings() -> None:
    cancel = ev.HangUpRequested(at(3), "opt_out")
    assert told([ev.Rang(at(1)), cancel])[-1] == (do.HangUp(),)
    call = live([ev.Rang(at(1)), cancel, ev.HungUp(at(4), 16)], CallPolicy())[-1].call
    assert (call.outcome, call.cancel_reason) == (CallOutcome.CANCELLED, "opt_out")
    assert call.ended_by == "opt_out"


@pytest.mark.parametrize(
    ("events", "by"),
    [
        ([ev.HangUpRequested(at(3), "suppressed"), ev.HungUp(at(4), 16)], "suppressed"),
        ([ev.Rang(at(1)), ev.RingExpired(at(26)), ev.HungUp(at(27), 16)], "ring_limit"),
        ([ev.HangUpRequested(at(3), "suppressed"), ev.Answered(at(3.1)), END], "suppressed"),
        ([*ABANDONED, ev.KeyPressed(at(8), "9"), ev.ConfirmationFinished(at(9)), END], "opt_out"),
        ([*ABANDONED, ev.MessageFinished(at(8)), END], "system"),
        ([*TO_TALK, ev.HangUpRequested(at(30), "agent"), END], "agent"),
        ([ev.Vanished(at(3))], "system"),
        ([ev.HungUp(at(3), 17, 486, remote=True)], "network"),
    ],
)
def test_the_books_name_who_ended_the_call(events: list[ev.CallEvent], by: str) -> None:
    assert live(events, CallPolicy(opt_out_key="9"))[-1].call.ended_by == by


def test_the_ring_limit_counts_from_the_first_sign_of_ringing() -> None:
    """A network that takes long to find the telephone takes nothing off the ringing."""
    early, rang = ev.Progressed(at(3)), ev.Rang(at(6))
    start, ignored = (do.StartRingTimer(20.0),), ()
    assert told([early, early, rang, rang], ring_timeout_s=20.0) == [start, ignored, start, ignored]
    assert told([rang, early], ring_timeout_s=20.0) == [start, ignored]


def test_who_rings_as_long_as_he_may_did_not_answer() -> None:
    rung: list[ev.CallEvent] = [ev.Rang(at(6)), ev.RingExpired(at(31))]
    assert told(rung)[-1] == (do.HangUp(),)
    assert told([*rung, ev.HungUp(at(32), 16)])[-1] == (do.StopRingTimer(), do.StoreEnd())
    assert outcome(*rung, ev.HungUp(at(32), 16)) is CallOutcome.NO_ANSWER
    assert outcome(*rung, ev.HungUp(at(32), 127, 487, remote=True)) is CallOutcome.NO_ANSWER
    assert told([ev.Answered(at(5)), ev.RingExpired(at(31))])[-1] == ()
    cancel = ev.HangUpRequested(at(7), "opt_out")
    cancelled: list[ev.CallEvent] = [
        ev.Rang(at(6)),
        cancel,
        ev.RingExpired(at(31)),
        ev.HungUp(at(32), 16),
    ]
    assert outcome(*cancelled) is CallOutcome.CANCELLED
    crossed: list[ev.CallEvent] = [*rung, ev.Answered(at(31.1))]
    assert told(crossed)[-1] == (do.StopRingTimer(), do.HangUp())
    assert outcome(*crossed, ev.HungUp(at(32), 16)) is CallOutcome.ABANDONED


def test_an_answer_that_crosses_our_cancel_gets_no_agent() -> None:
    events: list[ev.CallEvent] = [
        ev.Rang(at(1)),
        ev.HangUpRequested(at(3), "campaign_stopped"),
        ev.Answered(at(3.1)),
    ]
    assert told(events)[-1] == (do.StopRingTimer(), do.HangUp())


def test_a_refused_dial_was_not_sent_unless_it_rang() -> None:
    assert outcome(ev.DialRefused(at(0))) is CallOutcome.NOT_SENT
    assert live([ev.Rang(at(1)), ev.DialRefused(at(2))], CallPolicy())[-1].ignored


def test_a_lost_call_is_interrupted_but_a_conversation_stays_one() -> None:
    assert outcome(ev.Rang(at(1)), ev.Vanished(at(9))) is CallOutcome.INTERRUPTED
    assert outcome(*TO_TALK, ev.Vanished(at(9))) is CallOutcome.CONNECTED


def test_ringing_tells_no_answer_from_a_dead_gateway() -> None:
    timed_out = ev.HungUp(at(30), 19, 480, remote=False)
    assert outcome(ev.Rang(at(1)), timed_out) is CallOutcome.NO_ANSWER
    assert outcome(ev.Progressed(at(1)), timed_out) is CallOutcome.NO_ANSWER
    assert outcome(timed_out) is CallOutcome.NO_RESPONSE
    said_so = ev.HungUp(at(30), 19, 480, remote=True)
    assert outcome(ev.Rang(at(1)), said_so) is CallOutcome.UNREACHABLE


@given(events=lives, policy=policies)
@example(events=[*TO_TALK, *TO_TALK, END, *TO_TALK, END], policy=CallPolicy())
def test_one_outcome_and_ended_is_final(events: list[ev.CallEvent], policy: CallPolicy) -> None:
    steps = live([*events, END], policy)
    ends = [n for n, taken in enumerate(steps) if do.StoreEnd() in taken.commands]
    assert len(ends) == 1
    final = steps[ends[0]].call
    assert final.state is CallState.ENDED
    assert None not in (final.outcome, final.ended_at)
    assert all(taken.call == final and taken.ignored for taken in steps[ends[0] + 1 :])
    assert all(taken.call.state is not CallState.ENDED for taken in steps[: ends[0]])


@given(events=lives, policy=policies)
def test_every_reserved_agent_is_released_once(
    events: list[ev.CallEvent], policy: CallPolicy
) -> None:
    steps = live([*events, END], policy)
    released = [c.agent_id for c in commands(steps) if isinstance(c, do.ReleaseAgent)]
    assert Counter(released) == Counter(given_agents(events, steps))


@given(events=lives, policy=policies)
def test_only_an_agent_who_talked_owes_wrap_up(
    events: list[ev.CallEvent], policy: CallPolicy
) -> None:
    done = commands(live([*events, END], policy))
    talked = [c.agent_id for c in done if isinstance(c, do.ReleaseAgent) and c.talked]
    assert talked == [c.agent_id for c in done if isinstance(c, do.MarkConnected)]


@given(events=lives, policy=policies)
def test_nothing_is_played_or_bridged_after_the_end(
    events: list[ev.CallEvent], policy: CallPolicy
) -> None:
    done = commands(live([*events, END], policy))
    after = done[done.index(do.StoreEnd()) + 1 :]
    assert all(isinstance(command, do.ReleaseAgent) for command in after)


@given(events=lives, policy=policies)
def test_abandoned_means_answered_and_never_bridged(
    events: list[ev.CallEvent], policy: CallPolicy
) -> None:
    call = live([*events, END], policy)[-1].call
    if call.outcome is CallOutcome.ABANDONED:
        assert call.answered_at is not None
        assert call.connected_at is None
    assert (call.connected_at is not None) == (call.outcome is CallOutcome.CONNECTED)
    assert call.outcome not in ANSWERED_OUTCOMES or call.answered_at is not None


@given(events=lives, policy=policies)
def test_no_bridge_before_the_recording_is_settled(
    events: list[ev.CallEvent], policy: CallPolicy
) -> None:
    settled = not policy.record
    for event, taken in zip(events, live(events, policy), strict=True):
        settled = settled or isinstance(event, ev.RecordingStarted | ev.RecordingFailed)
        assert settled or not any(isinstance(c, do.Connect) for c in taken.commands)


@given(events=lives, policy=policies)
def test_a_step_is_a_pure_function(events: list[ev.CallEvent], policy: CallPolicy) -> None:
    assert live(events, policy) == live(events, policy)
