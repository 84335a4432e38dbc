"""What can happen to an agent, in the past tense."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The agent began a shift."""

    at: datetime


@dataclass(frozen=True, slots=True)
class SignOutRequested:
    """The agent wants to leave: at once when free, after the call otherwise."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LegUp:
    """The agent's leg is up and in its bridge."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LegLost:
    """The agent's leg is gone, or could not be brought up."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LegRetryDue:
    """It is time to dial the lost leg again."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PhoneCame:
    """The agent's telephone registered anew and holds no leg: whatever is left of one is deaf."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LegSilent:
    """Nothing arrives from a telephone that always sends: whoever is there is not heard."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LegHeard:
    """The telephone that had fallen silent sends again."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LegGivenUp:
    """The leg did not come back while a customer waited."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ReadyRequested:
    """The agent wants calls."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PauseRequested:
    """The agent wants no calls: at once when free, after the call otherwise."""

    at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class ContactShown:
    """The agent is shown a contact, to dial it or to skip it."""

    at: datetime
    preview_id: UUID


@dataclass(frozen=True, slots=True)
class ContactChosen:
    """The agent chose a contact and wants to dial it: by hand, also in a break."""

    at: datetime
    preview_id: UUID


@dataclass(frozen=True, slots=True)
class PreviewEnded:
    """The contact is not shown any more, and was not dialled."""

    at: datetime
    preview_id: UUID


@dataclass(frozen=True, slots=True)
class ContactDialled:
    """The agent chose to dial what was shown; the call is this agent's alone."""

    at: datetime
    preview_id: UUID
    call_id: UUID


@dataclass(frozen=True, slots=True)
class Reserved:
    """The runner chose this agent for a call."""

    at: datetime
    call_id: UUID


@dataclass(frozen=True, slots=True)
class CallConnected:
    """Customer and agent are in one bridge."""

    at: datetime
    call_id: UUID


@dataclass(frozen=True, slots=True)
class CallReleased:
    """The call no longer needs the agent."""

    at: datetime
    call_id: UUID
    talked: bool
    missed: bool = False  #: the agent's leg could not be connected


@dataclass(frozen=True, slots=True)
class Disposed:
    """The agent saved the call's disposition."""

    at: datetime
    call_id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class WrapUpExtended:
    """The agent needs more time for the wrap-up."""

    at: datetime
    call_id: UUID
    times: int  #: how often in all, so that it can be told again


@dataclass(frozen=True, slots=True)
class WrapUpExpired:
    """The time for wrap-up is over."""

    at: datetime
    call_id: UUID


LegEvent = LegUp | LegLost | LegRetryDue | PhoneCame | LegSilent | LegHeard | LegGivenUp
AgentEvent = (
    SignedIn
    | SignOutRequested
    | LegEvent
    | ReadyRequested
    | PauseRequested
    | ContactShown
    | ContactChosen
    | PreviewEnded
    | ContactDialled
    | Reserved
    | CallConnected
    | CallReleased
    | Disposed
    | WrapUpExtended
    | WrapUpExpired
)
