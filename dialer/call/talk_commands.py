"""What the call machine asks for while a talk is on, in the imperative."""

from dataclasses import dataclass, field
from uuid import UUID

from dialer.call.talks import Layout, Part


@dataclass(frozen=True, slots=True)
class Arrange:
    """Put the legs together so, whatever they are at; then ``Arranged`` or ``NotArranged``."""

    layout: Layout
    agent_id: UUID | None  #: None: the customer was handed over, no agent's bridge is concerned
    party_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DialParty:
    """Call the third party; then ``PartyAnswered`` or ``PartyEnded``."""

    target: str
    party_id: UUID


@dataclass(frozen=True, slots=True)
class EndParty:
    """Take the third party out of any bridge and end its leg, before anything else of that agent's."""

    party_id: UUID
    agent_id: UUID | None


@dataclass(frozen=True, slots=True)
class SendKeys:
    """Send keys to the customer."""

    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PauseRecording:
    """Stop recording; then ``RecordingPaused`` or ``RecordingFailed``."""


@dataclass(frozen=True, slots=True)
class ResumeRecording:
    """Record on, in another file; then ``RecordingStarted`` or ``RecordingFailed``."""


@dataclass(frozen=True, slots=True)
class PlayAnnouncement:
    """Tell agent and customer that they are recorded; then ``AnnouncementFinished``."""

    agent_id: UUID


@dataclass(frozen=True, slots=True)
class StopAnnouncement:
    """Nobody is there to be told any more: the next customer shall not hear the rest."""


@dataclass(frozen=True, slots=True)
class StorePart:
    """A part of the talk began or ended: store it, and tell who listens."""

    part: Part


@dataclass(frozen=True, slots=True)
class TellTaking:
    """Tell the supervisor who wished to take the call over whether it was done."""

    party_id: UUID  #: the supervisor's leg
    done: bool


TalkCommand = (
    Arrange
    | DialParty
    | EndParty
    | SendKeys
    | PauseRecording
    | ResumeRecording
    | PlayAnnouncement
    | StopAnnouncement
    | StorePart
    | TellTaking
)
