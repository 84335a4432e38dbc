"""What the call machine asks for, in the imperative."""

from dataclasses import dataclass
from uuid import UUID

from dialer.call.talk_commands import TalkCommand


@dataclass(frozen=True, slots=True)
class RequestAgent:
    """Find a ready agent for this call; the answer is ``AgentReserved`` or silence."""


@dataclass(frozen=True, slots=True)
class StartRingTimer:
    """Send ``RingExpired`` after ``after_s`` seconds; a former ring timer is forgotten."""

    after_s: float


@dataclass(frozen=True, slots=True)
class StopRingTimer:
    """Forget the ring timer."""


@dataclass(frozen=True, slots=True)
class StartWaitTimer:
    """Send ``WaitExpired`` after ``after_s`` seconds."""

    after_s: float


@dataclass(frozen=True, slots=True)
class StopWaitTimer:
    """Forget the wait timer."""


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Record the customer's leg in stereo."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Put the customer's leg into the agent's bridge."""

    agent_id: UUID


@dataclass(frozen=True, slots=True)
class ReleaseAgent:
    """The agent is no longer needed by this call."""

    agent_id: UUID
    talked: bool  #: False: the agent heard nobody and owes no wrap-up
    missed: bool = False  #: the agent's leg could not be connected: an offer that was missed


@dataclass(frozen=True, slots=True)
class MarkConnected:
    """Tell the agent's side that the conversation has begun."""

    agent_id: UUID


@dataclass(frozen=True, slots=True)
class PlayAbandonMessage:
    """Tell the person that we are sorry and which number called; then ``MessageFinished``."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """The person wants to be called no more: suppress the number, whatever becomes of the call."""


@dataclass(frozen=True, slots=True)
class PlayConfirmation:
    """Stop the message and tell the person that the key was heard; then ``ConfirmationFinished``."""


@dataclass(frozen=True, slots=True)
class StartAnalysis:
    """Have a copy of what the customer says analysed; then ``AnalysisFinished``."""


@dataclass(frozen=True, slots=True)
class EndAnalysis:
    """The analysis has said what it can say: remove its leg."""


@dataclass(frozen=True, slots=True)
class StoreVerdict:
    """The analysis has come to a verdict: store it with what was made of it."""


@dataclass(frozen=True, slots=True)
class AwaitGreetingEnd:
    """Take the leg out of any bridge and wait until the machine is silent; then ``GreetingOver``."""


@dataclass(frozen=True, slots=True)
class LeaveMessage:
    """Play the campaign's message to the machine; then ``MessageFinished``."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the customer's leg."""


@dataclass(frozen=True, slots=True)
class StoreEnd:
    """The call has its outcome: store it."""


CallCommand = (
    RequestAgent
    | StartRingTimer
    | StopRingTimer
    | StartWaitTimer
    | StopWaitTimer
    | StartRecording
    | Connect
    | ReleaseAgent
    | MarkConnected
    | PlayAbandonMessage
    | OptOut
    | PlayConfirmation
    | StartAnalysis
    | EndAnalysis
    | StoreVerdict
    | AwaitGreetingEnd
    | LeaveMessage
    | HangUp
    | StoreEnd
    | TalkCommand
)
