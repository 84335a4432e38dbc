"""A talk as its agent steers it: where the customer is, who else is there, whether it is recorded.

Values only. A state says who shall hear whom; Asterisk is then brought to its layout, from whatever it
is at, so that orders can be repeated and a new owner can give them again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class TalkState(StrEnum):
    """Who hears whom in a call that is connected."""

    TALKING = "talking"  #: customer and agent
    HELD = "held"  #: the customer hears music
    CALLING = "calling"  #: held, while a third party is called that the agent asks first
    TRANSFERRING = "transferring"  #: held, while a third party is called that takes the customer
    CONSULTING = "consulting"  #: held, while agent and third party talk
    THREE_WAY = "three_way"  #: customer, agent and third party
    LEAVING = "leaving"  #: customer and third party are being put together without the agent
    AWAY = "away"  #: customer and third party; the agent is free
    TAKING = "taking"  #: customer and supervisor are being put together without the agent
    TAKEN_OVER = "taken_over"  #: customer and supervisor; the agent is free


class Layout(StrEnum):
    """Which legs Asterisk is to have together."""

    WITH_AGENT = "with_agent"
    ON_HOLD = "on_hold"  #: the customer alone, with music
    PARTY_WITH_AGENT = "party_with_agent"  #: and the customer with music
    ALL = "all"
    AWAY = "away"  #: customer and third party, in a bridge of their own


class Recorder(StrEnum):
    """Whether a recorded call is recorded at this moment."""

    RUNNING = "running"
    PAUSING = "pausing"  #: Asterisk has been asked to stop
    PAUSED = "paused"
    RESUMING = "resuming"


class PartKind(StrEnum):
    """What was special in a part of a talk."""

    HELD = "held"
    CALLING = "calling"
    TRANSFERRING = "transferring"
    CONSULTING = "consulting"
    THREE_WAY = "three_way"
    AWAY = "away"
    TAKEN_OVER = "taken_over"  #: with a supervisor, who took the customer from the agent
    UNRECORDED = "unrecorded"  #: a gap in the recording
    ANNOUNCED = "announced"  #: both sides are told that they are recorded


#: Parts that lie beside the talk's own: of the recording, whoever is in the talk.
OF_THE_RECORDING = (PartKind.UNRECORDED, PartKind.ANNOUNCED)


class PartEnd(StrEnum):
    """How a part of a talk ended."""

    RESUMED = "resumed"  #: the agent went on with the customer, or with the recording
    CANCELLED = "cancelled"  #: the agent took the third party out
    WENT_ON = "went_on"  #: the next part began
    NO_LINE = "no_line"  #: the trunk had no line free for the third party
    NOT_REACHED = "not_reached"  #: the third party did not answer
    PARTY_LEFT = "party_left"  #: the third party hung up
    FAILED = "failed"  #: Asterisk could not do it
    HEARD = "heard"  #: what was played was played to its end
    CALL_ENDED = "call_ended"


LAYOUTS: Mapping[TalkState, Layout] = {
    TalkState.TALKING: Layout.WITH_AGENT,
    TalkState.HELD: Layout.ON_HOLD,
    TalkState.CALLING: Layout.ON_HOLD,
    TalkState.TRANSFERRING: Layout.ON_HOLD,
    TalkState.CONSULTING: Layout.PARTY_WITH_AGENT,
    TalkState.THREE_WAY: Layout.ALL,
    TalkState.LEAVING: Layout.AWAY,
    TalkState.AWAY: Layout.AWAY,
    TalkState.TAKING: Layout.AWAY,
    TalkState.TAKEN_OVER: Layout.AWAY,
}

#: The customer is in the agent's bridge.
TOGETHER = (TalkState.TALKING, TalkState.THREE_WAY)
#: A third party is being called.
RINGING_OUT = (TalkState.CALLING, TalkState.TRANSFERRING)
#: A third party is there, or on its way.
WITH_PARTY = (
    *RINGING_OUT,
    TalkState.CONSULTING,
    TalkState.THREE_WAY,
    TalkState.LEAVING,
    TalkState.TAKING,
)
#: Customer and another party are being put together: what the agent wishes comes too late.
PARTING = (TalkState.LEAVING, TalkState.TAKING)
#: The agent is free, and the customer talks on.
WITHOUT_AGENT = (TalkState.AWAY, TalkState.TAKEN_OVER)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a talk; one call has at most one of a kind open."""

    kind: PartKind
    began_at: datetime
    target: str = ""  #: code of the third party among the campaign's transfer targets
    ended_at: datetime | None = None
    ending: PartEnd | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk as the call's machine knows it."""

    state: TalkState = TalkState.TALKING
    part: Part | None = None  #: the open one; None while customer and agent just talk
    gap: Part | None = None  #: the open gap in the recording
    party_id: UUID | None = None  #: names the third party's leg
    announcing: Part | None = None  #: both sides are being told that they are recorded
    unannounced: bool = False  #: they were not told: the recording has ended for good
    recorder: Recorder = Recorder.RUNNING
    settling: bool = False  #: Asterisk is being brought to the layout

    @property
    def layout(self) -> Layout:
        """Return what Asterisk is to be brought to."""
        return LAYOUTS[self.state]

    @property
    def is_apart(self) -> bool:
        """Tell whether the customer may be in no bridge of an agent, as it should be."""
        return self.settling or self.state not in TOGETHER


#: Nothing special: customer and agent talk, or the talk has not begun.
PLAIN = Talk()
