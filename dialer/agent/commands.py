"""What the agent machine asks for, in the imperative."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DialLeg:
    """Bring the agent's leg up and into its bridge."""


@dataclass(frozen=True, slots=True)
class RedialLeg:
    """End what is left of the agent's leg and dial another one at once, into the same bridge."""


@dataclass(frozen=True, slots=True)
class HangUpLeg:
    """End the agent's leg."""


@dataclass(frozen=True, slots=True)
class RetryLegAfter:
    """Send ``LegRetryDue`` after ``after_s`` seconds."""

    after_s: float


@dataclass(frozen=True, slots=True)
class GiveUpLegAfter:
    """Send ``LegGivenUp`` after ``after_s`` seconds, unless the agent is heard again by then."""

    after_s: float


@dataclass(frozen=True, slots=True)
class ComfortCustomer:
    """Let the customer hear a short tone now and then, and music after ``music_after_s`` seconds."""

    music_after_s: float


@dataclass(frozen=True, slots=True)
class EndComfort:
    """Let the customer hear nothing more of that."""


@dataclass(frozen=True, slots=True)
class StoreAlone:
    """Store since when the customer hears no agent, for a next owner; None: not any more."""

    since: datetime | None


@dataclass(frozen=True, slots=True)
class StopLegTimers:
    """Forget the timers of a lost leg."""


@dataclass(frozen=True, slots=True)
class StartWrapUpTimer:
    """Send ``WrapUpExpired`` after ``after_s`` seconds."""

    call_id: UUID
    after_s: float


@dataclass(frozen=True, slots=True)
class StopWrapUpTimer:
    """Forget the wrap-up timer."""


@dataclass(frozen=True, slots=True)
class WithdrawPreview:
    """The agent went away from a contact that was shown: let it go."""

    preview_id: UUID


@dataclass(frozen=True, slots=True)
class EndCall:
    """Ask the call to end: its agent is not coming back."""

    call_id: UUID
    by: str


@dataclass(frozen=True, slots=True)
class CloseUndisposed:
    """The wrap-up ran out and nobody saved a disposition: close the lead without one."""

    call_id: UUID


@dataclass(frozen=True, slots=True)
class StorePause:
    """The agent is paused without having wished it: store it as the wish, and why."""

    code: str


@dataclass(frozen=True, slots=True)
class StoreState:
    """Log the new state; sent with every change of state."""


AgentCommand = (
    DialLeg
    | RedialLeg
    | HangUpLeg
    | RetryLegAfter
    | GiveUpLegAfter
    | ComfortCustomer
    | EndComfort
    | StoreAlone
    | StopLegTimers
    | StartWrapUpTimer
    | StopWrapUpTimer
    | WithdrawPreview
    | EndCall
    | CloseUndisposed
    | StorePause
    | StoreState
)
