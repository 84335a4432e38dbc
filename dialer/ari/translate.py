"""Asterisk's events as what happened to a customer's call or an agent's leg."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dialer.ari import messages as msg
from dialer.ari import names
from dialer.ari.names import Role
from dialer.call import events as ev
from dialer.call import talk_events as te
from dialer.call.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class CallHeard:
    """Something happened to a customer's leg."""

    attempt_id: UUID
    event: ev.CallEvent


@dataclass(frozen=True, slots=True)
class AgentLegAnswered:
    """An agent's leg was picked up; it is in no bridge yet."""

    session_id: UUID
    channel_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AgentLegMoved:
    """An agent's leg came from another campaign, in its bridge."""

    session_id: UUID
    channel_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AgentLegEnded:
    """An agent's leg is gone."""

    session_id: UUID
    channel_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SupervisorLeg:
    """A supervisor's leg was picked up, and is in no bridge yet; or it is gone."""

    monitoring_id: UUID
    channel_id: str
    at: datetime
    up: bool


@dataclass(frozen=True, slots=True)
class OwnershipLost:
    """Another process took our application: it owns the calls now."""


Heard = CallHeard | AgentLegAnswered | AgentLegMoved | AgentLegEnded | SupervisorLeg | OwnershipLost

#: The cause Asterisk gives when it ends an unanswered leg itself after ``dial``'s time-out, measured on
#: Asterisk 22.10 (docs/telephony.md); the far end's final responses never map to it.
_OWN_TIMEOUT_CAUSE = 32

#: AMDSTATUS as a verdict; whatever else it is, nothing was learned. Source: Asterisk 22, AMD().
_VERDICTS = {
    "HUMAN": Verdict.HUMAN,
    "MACHINE": Verdict.MACHINE,
    "NOTSURE": Verdict.NOT_SURE,
}

_FINAL_DIAL = frozenset({"BUSY", "CONGESTION", "NOANSWER", "CHANUNAVAIL", "CANCEL"})


class Translator:
    """Remembers only which unanswered legs got a final response from the far end.

    Asterisk reports its own ring time-out with the same cause as a 480 from the far end; only the
    missing final response tells them apart (docs/telephony.md).
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Use ``now`` for events that Asterisk did not stamp."""
        self._now = now
        self._refused: set[str] = set()

    def translate(self, event: msg.AriEvent) -> Heard | None:
        """Return what the event means to us; None when it means nothing."""
        match event:
            case msg.ApplicationReplaced():
                return OwnershipLost()
            case msg.PlaybackFinished(playback=playback):
                return self._played(playback, self._at(event))
            case msg.ChannelEnteredBridge(channel=channel) | msg.ChannelLeftBridge(channel=channel):
                return self._bridged(channel, event) if channel else None
            case msg.Dial(peer=channel):
                return self._dialled(channel, event)
            case _:
                return self._channel(event.channel, event)

    def _at(self, event: msg.AriEvent) -> datetime:
        return event.sent_at() or self._now()

    @staticmethod
    def _played(playback: msg.Playback, at: datetime) -> CallHeard | None:
        message_of = names.attempt_of_playback(playback.id)
        if message_of is not None:
            return CallHeard(message_of, ev.MessageFinished(at, heard=playback.state != "failed"))
        announced = names.attempt_of_announcement(playback.id)
        if announced is not None:
            heard = playback.state != "failed"
            return CallHeard(announced, te.AnnouncementFinished(at, heard=heard))
        confirmed = names.attempt_of_confirmation(playback.id)
        return CallHeard(confirmed, ev.ConfirmationFinished(at)) if confirmed is not None else None

    def _bridged(self, channel: msg.Channel, event: msg.AriEvent) -> Heard | None:
        leg = names.leg_of(channel)
        if leg is None or leg.role is not Role.CUSTOMER:
            return None
        at = self._at(event)
        entered = isinstance(event, msg.ChannelEnteredBridge)
        return CallHeard(leg.id, ev.Bridged(at) if entered else ev.LeftBridge(at))

    def _dialled(self, channel: msg.Channel, event: msg.Dial) -> Heard | None:
        leg = names.leg_of(channel)
        if leg is None:
            return None
        if event.dialstatus in _FINAL_DIAL:
            self._refused.add(channel.id)
            return None
        if leg.role is not Role.CUSTOMER:
            return None
        match event.dialstatus:
            case "RINGING":
                return CallHeard(leg.id, ev.Rang(self._at(event)))
            case "PROGRESS" | "PROCEEDING":
                early = event.dialstatus == "PROGRESS"
                return CallHeard(leg.id, ev.Progressed(self._at(event))) if early else None
            case "ANSWER":
                return CallHeard(leg.id, ev.Answered(self._at(event)))
            case _:
                return None

    def _channel(
        self,
        channel: msg.Channel,
        event: msg.StasisStart
        | msg.StasisEnd
        | msg.ChannelStateChange
        | msg.ChannelHangupRequest
        | msg.ChannelDestroyed
        | msg.ChannelDtmfReceived,
    ) -> Heard | None:
        analysed = names.attempt_of_analysis(channel.id)
        if analysed is not None:
            return _analysis(analysed, event, self._at(event))
        leg = names.leg_of(channel)
        if leg is None:
            return None
        if isinstance(event, msg.ChannelHangupRequest):
            if event.cause != _OWN_TIMEOUT_CAUSE:
                self._refused.add(channel.id)
            return None
        if isinstance(event, msg.ChannelDestroyed):
            remote = channel.id in self._refused
            self._refused.discard(channel.id)
            return self._destroyed(leg, channel, event, remote=remote)
        at = self._at(event)
        if leg.role is Role.AGENT:
            if isinstance(event, msg.StasisStart) and event.args == [names.MOVED]:
                return AgentLegMoved(leg.id, channel.id, at)
            up = isinstance(event, msg.ChannelStateChange) and channel.state == "Up"
            return AgentLegAnswered(leg.id, channel.id, at) if up else None
        if leg.role is Role.SUPERVISOR:
            up = isinstance(event, msg.ChannelStateChange) and channel.state == "Up"
            return SupervisorLeg(leg.id, channel.id, at, up=True) if up else None
        if leg.role is Role.PARTY:
            return _party(leg.id, channel, event, at)
        return _customer(leg.id, channel, event, at)

    def _destroyed(
        self, leg: names.Leg, channel: msg.Channel, event: msg.ChannelDestroyed, *, remote: bool
    ) -> Heard:
        at = self._at(event)
        if leg.role is Role.AGENT:
            return AgentLegEnded(leg.id, channel.id, at)
        if leg.role is Role.SUPERVISOR:
            return SupervisorLeg(leg.id, channel.id, at, up=False)
        if leg.role is Role.PARTY:
            return CallHeard(leg.id, te.PartyEnded(at, names.party_of(channel.id)))
        sip_code = event.tech_cause or None
        return CallHeard(leg.id, ev.HungUp(at, event.cause, sip_code, remote))


