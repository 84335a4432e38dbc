"""What a pacing controller is told and what it answers. Types only.

Instants are seconds on one scale of any origin (``_s`` and ``_at_s``); the controller reads no clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class CallEnd(StrEnum):
    """How a call ended that no person answered."""

    NO_ANSWER = "no_answer"  #: it rang to its limit
    REFUSED = "refused"  #: busy, rejected: the person's telephone said no
    FAILED = "failed"  #: invalid number, congestion: it never rang
    MACHINE = "machine"  #: a machine answered, and was recognised
    CANCELLED = "cancelled"  #: by us, while it rang


@dataclass(frozen=True, slots=True)
class RingingCall:
    """A call that is on its way to a person; nobody has answered yet."""

    id: int | str
    placed_at_s: float
    segment: int = 0  #: of the list: calls of one segment share an answer rate


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """A person who answered and has no agent yet."""

    id: int | str
    answered_at_s: float


@dataclass(frozen=True, slots=True)
class PacingFacts:
    """The world at an instant, as the controller sees it. All counts are 0 or more."""

    at_s: float
    ready: int  #: agents who are free now
    talking_since_s: Sequence[
        float
    ]  #: one instant for each agent in a talk who will take more calls
    wrapping_since_s: Sequence[float]  #: the same for agents in wrap-up
    ringing: Sequence[RingingCall]  #: in the order in which they were placed
    waiting: Sequence[WaitingPerson]
    free_channels: int  #: lines, over all trunks that may be used
    calls_allowed: int  #: left of the calls per second, now
    leads_due: int  #: leads that may be dialled now; the list's end is near when they are few
    next_segments: Sequence[int] = ()  #: of the leads that come next; what is not told is segment 0
    reserved: int = 0  #: of the ready agents: kept for a callback, not for these calls
    leaving: int = 0  #: agents who talk or wrap up now and will not take another call

    @property
    def agents(self) -> int:
        """Return the agents who take calls: ready, talking or wrapping up."""
        return self.ready + len(self.talking_since_s) + len(self.wrapping_since_s)


@dataclass(frozen=True, slots=True)
class Answered:
    """A person answered (or a machine that nobody recognised)."""

    call_id: int | str
    at_s: float
    ring_s: float
    segment: int = 0


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A call ended without a person."""

    call_id: int | str
    at_s: float
    ring_s: float
    end: CallEnd
    segment: int = 0


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A person who answered got no agent in time, or hung up before one came."""

    call_id: int | str
    at_s: float
    false_positive: bool = False  #: taken for a machine, as an audit or a sure sign showed


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """A talk ended; the agent goes into wrap-up."""

    at_s: float
    talk_s: float


@dataclass(frozen=True, slots=True)
class WrapEnded:
    """A wrap-up ended: the agent is free again, or takes a pause."""

    at_s: float
    wrap_s: float
    paused: bool


@dataclass(frozen=True, slots=True)
class FoundMachine:
    """An agent found that an answered call was no person: the law does not count it."""

    call_id: int | str
    at_s: float


@dataclass(frozen=True, slots=True)
class TakenForMachine:
    """Analysis took a call that was answered for a machine's: it is freed of it, and no answer counts."""

    call_id: int | str
    at_s: float


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """An audit found a person behind a verdict "machine" who had an agent: others had none."""

    call_id: int | str
    at_s: float


PacingEvent = (
    Answered
    | Unanswered
    | Abandoned
    | TalkEnded
    | WrapEnded
    | FoundMachine
    | TakenForMachine
    | FoundPerson
)


class Limit(StrEnum):
    """What bounded a decision."""

    RISK = "risk"  #: the next call's own risk would be too high
    AGENTS = "agents"  #: one call for each free agent: progressive, by mode
    LEARNING = "learning"  #: one call for each free agent: too little is known
    BUDGET = "budget"  #: one call for each free agent: the abandonment budget is spent
    RATIO = "ratio"  #: the campaign's highest ratio of calls to agents
    CHANNELS = "channels"  #: no free line
    RATE = "rate"  #: calls per second
    LEADS = "leads"  #: nobody is due
    NO_AGENTS = "no_agents"  #: nobody takes calls
    PREVIEW = "preview"  #: agents choose whom to dial, by mode


@dataclass(frozen=True, slots=True)
class Why:
    """Why a decision came out as it did: for people, for receipts and for a replay."""

    limit: Limit
    risk: (
        float | None
    )  #: 0..1: of the last call placed, else of the one that was not; None: not computed
    threshold: float  #: 0..1: the highest own risk a call may have now
    expected_free: float  #: agents free within a ring's time, on average
    answer_rate: float  #: 0..1, as believed now
    doubt: float  #: coefficient of variation of that belief
    budget_left: float  #: people who may still be abandoned now; below 1 it is spent
    note: str = ""  #: what the controller finds odd, as a code; empty: nothing


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now."""

    place: int
    cancel: tuple[int | str, ...]  #: ringing calls past the legal minimum, riskiest first
    why: Why

    def by_agents(self) -> "Decision":
        """Return the same where agents read, choose and dial: nothing is placed for them."""
        return replace(self, place=0, why=replace(self.why, limit=Limit.PREVIEW, risk=None))
