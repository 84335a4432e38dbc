"""What a connected call does at its agent's wish. Part of the call's machine, and as pure.

Promises, property-tested: whoever is left alone in a bridge is never a customer whose agent is free; the
agent is released once, and only when neither customer nor third party is in the agent's bridge any more;
a third party's leg is always ended or with the customer; parts of a talk follow each other and all end.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from dialer.call import announcing, gaps
from dialer.call import commands as do
from dialer.call import events as ev
from dialer.call import talk_commands as talk_do
from dialer.call import talk_events as te
from dialer.call.gaps import closed
from dialer.call.states import Call, CallState, Step
from dialer.call.talks import (
    PARTING,
    RINGING_OUT,
    TOGETHER,
    WITH_PARTY,
    Layout,
    Part,
    PartEnd,
    PartKind,
    Recorder,
    Talk,
    TalkState,
)

T = TalkState

#: ``ended_by`` of a call whose customer was handed over to a third party that hung up.
THIRD_PARTY = "third_party"
#: ``ended_by`` of a call that a supervisor had taken over, and hung up.
SUPERVISOR = "supervisor"
#: ``ended_by`` of a call whose customer could not be brought back to the agent.
BRIDGE_LOST = "bridge_lost"


def is_of_a_talk(call: Call, event: ev.CallEvent) -> bool:
    """Tell whether an event that may be of the call's beginning is of its talk."""
    if not isinstance(event, ev.RecordingStarted | ev.RecordingFailed):
        return False
    return call.talk.recorder in (Recorder.PAUSING, Recorder.RESUMING)


def step(call: Call, event: ev.CallEvent) -> Step:
    """Apply one event of a talk; wishes that do not fit what is going on are ignored."""
    if isinstance(event, gaps.OF_THE_RECORDER):
        return gaps.step(call, event)
    if call.state is CallState.CONNECTED and call.agent_id is not None:
        return _in_talk(call, call.agent_id, event)
    if call.state is CallState.TRANSFERRED:
        match event:
            case te.PartyEnded(_, party_id) if party_id == call.talk.party_id:
                taken = call.talk.state is T.TAKEN_OVER
                return _hang_up(call, SUPERVISOR if taken else THIRD_PARTY)
            case te.NotArranged(_, Layout.AWAY):
                return _hang_up(call, BRIDGE_LOST)
            case _:
                pass
    if isinstance(event, te.TakeOverRequested):
        return _not_taken(call, event)
    return _unwanted(call, event)


def _hang_up(call: Call, by: str) -> Step:
    return Step(replace(call, ended_by=call.ended_by or by), (do.HangUp(),))


def _unwanted(call: Call, event: ev.CallEvent) -> Step:
    """Send a third party away that nobody waits for any more."""
    party_id = event.party_id if isinstance(event, te.PartyAnswered) else None
    if party_id is None or party_id == call.talk.party_id:
        return Step(call, ignored=True)
    return Step(call, (talk_do.EndParty(party_id, call.agent_id),), ignored=True)


def _in_talk(call: Call, agent_id: UUID, event: ev.CallEvent) -> Step:
    talk = call.talk
    if talk.announcing is not None and isinstance(event, announcing.KEPT_WAITING):
        return _kept_waiting(call, event)
    match event:
        case te.HoldRequested(at) if talk.state is T.TALKING:
            return _enter(call, T.HELD, at)
        case te.UnholdRequested(at) if talk.state is T.HELD:
            return _enter(call, T.TALKING, at, PartEnd.RESUMED)
        case te.KeysRequested(_, digits) if talk.state in TOGETHER:
            return Step(call, (talk_do.SendKeys(digits),))
        case te.TransferRequested() if talk.state in (T.TALKING, T.HELD):
            return _call_out(call, event)
        case te.JoinRequested(at) if talk.state is T.CONSULTING:
            return _enter(call, T.THREE_WAY, at)
        case te.CompleteRequested() if talk.state in (T.CONSULTING, T.THREE_WAY):
            return _leave(call)
        case te.CancelRequested(at) if talk.state in WITH_PARTY and talk.state not in PARTING:
            return _back(call, agent_id, at, PartEnd.CANCELLED)
        case te.TakeOverRequested() if talk.state in (T.TALKING, T.HELD):
            return _part(call, T.TAKING, event.party_id)
        case te.TakeOverRequested():
            return _not_taken(call, event)
        case _:
            return _told(call, agent_id, event)


def _kept_waiting(call: Call, event: ev.CallEvent) -> Step:
    """Refuse what would take somebody away: both are being told that they are recorded."""
    if isinstance(event, te.TakeOverRequested):
        return _not_taken(call, event)
    return Step(call, ignored=True)


def _told(call: Call, agent_id: UUID, event: ev.CallEvent) -> Step:
    """Apply what the third party did, and what Asterisk made of an order."""
    talk = call.talk
    match event:
        case te.AnnouncementFinished():
            return announcing.finished(call, event)
        case te.PartyAnswered(at, party_id) if party_id == talk.party_id:
            if talk.state is T.CALLING:
                return _enter(call, T.CONSULTING, at)
            return _leave(call) if talk.state is T.TRANSFERRING else Step(call, ignored=True)
        case te.PartyEnded(at, party_id) if party_id == talk.party_id and talk.state in WITH_PARTY:
            why = PartEnd.NOT_REACHED if talk.state in RINGING_OUT else PartEnd.PARTY_LEFT
            back = _back(call, agent_id, at, why)
            return replace(back, commands=(*_told_not_taken(talk), *back.commands))
        case te.PartyRefused(at, party_id) if party_id == talk.party_id:
            ringing = talk.state in RINGING_OUT
            return (
                _back(call, agent_id, at, PartEnd.NO_LINE) if ringing else Step(call, ignored=True)
            )
        case te.Arranged(at, layout) if layout is talk.layout:
            return _arranged(call, agent_id, at)
        case te.NotArranged(at, layout) if layout is talk.layout:
            return _not_arranged(call, agent_id, at)
        case _:
            return _unwanted(call, event)