def _analysis(attempt_id: UUID, event: msg.AriEvent, at: datetime) -> CallHeard | None:
    """Return what the leg that listens tells: its verdict, or that it ended."""
    match event:
        case msg.StasisStart(args=["amd", status, *causes]):
            verdict = _VERDICTS.get(status, Verdict.FAILED)
            return CallHeard(attempt_id, ev.AnalysisFinished(at, verdict, ",".join(causes)))
        case msg.ChannelDestroyed():
            return CallHeard(attempt_id, ev.AnalysisFinished(at, Verdict.FAILED))
        case _:
            return None


def _customer(
    attempt_id: UUID, channel: msg.Channel, event: msg.AriEvent, at: datetime
) -> CallHeard | None:
    match event:
        case msg.ChannelStateChange():
            return _customer_state(attempt_id, channel.state, at)
        case msg.ChannelDtmfReceived(digit=digit):
            return CallHeard(attempt_id, ev.KeyPressed(at, digit))
        case msg.StasisStart(args=["recording", *_]):
            return CallHeard(attempt_id, ev.RecordingStarted(at))
        case msg.StasisStart(args=["unrecorded", *_]):
            return CallHeard(attempt_id, te.RecordingPaused(at))
        case msg.StasisStart(args=["greeting", status, *_]):
            return CallHeard(attempt_id, ev.GreetingOver(at, silent=status == "SILENCE"))
        case _:
            return None


def _party(
    attempt_id: UUID, channel: msg.Channel, event: msg.AriEvent, at: datetime
) -> CallHeard | None:
    """Return what a third party's leg tells: that it was picked up."""
    if isinstance(event, msg.ChannelStateChange) and channel.state == "Up":
        return CallHeard(attempt_id, te.PartyAnswered(at, names.party_of(channel.id)))
    return None


def _customer_state(attempt_id: UUID, state: str, at: datetime) -> CallHeard | None:
    if state == "Up":
        return CallHeard(attempt_id, ev.Answered(at))
    return CallHeard(attempt_id, ev.Rang(at)) if state == "Ringing" else None
