"""The call's transition function. What can change a call is here, in ``analysis`` and in ``controls``.

Total: any event in any state gives a ``Step``, because a telephone exchange promises neither order
nor exactly-once delivery. Two promises, property-tested: one outcome per call and ended is final;
every agent a call reserved is released exactly once.
"""

from dataclasses import replace
from datetime import datetime

from dialer.call import analysis, announcing, controls
from dialer.call import commands as do
from dialer.call import events as ev
from dialer.call.causes import outcome_of
from dialer.call.states import OPT_OUT, RING_LIMIT, Call, CallOutcome, CallState, Step

_UNANSWERED = (CallState.DIALING, CallState.RINGING)
_IN_TALKS = (CallState.WAITING, CallState.CONNECTING)
_TALKED = (CallState.CONNECTED, CallState.TRANSFERRED)

#: The wait for an agent ends this much before the longest one: the message takes a moment to begin.
MESSAGE_LEAD_S = 0.1
#: After the message a key still counts for so long.
KEY_WAIT_S = 3.0


def step(call: Call, event: ev.CallEvent) -> Step:
    """Apply one event and return the call after it with the commands to execute."""
    if call.state is CallState.ENDED:
        return _after_the_end(call, event)
    if call.state is CallState.MACHINE and isinstance(event, analysis.TO_A_MACHINE):
        return analysis.with_machine(call, event)
    match event:
        case ev.Rang() | ev.Progressed() | ev.Answered():
            return _progress(call, event)
        case ev.AnalysisFinished() | ev.LeftBridge() | ev.GreetingOver():
            return analysis.hear(call, event)
        case ev.AgentReserved() | ev.RecordingStarted() | ev.RecordingFailed() | ev.Bridged():
            return _toward_the_agent(call, event)
        case ev.WaitExpired():
            return _expire(call)
        case ev.RingExpired():
            return _stop_ringing(call)
        case ev.BridgeFailed(_, missed):
            return _not_bridged(call, missed=missed)
        case ev.MessageFinished() | ev.KeyPressed() | ev.ConfirmationFinished():
            return _during_the_message(call, event)
        case ev.HangUpRequested(_, by):
            return _hang_up(call, by)
        case ev.HungUp() | ev.DialRefused() | ev.Vanished():
            return _gone(call, event)
        case _:
            return controls.step(call, event)


def _progress(call: Call, event: ev.Rang | ev.Progressed | ev.Answered) -> Step:
    if call.state not in _UNANSWERED:
        return Step(call, ignored=True)
    match event:
        case ev.Rang(at):
            if call.state is CallState.RINGING:
                return Step(call, ignored=True)
            rung = replace(call, state=CallState.RINGING, rang_at=call.rang_at or at)
            return Step(rung, (do.StartRingTimer(call.policy.ring_timeout_s),))
        case ev.Progressed():
            # Many networks never say that it rings: their ringing tone is what is heard.
            first = not call.early_media and call.state is CallState.DIALING
            limit = (do.StartRingTimer(call.policy.ring_timeout_s),) if first else ()
            return Step(replace(call, early_media=True), limit, ignored=call.early_media)
        case ev.Answered(at):
            return _answer(call, at)


def _answer(call: Call, at: datetime) -> Step:
    answered = replace(call, state=CallState.WAITING, answered_at=at)
    stop = do.StopRingTimer()
    if call.cancel_reason is not None:  # answered while our cancel was on its way
        return Step(answered, (stop, do.HangUp()))
    recording = (do.StartRecording(),) if call.policy.record else ()
    wait = do.StartWaitTimer(_longest_wait_s(call))
    if call.policy.analysis is None:
        return Step(answered, (stop, *recording, wait, do.RequestAgent()))
    listening = replace(answered, analysing=True)
    return Step(listening, (stop, *recording, wait, do.RequestAgent(), do.StartAnalysis()))


def _longest_wait_s(call: Call) -> float:
    longest_s = call.policy.max_wait_s
    if not call.policy.abandon_message:
        return longest_s
    return max(longest_s / 2, longest_s - MESSAGE_LEAD_S)


def _toward_the_agent(
    call: Call,
    event: ev.AgentReserved | ev.RecordingStarted | ev.RecordingFailed | ev.Bridged,
) -> Step:
    if controls.is_of_a_talk(call, event):
        return controls.step(call, event)
    match event:
        case ev.AgentReserved(_, agent_id) if agent_id == call.agent_id:
            return Step(call, ignored=True)  # told twice: who has the call is not let go of
        case ev.AgentReserved(_, agent_id):
            wanted = call.state is CallState.WAITING and call.cancel_reason is None
            if not wanted or call.agent_id is not None:
                return Step(call, (do.ReleaseAgent(agent_id, talked=False),), ignored=True)
            return _connect_when_ready(replace(call, agent_id=agent_id))
        case ev.RecordingStarted():
            return _connect_when_ready(replace(call, recording=True))
        case ev.RecordingFailed():
            without = replace(call, policy=replace(call.policy, record=False), record_failed=True)
            return _connect_when_ready(without)
        case ev.Bridged(at):
            if call.state is CallState.APOLOGISING:  # the bridge came after it was given up
                return Step(call, (do.HangUp(),))
            if call.state is not CallState.CONNECTING or call.agent_id is None:
                return Step(call, ignored=True)
            talking = replace(call, state=CallState.CONNECTED, connected_at=at)
            seated = do.MarkConnected(call.agent_id)
            return announcing.connected(talking, at, do.StopWaitTimer(), seated)


