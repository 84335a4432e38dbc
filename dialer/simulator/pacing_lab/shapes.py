"""The small parts of a scenario: distributions, answer rates, shifts, troubles. Values only."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Rate = Annotated[float, Meta(ge=0.0, lt=1.0)]  #: 0: nobody answers, whatever moves the odds
Positive = Annotated[float, Meta(gt=0.0)]
NotNegative = Annotated[float, Meta(ge=0.0)]
Number = Annotated[int, Meta(ge=0)]
Point = tuple[NotNegative, Positive]  #: hour of the scenario, and the value then
RatePoint = tuple[NotNegative, Rate]


class Law(StrEnum):
    """The family of a distribution of times."""

    LOG_NORMAL = "log_normal"
    GAMMA = "gamma"
    EXPONENTIAL = "exponential"
    FIXED = "fixed"


class Silence(StrEnum):
    """What an outage of the trunks does to a call that is placed in it."""

    FAILS = "fails"  #: the call fails within a second
    SILENT = "silent"  #: the call seems to ring, and nobody ever answers


class ListOrder(StrEnum):
    """In which order the segments of a list are dialled."""

    MIXED = "mixed"  #: each lead is of a segment by chance, in proportion to the shares
    SEQUENTIAL = "sequential"  #: the first segment to its end, then the next


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a scenario: unknown keys are refused."""


class Duration(_Part, frozen=True):
    """How long something takes."""

    mean_s: Positive
    law: Law = Law.LOG_NORMAL
    cv: Positive = 1.0  #: standard deviation / mean; an exponential law has 1, a fixed one 0
    factors: tuple[Point, ...] = ()  #: the mean is multiplied by this, linear between the points


class Ring(_Part, frozen=True):
    """How long it rings before an answer; truncated at the ring limit, the mean holds afterwards."""

    mean_s: Positive = 12.0
    least_s: NotNegative = 2.0  #: nobody answers sooner
    law: Law = Law.GAMMA
    cv: Positive = (
        0.58  #: of the time beyond ``least_s``, before the truncation; gamma 0.58: shape 3
    )


class Drift(_Part, frozen=True):
    """A random walk of the logit of the answer rate that is drawn back to 0."""

    sd: Positive  #: of the logit
    minutes: Positive = 30.0  #: correlation time


class Jumps(_Part, frozen=True):
    """At random moments the odds of an answer become another multiple of the usual odds."""

    every_minutes: Positive
    odds: tuple[Positive, ...] = (0.5, 0.75, 1.0, 1.4, 2.0)


class Bursts(_Part, frozen=True):
    """At random moments the odds of an answer are multiplied for a short time."""

    every_minutes: Positive
    minutes: Positive
    odds: Positive


class Wave(_Part, frozen=True):
    """The logit of the answer rate swings as a sine."""

    minutes: Positive  #: of one period
    swing: Positive  #: added to the logit at the top, taken away at the bottom


class Turn(_Part, frozen=True):
    """From an hour on, the usual answer rate is another one."""

    at_h: NotNegative
    rate: Rate
    over_minutes: NotNegative = 0.0  #: how long the change takes; 0: at once


class AnswerRate(_Part, frozen=True):
    """The share of dials that a person answers, in the course of the scenario."""

    rate: Rate | None = None
    shape: tuple[RatePoint, ...] = ()  #: instead of ``rate``: linear between the points
    steps: bool = False  #: the shape keeps each point's value until the next one
    drift: Drift | None = None
    jumps: Jumps | None = None
    bursts: Bursts | None = None
    wave: Wave | None = None
    turns: tuple[Turn, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what says nothing, or two things."""
        if (self.rate is None) == (not self.shape):
            raise ValueError("an answer rate needs either `rate` or `shape`")
        _ascending(self.shape, "shape")


class Segment(_Part, frozen=True):
    """A part of the list whose people answer in their own way."""

    share: Positive  #: in proportion to the other segments'
    odds: Positive = 1.0  #: of an answer, as a multiple of the campaign's odds
    answer_rate: Rate | AnswerRate | None = None  #: instead of the campaign's; ``odds`` apply to it


class Amd(_Part, frozen=True):
    """Machine detection: without it every machine that answers goes to an agent."""

    false_positive: Share = 0.0  #: people taken for a machine: hung up, so abandoned
    false_negative: Share = 0.0  #: machines that go to an agent
    delay_s: NotNegative = 0.0  #: of the analysis; a person's patience is shorter by it
    audited: Share = 1.0  #: of the false positives: those the controller is told of


class Shift(_Part, frozen=True):
    """Agents who come and go together."""

    agents: Number
    from_h: NotNegative = 0.0
    to_h: Positive | None = None  #: None: to the end


class Pauses(_Part, frozen=True):
    """Agents who take a pause after a call."""

    share: Share  #: of the wrap-ups that a pause follows
    mean_s: Positive = 300.0  #: exponential


class Outage(_Part, frozen=True):
    """The trunks lose every call that is placed between two hours."""

    from_h: NotNegative
    to_h: Positive
    kind: Silence = Silence.FAILS


class ClockJump(_Part, frozen=True):
    """The clock that the controller is told jumps; the world goes on."""

    at_h: NotNegative
    by_s: float


class Stuck(_Part, frozen=True):
    """Agents whose next wrap-up after an hour never ends."""

    agents: Annotated[int, Meta(ge=1)]
    from_h: NotNegative = 0.0


class Callbacks(_Part, frozen=True):
    """Promised calls, each of which reserves an agent beforehand and then talks to one."""

    per_hour: Positive
    reserve_s: Positive = 60.0


def _ascending(points: tuple[tuple[float, float], ...], name: str) -> None:
    hours = [hour for hour, _ in points]
    if hours != sorted(set(hours)):
        raise ValueError(f"the hours of `{name}` must ascend")
