"""What a call does about its analysed greeting. Part of the call's machine, and as pure.

The analysis runs beside the call: neither the wait for an agent nor a talk is held up by it. A machine
that was found is hung up, or is left a message when its greeting is over; its agent is free at once.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from dialer.call import commands as do
from dialer.call import events as ev
from dialer.call.states import Call, CallOutcome, CallState, Step
from dialer.call.talks import PLAIN
from dialer.call.verdicts import SILENCE_CAUSE, Treatment, Verdict, is_audited

_OPEN = (CallState.WAITING, CallState.CONNECTING, CallState.CONNECTED)
#: In these the customer is in the agent's bridge, or about to be.
_IN_THE_BRIDGE = (CallState.CONNECTING, CallState.CONNECTED)
#: Asterisk's own limit of the wait should be first; this is for the case that it is not.
_GREETING_MARGIN_S = 5.0


#: What ``with_machine`` takes from a call's usual course.
TO_A_MACHINE = (
    *(ev.Bridged, ev.BridgeFailed, ev.LeftBridge),
    *(ev.GreetingOver, ev.MessageFinished, ev.WaitExpired),
)


def hear(call: Call, event: ev.AnalysisFinished | ev.LeftBridge | ev.GreetingOver) -> Step:
    """Take the verdict; one that nobody waits for (another worker's, a second one) is ignored."""
    if not isinstance(event, ev.AnalysisFinished) or not call.analysing:
        return Step(call, ignored=True)
    treatment = _treatment(call, event)
    told = replace(
        call,
        analysing=False,
        verdict=event.verdict,
        verdict_cause=event.cause,
        verdict_at=event.at,
        treatment=treatment,
    )
    done = (do.EndAnalysis(), do.StoreVerdict())
    if treatment is not Treatment.ACTED:
        return Step(told, done)
    acted = _act(told)
    return Step(acted.call, (*done, *acted.commands))


def _treatment(call: Call, event: ev.AnalysisFinished) -> Treatment:
    policy = call.policy.analysis
    if event.verdict is not Verdict.MACHINE or policy is None:
        return Treatment.PASSED
    if call.state not in _OPEN or call.cancel_reason is not None or call.ended_by is not None:
        return Treatment.MOOT
    # An agent who puts somebody on hold, or asks a third party, has heard a person.
    steered = call.talk != PLAIN
    if steered or _is_late(call.answered_at, event.at, policy.limit_s):
        return Treatment.LATE
    if event.cause.startswith(SILENCE_CAUSE) and not policy.silence_is_machine:
        return Treatment.SILENCE
    return Treatment.AUDITED if is_audited(call.id, policy.audit_share) else Treatment.ACTED


def _is_late(answered_at: datetime | None, at: datetime, limit_s: float) -> bool:
    return answered_at is None or at - answered_at > timedelta(seconds=limit_s)


def _act(call: Call) -> Step:
    """Free the agent and end the call, or wait for the end of the greeting.

    An agent in whose bridge the machine is stays taken until it has left: two customers must not
    meet. That is a matter of milliseconds.
    """
    policy = call.policy.analysis
    found = replace(call, state=CallState.MACHINE, outcome=CallOutcome.MACHINE, connected_at=None)
    release: tuple[do.CallCommand, ...] = ()
    if call.agent_id is not None and call.state not in _IN_THE_BRIDGE:
        release = (do.ReleaseAgent(call.agent_id, talked=False),)
        found = replace(found, agent_id=None)
    if policy is None or not policy.leave_message or not call.may_leave_message:
        return Step(replace(found, ended_by="system"), (do.StopWaitTimer(), *release, do.HangUp()))
    limit = do.StartWaitTimer(policy.greeting_limit_s + _GREETING_MARGIN_S)
    waits = replace(found, for_message=True)
    return Step(waits, (do.StopWaitTimer(), *release, do.AwaitGreetingEnd(), limit))


def with_machine(call: Call, event: ev.CallEvent) -> Step:
    """Apply what happens to a call that a machine answered."""
    match event:
        case ev.Bridged():  # it came after the verdict; for the message the leg is on its way out
            leaves = call.for_message and not call.greeting_over
            return Step(call, ignored=True) if leaves else Step(call, (do.HangUp(),))
        case ev.LeftBridge() | ev.BridgeFailed():
            return _free_agent(call)
        case ev.GreetingOver(_, silent):
            return _greeting_over(call, silent=silent)
        case ev.MessageFinished(_, heard):
            if not call.for_message or call.message_over:
                return Step(call, ignored=True)
            over = replace(call, message_over=True, message_left=heard, ended_by="system")
            return Step(over, (do.HangUp(),))
        case ev.WaitExpired() if call.for_message and not call.greeting_over:
            return Step(replace(call, ended_by="system"), (do.HangUp(),))
        case _:
            return Step(call, ignored=True)


def _free_agent(call: Call) -> Step:
    if call.agent_id is None:
        return Step(call, ignored=True)
    release = do.ReleaseAgent(call.agent_id, talked=False)
    return Step(replace(call, agent_id=None), (release,))


def _greeting_over(call: Call, *, silent: bool) -> Step:
    if not call.for_message or call.greeting_over:
        return Step(call, ignored=True)
    over = replace(call, greeting_over=True)
    freed = _free_agent(over)
    if silent:
        return Step(freed.call, (do.StopWaitTimer(), *freed.commands, do.LeaveMessage()))
    ended = replace(over, ended_by="system")  # it talks on and on: nobody would hear the message
    return Step(ended, (do.StopWaitTimer(), do.HangUp()))
