"""What listening to an agent asks for, in the imperative."""

from dataclasses import dataclass
from uuid import UUID

from dialer.call.monitor_events import Mode


@dataclass(frozen=True, slots=True)
class DialLeg:
    """Call the supervisor's telephone; then ``LegUp`` or ``LegLost``."""


@dataclass(frozen=True, slots=True)
class RetryLegAfter:
    """Send ``LegRetryDue`` after ``after_s`` seconds."""

    after_s: float


@dataclass(frozen=True, slots=True)
class GiveUpLegAfter:
    """Send ``LegGivenUp`` after ``after_s`` seconds, unless the telephone is there by then."""

    after_s: float


@dataclass(frozen=True, slots=True)
class StopLegTimers:
    """Forget the timers of a lost telephone."""


@dataclass(frozen=True, slots=True)
class Attach:
    """Let the supervisor hear the agent, and be heard as the mode says, whatever is at now."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class Detach:
    """Let the supervisor hear nothing."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Ask the call to bring the customer to the supervisor; then ``Taken``."""

    call_id: UUID


@dataclass(frozen=True, slots=True)
class DropLeg:
    """End the supervisor's leg and all that belongs to it."""


@dataclass(frozen=True, slots=True)
class StoreState:
    """Store where the monitoring is."""


@dataclass(frozen=True, slots=True)
class Note:
    """Write into the audit log what becomes of a talk."""

    action: str  #: ``call_began``, ``call_ended``, ``taken_over``, ``not_taken_over``
    call_id: UUID


@dataclass(frozen=True, slots=True)
class StoreEnd:
    """Store why the monitoring ended."""

    reason: str


MonitorCommand = (
    DialLeg
    | RetryLegAfter
    | GiveUpLegAfter
    | StopLegTimers
    | Attach
    | Detach
    | TakeOver
    | DropLeg
    | StoreState
    | Note
    | StoreEnd
)
