"""What can happen to a call, in the past tense. Each event says when it happened (aware, UTC)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dialer.call.talk_events import TalkEvent
from dialer.call.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Rang:
    """The far end is ringing."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Progressed:
    """The far end sends sound before any answer (183): tones, announcements. Never an answer."""

    at: datetime


@dataclass(frozen=True, slots=True)
class RingExpired:
    """The call has rung as long as it may."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """The far end picked up (200 OK)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class AgentReserved:
    """A ready agent was reserved for this call."""

    at: datetime
    agent_id: UUID


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """Asterisk records the customer's leg."""

    at: datetime


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """Recording could not be started; a conversation is worth more than its recording."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Bridged:
    """The customer's leg entered the agent's bridge."""

    at: datetime


@dataclass(frozen=True, slots=True)
class BridgeFailed:
    """The customer's leg could not be put into the agent's bridge."""

    at: datetime
    missed: bool = False  #: because the agent's own leg is not there


@dataclass(frozen=True, slots=True)
class WaitExpired:
    """The longest lawful wait for an agent is over; after the message: that for a key."""

    at: datetime


@dataclass(frozen=True, slots=True)
class MessageFinished:
    """The abandon message is over."""

    at: datetime
    heard: bool = True  #: False: it could not be played


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The person pressed a key of the telephone."""

    at: datetime
    digit: str  #: 0-9, *, #, A-D


@dataclass(frozen=True, slots=True)
class ConfirmationFinished:
    """The confirmation of an opt-out was played to its end, or could not be played."""

    at: datetime


@dataclass(frozen=True, slots=True)
class AnalysisFinished:
    """The analysis of the greeting has come to a verdict, or to nothing."""

    at: datetime
    verdict: Verdict
    cause: str = ""  #: as Asterisk's AMD() tells it


@dataclass(frozen=True, slots=True)
class LeftBridge:
    """The customer's leg left a bridge."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GreetingOver:
    """The machine's greeting is over, or was waited for long enough."""

    at: datetime
    silent: bool  #: False: it still talks, or nobody could listen


@dataclass(frozen=True, slots=True)
class HangUpRequested:
    """Somebody on our side wants the call to end."""

    at: datetime
    by: str  #: agent, supervisor, opt_out, agent_lost, campaign_stopped


@dataclass(frozen=True, slots=True)
class HungUp:
    """The customer's leg is gone."""

    at: datetime
    cause: int = 0  #: Q.850
    sip_code: int | None = None
    remote: bool = False  #: the far end said so, as against our own ring time-out


@dataclass(frozen=True, slots=True)
class DialRefused:
    """Asterisk did not take the dial request: nothing was sent."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Vanished:
    """The leg is not in Asterisk any more and nobody saw it end."""

    at: datetime


CallEvent = (
    Rang
    | Progressed
    | RingExpired
    | Answered
    | AgentReserved
    | RecordingStarted
    | RecordingFailed
    | Bridged
    | BridgeFailed
    | WaitExpired
    | MessageFinished
    | KeyPressed
    | ConfirmationFinished
    | AnalysisFinished
    | LeftBridge
    | GreetingOver
    | HangUpRequested
    | HungUp
    | DialRefused
    | Vanished
    | TalkEvent
)