def _enter(
    call: Call,
    state: TalkState,
    at: datetime,
    ending: PartEnd = PartEnd.WENT_ON,
    *,
    target: str | None = None,
    party_id: UUID | None = None,
) -> Step:
    """Close the open part, begin the next one, and have Asterisk follow."""
    talk = call.talk
    known = talk.part.target if talk.part is not None else ""
    goes_on = state in WITH_PARTY
    part = None
    if state is not T.TALKING:
        part = Part(PartKind(state.value), at, target if target is not None else known)
    entered = replace(
        talk,
        state=state,
        part=part,
        party_id=(party_id or talk.party_id) if goes_on else None,
        settling=True,
    )
    order = talk_do.Arrange(entered.layout, call.agent_id, entered.party_id)
    opened = (talk_do.StorePart(part),) if part is not None else ()
    return Step(replace(call, talk=entered), (order, *closed(talk.part, at, ending), *opened))


def _call_out(call: Call, wish: te.TransferRequested) -> Step:
    state = T.CALLING if wish.consult else T.TRANSFERRING
    held = _enter(call, state, wish.at, target=wish.target, party_id=wish.party_id)
    return Step(held.call, (*held.commands, talk_do.DialParty(wish.target, wish.party_id)))


def _back(call: Call, agent_id: UUID, at: datetime, why: PartEnd) -> Step:
    """Go on with the customer alone."""
    party_id = call.talk.party_id
    out = (talk_do.EndParty(party_id, agent_id),) if party_id is not None else ()
    back = _enter(call, T.TALKING, at, why)
    return Step(back.call, (*out, *back.commands))


def _leave(call: Call) -> Step:
    return _part(call, T.LEAVING, call.talk.party_id)


def _part(call: Call, state: TalkState, party_id: UUID | None) -> Step:
    """Put customer and another party together; the part that is on ends when that is done."""
    talk = replace(call.talk, state=state, party_id=party_id, settling=True)
    order = talk_do.Arrange(Layout.AWAY, call.agent_id, party_id)
    return Step(replace(call, talk=talk), (order,))


def _not_taken(call: Call, event: te.TakeOverRequested) -> Step:
    return Step(call, (talk_do.TellTaking(event.party_id, done=False),), ignored=True)


def _told_not_taken(talk: Talk) -> tuple[talk_do.TellTaking, ...]:
    """Tell a supervisor whose take-over came to nothing."""
    if talk.state is not T.TAKING or talk.party_id is None:
        return ()
    return (talk_do.TellTaking(talk.party_id, done=False),)


def _arranged(call: Call, agent_id: UUID, at: datetime) -> Step:
    talk = call.talk
    if talk.state not in PARTING:
        settled = replace(call, talk=replace(talk, settling=False))
        return Step(settled, ignored=not talk.settling)
    target = talk.part.target if talk.part is not None else ""
    taken = talk.state is T.TAKING
    state = T.TAKEN_OVER if taken else T.AWAY
    away = Part(PartKind(state.value), at, target)
    gone = replace(
        call,
        state=CallState.TRANSFERRED,
        agent_id=None,
        talk=replace(talk, state=state, part=away, settling=False),
    )
    parts = (*closed(talk.part, at, PartEnd.WENT_ON), talk_do.StorePart(away))
    told: tuple[talk_do.TellTaking, ...] = ()
    if taken and talk.party_id is not None:
        told = (talk_do.TellTaking(talk.party_id, done=True),)
    left = Step(gone, (*told, do.ReleaseAgent(agent_id, talked=True), *parts))
    recorded = call.recording and talk.recorder is Recorder.RUNNING
    return _unrecorded(left, at) if recorded else left


def _unrecorded(left: Step, at: datetime) -> Step:
    """End the recording with the agent's part: for the rest of the call there is a gap."""
    gap = Part(PartKind.UNRECORDED, at)
    call, talk = left.call, replace(left.call.talk, recorder=Recorder.PAUSING, gap=gap)
    stop = (talk_do.PauseRecording(), talk_do.StorePart(gap))
    return Step(replace(call, talk=talk), (*left.commands, *stop))


def _not_arranged(call: Call, agent_id: UUID, at: datetime) -> Step:
    if call.talk.state is T.TAKING:  # the supervisor's leg stays: it goes on listening
        back = _enter(call, T.TALKING, at, PartEnd.FAILED)
        return replace(back, commands=(*_told_not_taken(call.talk), *back.commands))
    if call.talk.state is not T.TALKING:
        return _back(call, agent_id, at, PartEnd.FAILED)
    return _hang_up(call, BRIDGE_LOST)


def let_go(call: Call, at: datetime) -> tuple[do.CallCommand, ...]:
    """Return what the end of a call asks for: first of all the third party leaves the agent's bridge."""
    talk = call.talk
    out: tuple[do.CallCommand, ...] = _told_not_taken(talk)
    if talk.party_id is not None:
        out = (*out, talk_do.EndParty(talk.party_id, call.agent_id))
    over = (
        *closed(talk.part, at, PartEnd.CALL_ENDED),
        *closed(talk.gap, at, PartEnd.CALL_ENDED),
    )
    if talk.announcing is not None:
        unheard = closed(talk.announcing, at, PartEnd.CALL_ENDED)
        return (*out, talk_do.StopAnnouncement(), *unheard, *over)
    return (*out, *over)
