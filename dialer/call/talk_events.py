"""What can happen to a talk: wishes of its agent, the third party, and what Asterisk made of it.

In the past tense; each event says when it happened (aware, UTC).
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from dialer.call.talks import Layout


@dataclass(frozen=True, slots=True)
class HoldRequested:
    """The agent wants the customer to hear music."""

    at: datetime


@dataclass(frozen=True, slots=True)
class UnholdRequested:
    """The agent wants to go on with the customer."""

    at: datetime


@dataclass(frozen=True, slots=True)
class KeysRequested:
    """The agent wants keys to be sent to the customer. They may be secret: never shown, never logged."""

    at: datetime
    digits: str = field(repr=False)  #: 0-9, *, #, A-D


@dataclass(frozen=True, slots=True)
class PauseRecordingRequested:
    """The agent wants a gap in the recording."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ResumeRecordingRequested:
    """The agent wants the recording to go on."""

    at: datetime


@dataclass(frozen=True, slots=True)
class TransferRequested:
    """The agent wants a third party to be called, to hand the customer over or to ask it first."""

    at: datetime
    target: str  #: code of one of the campaign's transfer targets
    party_id: UUID  #: new with each wish
    consult: bool  #: False: the third party takes the customer as soon as it answers


@dataclass(frozen=True, slots=True)
class JoinRequested:
    """The agent wants the customer to join the talk with the third party."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CompleteRequested:
    """The agent wants to leave customer and third party to each other."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """The agent wants the third party out, and to go on with the customer."""

    at: datetime


@dataclass(frozen=True, slots=True)
class TakeOverRequested:
    """A supervisor, whose leg is up, wants the customer; the agent is to be free."""

    at: datetime
    party_id: UUID  #: the supervisor's leg


@dataclass(frozen=True, slots=True)
class PartyAnswered:
    """The third party picked up."""

    at: datetime
    party_id: UUID | None


@dataclass(frozen=True, slots=True)
class PartyEnded:
    """The third party's leg is gone, or could not be dialled."""

    at: datetime
    party_id: UUID | None


@dataclass(frozen=True, slots=True)
class PartyRefused:
    """The trunk has no line for the third party."""

    at: datetime
    party_id: UUID


@dataclass(frozen=True, slots=True)
class Arranged:
    """Asterisk has the legs together as asked."""

    at: datetime
    layout: Layout


@dataclass(frozen=True, slots=True)
class NotArranged:
    """Asterisk could not put the legs together as asked."""

    at: datetime
    layout: Layout


@dataclass(frozen=True, slots=True)
class RecordingPaused:
    """Asterisk has stopped recording; the customer is in no bridge."""

    at: datetime


@dataclass(frozen=True, slots=True)
class AnnouncementFinished:
    """What both sides were to be told about the recording is over."""

    at: datetime
    heard: bool  #: it was played to its end


TalkEvent = (
    HoldRequested
    | UnholdRequested
    | KeysRequested
    | PauseRecordingRequested
    | ResumeRecordingRequested
    | TransferRequested
    | JoinRequested
    | CompleteRequested
    | CancelRequested
    | TakeOverRequested
    | PartyAnswered
    | PartyEnded
    | PartyRefused
    | Arranged
    | NotArranged
    | RecordingPaused
    | AnnouncementFinished
)
