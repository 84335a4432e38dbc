"""The agent's transition function. Everything that can change an agent's state is in this file.

Total, like the call's. Promises, property-tested: no agent holds two calls; every reservation ends;
an agent who is not busy is ready, previewing, paused, connecting or offline, never stuck; nothing is
shown to an agent in any other state; a customer who hears no agent hears that somebody is there, until a
limit that nothing moves.
"""

from dataclasses import replace
from datetime import datetime

from dialer.agent import commands as do
from dialer.agent import events as ev
from dialer.agent.states import MISSED_OFFER, NO_REACTION, Agent, AgentState, Step

S = AgentState
_BUSY = (S.DIALING, S.RESERVED, S.ON_CALL, S.WRAP_UP)
_WITH_CUSTOMER = (S.RESERVED, S.ON_CALL)


def step(agent: Agent, event: ev.AgentEvent) -> Step:
    """Apply one event and return the agent after it with the commands to execute."""
    return _with_comfort_ended(agent, _apply(agent, event))


def _with_comfort_ended(before: Agent, taken: Step) -> Step:
    """End the comfort of a customer who has an agent again, or is gone; have it stored."""
    agent = taken.agent
    if agent.state not in _WITH_CUSTOMER:
        agent = replace(agent, alone_at=None)
    if agent.alone_at == before.alone_at:
        return taken
    quiet = (do.EndComfort(),) if agent.alone_at is None else ()
    told = (*quiet, do.StoreAlone(agent.alone_at))
    return replace(taken, agent=agent, commands=(*told, *taken.commands))


def _apply(agent: Agent, event: ev.AgentEvent) -> Step:
    if isinstance(event, ev.LegEvent):
        return _leg(agent, event)
    match event:
        case ev.SignedIn() | ev.SignOutRequested() | ev.ReadyRequested() | ev.PauseRequested():
            return _wish(agent, event)
        case ev.ContactShown() | ev.ContactChosen() | ev.PreviewEnded() | ev.ContactDialled():
            return _preview(agent, event)
        case ev.Reserved(at, call_id):
            own = agent.state is S.DIALING and agent.call_id == call_id
            if not (agent.state is S.READY or own) or not agent.leg_up:
                return Step(agent, ignored=True)
            taken = replace(agent, call_id=call_id, disposition=None, extended=0)
            return _enter(taken, S.RESERVED, at)
        case _ if event.call_id != agent.call_id:
            return Step(agent, ignored=True)
        case ev.CallConnected(at):
            return _enter(agent, S.ON_CALL, at) if agent.state is S.RESERVED else _same(agent)
        case ev.CallReleased(at, _, talked, missed):
            return _release(agent, at, talked=talked, missed=missed)
        case ev.WrapUpExtended():
            return _extend(agent, event)
        case ev.Disposed(at, _, code):
            return _dispose(agent, at, code)
        case ev.WrapUpExpired(at):
            return _dispose(agent, at, None) if agent.state is S.WRAP_UP else _same(agent)


def _same(agent: Agent) -> Step:
    return Step(agent, ignored=True)


def _enter(agent: Agent, state: AgentState, at: datetime, *commands: do.AgentCommand) -> Step:
    """Change the state, keep when it began, and have it logged."""
    return Step(replace(agent, state=state, since=at), (*commands, do.StoreState()))


def _preview(
    agent: Agent,
    event: ev.ContactShown | ev.ContactChosen | ev.PreviewEnded | ev.ContactDialled,
) -> Step:
    if isinstance(event, ev.ContactShown | ev.ContactChosen):
        chosen = isinstance(event, ev.ContactChosen) and agent.state is S.PAUSED
        if not (agent.state is S.READY or chosen) or not agent.leg_up:
            return _same(agent)
        return _enter(replace(agent, preview_id=event.preview_id), S.PREVIEWING, event.at)
    if agent.state is not S.PREVIEWING or agent.preview_id != event.preview_id:
        return _same(agent)
    over = replace(agent, preview_id=None)
    if isinstance(event, ev.PreviewEnded):
        return _free(over, event.at)
    return _enter(replace(over, call_id=event.call_id, disposition=None), S.DIALING, event.at)


