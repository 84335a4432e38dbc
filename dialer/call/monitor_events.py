"""What can happen to a supervisor's listening, in the past tense; each event says when (aware, UTC)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Mode(StrEnum):
    """Whom a supervisor speaks to while hearing agent and customer."""

    LISTEN = "listen"  #: nobody
    WHISPER = "whisper"  #: the agent
    BARGE = "barge"  #: both


@dataclass(frozen=True, slots=True)
class Begun:
    """The supervisor wishes to listen."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LegUp:
    """The supervisor's telephone is there."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LegLost:
    """The supervisor's telephone is gone, or could not be reached."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LegRetryDue:
    """It is time to call the telephone again, or its page has said that it is there."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LegGivenUp:
    """The telephone was away for too long."""

    at: datetime


@dataclass(frozen=True, slots=True)
class TalkBegan:
    """Agent and customer have each other."""

    at: datetime
    call_id: UUID


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """The agent has no talk any more."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ModeWished:
    """The supervisor wishes to speak to somebody else, or to nobody."""

    at: datetime
    mode: Mode


@dataclass(frozen=True, slots=True)
class FollowWished:
    """The supervisor wishes to hear this talk only, or the next ones, too."""

    at: datetime
    follow: bool


@dataclass(frozen=True, slots=True)
class TakeOverWished:
    """The supervisor wishes to have the customer of this talk."""

    at: datetime
    call_id: UUID


@dataclass(frozen=True, slots=True)
class Taken:
    """Customer and supervisor are together, or could not be brought together."""

    at: datetime
    done: bool


@dataclass(frozen=True, slots=True)
class CallOver:
    """A call is over; the supervisor may have had its customer."""

    at: datetime
    call_id: UUID


@dataclass(frozen=True, slots=True)
class Left:
    """The supervisor has left, or the agent works elsewhere: that is stored already."""

    at: datetime


MonitorEvent = (
    Begun
    | LegUp
    | LegLost
    | LegRetryDue
    | LegGivenUp
    | TalkBegan
    | TalkEnded
    | ModeWished
    | FollowWished
    | TakeOverWished
    | Taken
    | CallOver
    | Left
)
