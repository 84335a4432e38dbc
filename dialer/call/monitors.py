"""Listening to an agent's talk, pure: ``step(monitor, event) -> MonitorStep``, as the call's machine.

A supervisor's leg stays up while calls of one agent come and go. Promises, property-tested: nobody is
listened to outside of a talk; a talk that is listened to is told as begun and as ended; whoever speaks to
the customer has wished it; what is over stays over.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from dialer.call import monitor_commands as do
from dialer.call import monitor_events as ev
from dialer.call.monitor_events import Mode


class MonitorState(StrEnum):
    """Where in its life a monitoring is."""

    CALLING = "calling"  #: the supervisor's telephone is being called
    WAITING = "waiting"  #: it is there, and the agent has no talk
    HEARING = "hearing"  #: it hears the agent's talk
    TAKING = "taking"  #: the customer is being brought to it
    TAKEN = "taken"  #: customer and supervisor talk; the agent is free
    OVER = "over"


#: What the supervisor's leg hangs on is another machine's: the call's.
_OF_THE_CALL = (MonitorState.TAKING, MonitorState.TAKEN)

#: Why a monitoring ended.
LEFT, UNREACHED, CALL_ENDED, AGENT_GONE = "left", "unreached", "call_ended", "agent_gone"

#: A telephone that is lost is called again after this, and given up after that, seconds.
LEG_RETRY_S, LEG_LIMIT_S = 2.0, 30.0


@dataclass(frozen=True, slots=True)
class Monitor:
    """One supervisor at one agent."""

    id: UUID
    mode: Mode = Mode.LISTEN
    follow: bool = True  #: the agent's next talks, too
    state: MonitorState = MonitorState.CALLING
    call_id: UUID | None = None  #: the agent's talk; after a take-over the supervisor's
    failed: UUID | None = None  #: the talk that could not be taken over


@dataclass(frozen=True, slots=True)
class MonitorStep:
    """The result of one event."""

    monitor: Monitor
    commands: tuple[do.MonitorCommand, ...] = ()


def step(monitor: Monitor, event: ev.MonitorEvent) -> MonitorStep:
    """Apply one event; total: what does not fit changes nothing."""
    if monitor.state is MonitorState.OVER:
        return MonitorStep(monitor)
    match event:
        case ev.Left():
            return MonitorStep(
                replace(monitor, state=MonitorState.OVER), (do.StopLegTimers(), *_silent(monitor))
            )
        case ev.Begun() | ev.LegUp() | ev.LegLost() | ev.LegRetryDue() | ev.LegGivenUp():
            return _leg(monitor, event)
        case ev.TalkBegan(_, call_id):
            return _talk_began(monitor, call_id)
        case ev.TalkEnded():
            return _talk_ended(monitor)
        case ev.CallOver(_, call_id):
            over = call_id == monitor.call_id and monitor.state in _OF_THE_CALL
            return _end(monitor, CALL_ENDED) if over else MonitorStep(monitor)
        case ev.FollowWished(_, follow):
            return MonitorStep(replace(monitor, follow=follow))
        case ev.ModeWished(_, mode):
            changed = replace(monitor, mode=mode)
            hearing = monitor.state is MonitorState.HEARING and mode is not monitor.mode
            return MonitorStep(changed, (do.Attach(mode),) if hearing else ())
        case ev.TakeOverWished() | ev.Taken():
            return _taking(monitor, event)


def _silent(monitor: Monitor) -> tuple[do.MonitorCommand, ...]:
    """Return what ends all that the supervisor hears; a customer taken over goes with the leg."""
    return (do.Detach(), do.DropLeg()) if monitor.state is MonitorState.HEARING else (do.DropLeg(),)


def _enter(monitor: Monitor, state: MonitorState, *commands: do.MonitorCommand) -> MonitorStep:
    return MonitorStep(replace(monitor, state=state), (*commands, do.StoreState()))


def _end(monitor: Monitor, reason: str) -> MonitorStep:
    heard = (do.Note("call_ended", monitor.call_id),) if monitor.call_id and _hears(monitor) else ()
    over = replace(monitor, state=MonitorState.OVER)
    return MonitorStep(over, (do.StopLegTimers(), *heard, *_silent(monitor), do.StoreEnd(reason)))


def _hears(monitor: Monitor) -> bool:
    return monitor.state in (MonitorState.HEARING, *_OF_THE_CALL)


def _leg(
    monitor: Monitor, event: ev.Begun | ev.LegUp | ev.LegLost | ev.LegRetryDue | ev.LegGivenUp
) -> MonitorStep:
    calling = monitor.state is MonitorState.CALLING
    match event:
        case ev.Begun() if calling:
            return MonitorStep(
                monitor, (do.GiveUpLegAfter(LEG_LIMIT_S), do.DialLeg(), do.StoreState())
            )
        case ev.LegUp() if calling:
            up = _hear(monitor)
            return replace(up, commands=(do.StopLegTimers(), *up.commands))
        case ev.LegLost() if monitor.state is MonitorState.TAKEN:
            return MonitorStep(monitor)  # the call ends with it, and tells
        case ev.LegLost() if calling:
            return MonitorStep(monitor, (do.RetryLegAfter(LEG_RETRY_S),))
        case ev.LegLost():
            told: tuple[do.MonitorCommand, ...] = ()
            if monitor.call_id is not None and _hears(monitor):
                told = (do.Note("call_ended", monitor.call_id),)
            again = (do.DropLeg(), do.RetryLegAfter(LEG_RETRY_S), do.GiveUpLegAfter(LEG_LIMIT_S))
            return _enter(monitor, MonitorState.CALLING, *told, *again)
        case ev.LegRetryDue() if calling:
            return MonitorStep(monitor, (do.DialLeg(),))
        case ev.LegGivenUp() if calling:
            return _end(monitor, UNREACHED)
        case _:
            return MonitorStep(monitor)


def _hear(monitor: Monitor) -> MonitorStep:
    """Listen to the talk that is on, or wait for one."""
    if monitor.call_id is None:
        return _enter(monitor, MonitorState.WAITING)
    heard = (do.Attach(monitor.mode), do.Note("call_began", monitor.call_id))
    return _enter(monitor, MonitorState.HEARING, *heard)


def _talk_began(monitor: Monitor, call_id: UUID) -> MonitorStep:
    if monitor.state in _OF_THE_CALL or monitor.call_id == call_id:
        return MonitorStep(monitor)
    before = _talk_ended(replace(monitor, follow=True))  # one that was not told
    there = replace(before.monitor, call_id=call_id, follow=monitor.follow)
    if there.state is not MonitorState.WAITING:
        return MonitorStep(there, before.commands)
    heard = _hear(there)
    return replace(heard, commands=(*before.commands, *heard.commands))


def _talk_ended(monitor: Monitor) -> MonitorStep:
    call_id = monitor.call_id
    if call_id is None or monitor.state is MonitorState.TAKEN:
        return MonitorStep(monitor)
    if not monitor.follow:
        return _end(monitor, CALL_ENDED)
    free = replace(monitor, call_id=None)
    if not _hears(monitor):
        return MonitorStep(free)
    return _enter(free, MonitorState.WAITING, do.Detach(), do.Note("call_ended", call_id))


def _taking(monitor: Monitor, event: ev.TakeOverWished | ev.Taken) -> MonitorStep:
    call_id = monitor.call_id
    if isinstance(event, ev.TakeOverWished):
        hears = monitor.state is MonitorState.HEARING and event.call_id == call_id
        if not hears or monitor.failed == event.call_id:
            return MonitorStep(monitor)
        return _enter(monitor, MonitorState.TAKING, do.Detach(), do.TakeOver(event.call_id))
    if monitor.state is not MonitorState.TAKING or call_id is None:
        return MonitorStep(monitor)
    if event.done:
        return _enter(monitor, MonitorState.TAKEN, do.Note("taken_over", call_id))
    back = (do.Attach(monitor.mode), do.Note("not_taken_over", call_id))
    return _enter(replace(monitor, failed=call_id), MonitorState.HEARING, *back)