def _wish(
    agent: Agent,
    event: ev.SignedIn | ev.SignOutRequested | ev.ReadyRequested | ev.PauseRequested,
) -> Step:
    match event:
        case ev.SignedIn(at):
            if agent.state is not S.OFFLINE:
                return _same(agent)
            return _enter(replace(agent, leg_up=False), S.CONNECTING, at, do.DialLeg())
        case ev.SignOutRequested():
            wish = replace(agent, wants=S.OFFLINE, pause_code=None)
        case ev.ReadyRequested():
            wish = replace(agent, wants=S.READY, pause_code=None)
        case ev.PauseRequested(_, code):
            wish = replace(agent, wants=S.PAUSED, pause_code=code)
    reads_on = agent.state is S.PREVIEWING and wish.wants is S.READY
    if agent.state is S.OFFLINE or agent.state in _BUSY or reads_on:
        return Step(wish)
    return _free(wish, event.at, new_wish=wish.pause_code != agent.pause_code)


def _free(agent: Agent, at: datetime, *, new_wish: bool = False) -> Step:
    """Send an agent without a call where the agent (or the lost leg) wants to be."""
    idle = replace(agent, call_id=None, disposition=None, preview_id=None, extended=0)
    left = _withdrawn(agent)
    if idle.wants is S.OFFLINE:
        leave = (*left, do.StopLegTimers(), do.HangUpLeg())
        return _enter(replace(idle, leg_up=False), S.OFFLINE, at, *leave)
    if not idle.leg_up:
        return _enter(idle, S.CONNECTING, at) if idle.state is not S.CONNECTING else Step(idle)
    target = S.PAUSED if idle.wants is S.PAUSED else S.READY
    if idle.state is target and not new_wish:
        return Step(idle, ignored=True)
    return _enter(idle, target, at, *left)


def _withdrawn(agent: Agent) -> tuple[do.AgentCommand, ...]:
    """Let go what an agent was shown who does not come back to it."""
    return (do.WithdrawPreview(agent.preview_id),) if agent.preview_id is not None else ()


def _leg(agent: Agent, event: ev.LegEvent) -> Step:
    if agent.state is S.OFFLINE:
        late = (do.HangUpLeg(),) if isinstance(event, ev.LegUp) else ()
        return Step(agent, late, ignored=True)
    match event:
        case ev.LegUp(at):
            up = replace(agent, leg_up=True, alone_at=None)
            if agent.state in (*_BUSY, S.PREVIEWING):
                return Step(up, (do.StopLegTimers(),))
            back = _free(up, at)
            return Step(back.agent, (do.StopLegTimers(), *back.commands))
        case ev.LegLost(at):
            return _lose_leg(agent, at)
        case ev.LegRetryDue():
            return _same(agent) if agent.leg_up else Step(agent, (do.DialLeg(),))
        case ev.PhoneCame(at):
            return _redial(agent, at)
        case ev.LegSilent() | ev.LegHeard():
            return _sound(agent, event)
        case ev.LegGivenUp():
            if agent.alone_at is None or agent.call_id is None:
                return _same(agent)
            return Step(agent, (do.EndCall(agent.call_id, by="agent_lost"),))


def _redial(agent: Agent, at: datetime) -> Step:
    """Lose the leg, if there still seems to be one, and dial the telephone that is there now."""
    lost = _lose_leg(agent, at)
    at_once = (do.RedialLeg() if isinstance(c, do.RetryLegAfter) else c for c in lost.commands)
    return replace(lost, commands=tuple(at_once))


def _lose_leg(agent: Agent, at: datetime) -> Step:
    lost = replace(agent, leg_up=False)
    retry = do.RetryLegAfter(agent.policy.leg_retry_s)
    if agent.state in _WITH_CUSTOMER:  # the customer stays, and the agent is brought back
        alone = _leave_alone(lost, at)
        return Step(alone.agent, (retry, *alone.commands))
    if agent.state is S.WRAP_UP:
        return Step(lost, (retry,))
    if agent.state is S.CONNECTING:
        return Step(lost, (retry,))
    gone = _withdrawn(agent)
    if agent.state is S.DIALING and agent.call_id is not None:
        # Nobody has answered: the call ends rather than reach somebody without an agent.
        gone = (do.EndCall(agent.call_id, by="agent_lost"),)
    idle = replace(lost, call_id=None, preview_id=None)
    return _enter(idle, S.CONNECTING, at, *gone, retry)