def _connect_when_ready(call: Call) -> Step:
    """Ask for the bridge once there is an agent and the recording (if wanted) runs."""
    ready = call.recording or not call.policy.record
    if call.state is not CallState.WAITING or call.agent_id is None or not ready:
        return Step(call)
    return Step(replace(call, state=CallState.CONNECTING), (do.Connect(call.agent_id),))


def _expire(call: Call) -> Step:
    # Once the bridge has been asked for, only its success or failure decides: freeing the agent
    # meanwhile could put two customers into one bridge.
    if call.state is CallState.WAITING:
        return _abandon(call)
    no_key = call.message_over and not call.opted_out
    if call.state is CallState.APOLOGISING and no_key:
        return Step(call, (do.HangUp(),))
    return Step(call, ignored=True)


def _not_bridged(call: Call, *, missed: bool) -> Step:
    if call.state not in _IN_TALKS:
        return Step(call, ignored=True)
    return _abandon(call, missed=missed)


def _stop_ringing(call: Call) -> Step:
    if call.state not in _UNANSWERED or call.cancel_reason is not None:
        return Step(call, ignored=True)
    return Step(replace(call, cancel_reason=RING_LIMIT), (do.HangUp(),))


def _during_the_message(
    call: Call, event: ev.MessageFinished | ev.KeyPressed | ev.ConfirmationFinished
) -> Step:
    if call.state is not CallState.APOLOGISING:
        return Step(call, ignored=True)
    match event:
        case ev.KeyPressed(_, digit):
            key = call.policy.opt_out_key
            if not key or digit != key or call.opted_out:
                return Step(call, ignored=True)
            opted_out = replace(call, opted_out=True)
            return Step(opted_out, (do.StopWaitTimer(), do.OptOut(), do.PlayConfirmation()))
        case ev.MessageFinished(_, heard):
            if call.opted_out or call.message_over:  # cut short by the confirmation
                return Step(call, ignored=True)
            over = replace(call, message_over=True)
            a_key_counts = heard and call.policy.opt_out_key
            then = do.StartWaitTimer(KEY_WAIT_S) if a_key_counts else do.HangUp()
            return Step(over, (then,))
        case ev.ConfirmationFinished():
            return Step(call, (do.HangUp(),)) if call.opted_out else Step(call, ignored=True)


def _abandon(call: Call, *, missed: bool = False) -> Step:
    release = (do.ReleaseAgent(call.agent_id, False, missed),) if call.agent_id else ()
    message = do.PlayAbandonMessage() if call.policy.abandon_message else do.HangUp()
    sorry = replace(call, state=CallState.APOLOGISING, agent_id=None, outcome=CallOutcome.ABANDONED)
    return Step(sorry, (do.StopWaitTimer(), *release, message))


def _hang_up(call: Call, by: str) -> Step:
    if call.state in (*_UNANSWERED, *_IN_TALKS):
        return Step(replace(call, cancel_reason=call.cancel_reason or by), (do.HangUp(),))
    return Step(replace(call, ended_by=call.ended_by or by), (do.HangUp(),))


def _fate(call: Call, event: ev.HungUp) -> CallOutcome:
    if call.outcome is not None:  # decided before the leg ended (abandoned)
        return call.outcome
    if call.state in _TALKED:
        return CallOutcome.CONNECTED
    if call.cancel_reason is not None:
        # A person who answered while we gave up was left without an agent, whatever our reason.
        if call.answered_at is not None:
            return CallOutcome.ABANDONED
        limit = call.cancel_reason == RING_LIMIT
        return CallOutcome.NO_ANSWER if limit else CallOutcome.CANCELLED
    if call.state in _IN_TALKS:
        return CallOutcome.HUNG_UP_EARLY
    rang = call.state is CallState.RINGING or call.early_media
    return outcome_of(event.cause, event.sip_code, remote=event.remote, rang=rang)


def _gone(call: Call, event: ev.HungUp | ev.DialRefused | ev.Vanished) -> Step:
    match event:
        case ev.HungUp(at, cause, sip_code):
            ended = replace(call, cause=cause, sip_code=sip_code)
            return _end(ended, _fate(call, event), at)
        case ev.DialRefused(at):
            unsent = call.state is CallState.DIALING
            return _end(call, CallOutcome.NOT_SENT, at) if unsent else Step(call, ignored=True)
        case ev.Vanished(at):
            return _end(call, CallOutcome.INTERRUPTED, at)


def _end(call: Call, outcome: CallOutcome, at: datetime) -> Step:
    talked = call.connected_at is not None
    release = (do.ReleaseAgent(call.agent_id, talked=talked),) if call.agent_id else ()
    # A conversation that a crash cut short was still a conversation.
    final = CallOutcome.CONNECTED if talked else (call.outcome or outcome)
    ended = replace(
        call,
        state=CallState.ENDED,
        outcome=final,
        ended_at=at,
        ended_by=call.ended_by or _who_ended(call, outcome),
    )
    stop = do.StopRingTimer() if call.answered_at is None else do.StopWaitTimer()
    return Step(ended, (stop, *controls.let_go(call, at), *release, do.StoreEnd()))


def _who_ended(call: Call, outcome: CallOutcome) -> str:
    if call.opted_out:
        return OPT_OUT
    if call.cancel_reason is not None:
        return call.cancel_reason
    if outcome in (CallOutcome.INTERRUPTED, CallOutcome.ABANDONED, CallOutcome.NOT_SENT):
        return "system"
    return "customer" if call.answered_at is not None else "network"


def _after_the_end(call: Call, event: ev.CallEvent) -> Step:
    match event:
        case ev.AgentReserved(_, agent_id):  # the agent came too late
            return Step(call, (do.ReleaseAgent(agent_id, talked=False),), ignored=True)
        case _:
            return Step(call, ignored=True)