def _leave_alone(agent: Agent, at: datetime) -> Step:
    """Comfort the customer up to the limit, both counted from the beginning.

    So failed attempts to come back do not renew it, and a new owner goes on with what is left.
    """
    since = agent.alone_at or at
    waited_s = max(0.0, (at - since).total_seconds())  # another machine's clock may be ahead
    limit_s, music_s = agent.policy.leg_lost_limit_s, agent.policy.music_after_s
    limit = do.GiveUpLegAfter(max(0.0, limit_s - waited_s))
    comfort = do.ComfortCustomer(max(0.0, music_s - waited_s))
    return Step(replace(agent, alone_at=since), (limit, comfort))


def _sound(agent: Agent, event: ev.LegSilent | ev.LegHeard) -> Step:
    """Comfort a customer whose agent's telephone fell silent, until it is heard or its leg ends."""
    if agent.state not in _WITH_CUSTOMER or not agent.leg_up:
        return _same(agent)
    alone = agent.alone_at is not None
    if isinstance(event, ev.LegSilent):
        return _same(agent) if alone else _leave_alone(agent, event.at)
    heard = replace(agent, alone_at=None)
    return Step(heard, (do.StopLegTimers(),)) if alone else _same(agent)


def _release(agent: Agent, at: datetime, *, talked: bool, missed: bool) -> Step:
    if agent.state not in (*_WITH_CUSTOMER, S.DIALING):
        return _same(agent)
    if missed and agent.state is S.RESERVED:
        return _pause_after(agent, at, MISSED_OFFER)
    if not talked or agent.state is S.DIALING:
        return _free(agent, at)
    if agent.disposition is not None:  # saved while the customer was still there
        return _free(agent, at)
    assert agent.call_id is not None  # noqa: S101 - the caller matched the event's call
    timer = do.StartWrapUpTimer(agent.call_id, agent.policy.wrap_up_s)
    return _enter(agent, S.WRAP_UP, at, timer)


def _dispose(agent: Agent, at: datetime, code: str | None) -> Step:
    assert agent.call_id is not None  # noqa: S101 - the caller matched the event's call
    if agent.state not in (S.ON_CALL, S.WRAP_UP) or agent.disposition is not None:
        return _same(agent)
    if agent.state is S.ON_CALL:
        return Step(replace(agent, disposition=code))
    unsaved = (do.CloseUndisposed(agent.call_id),) if code is None else ()
    careless = code is None and agent.policy.pause_undisposed
    freed = _pause_after(agent, at, NO_REACTION) if careless else _free(agent, at)
    return Step(freed.agent, (do.StopWrapUpTimer(), *unsaved, *freed.commands))


def _pause_after(agent: Agent, at: datetime, code: str) -> Step:
    """Free an agent who did not react, into a pause; who wants to pause or leave anyway does that."""
    if agent.wants is not S.READY:
        return _free(agent, at)
    paused = _free(replace(agent, wants=S.PAUSED, pause_code=code), at)
    return Step(paused.agent, (do.StorePause(code), *paused.commands))


def _extend(agent: Agent, event: ev.WrapUpExtended) -> Step:
    """Give more time, counted from the wrap-up's beginning; never less, never more than is allowed."""
    policy, times = agent.policy, min(event.times, agent.policy.wrap_up_extensions)
    if agent.state is not S.WRAP_UP or times <= agent.extended or agent.since is None:
        return _same(agent)
    whole_s = policy.wrap_up_s + times * policy.wrap_up_extension_s
    left_s = max(0.0, whole_s - (event.at - agent.since).total_seconds())
    timer = do.StartWrapUpTimer(event.call_id, left_s)
    return Step(replace(agent, extended=times), (timer,))
