"""Pacing in figures: the kept seconds thinned out, the abandonment budget, and where it leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from pydantic import BaseModel, ConfigDict

from campaigns.pacing.memory import AnsweredMinute

#: The pace of spending is that of so many minutes.
PACE_MINUTES = 30
#: A pace is not believed of less: two answers in half a minute are not four an hour.
_LEAST_PACE_MINUTES = 5.0
#: A decision this old is no present one: seconds are stored every ten, and then some are late.
FRESH_S = 30.0


class Second(BaseModel):
    """A kept second; whoever wrote it may be older or newer than we, so only the instant is sure."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at_s: float
    placed: int = 0
    cancelled: int = 0
    ready: int = 0
    talking: int = 0
    wrapping: int = 0
    ringing: int = 0
    waiting: int = 0
    answered: float = 0.0  #: in the budget's window, by this campaign
    abandoned: float = 0.0
    others_answered: float = 0.0  #: by campaigns that share the budget
    others_abandoned: float = 0.0
    ceiling: float | None = None
    target: float | None = None
    limit: str = ""
    risk: float | None = None
    threshold: float | None = None
    expected_free: float | None = None
    answer_rate: float | None = None
    doubt: float | None = None
    budget_left: float | None = None
    note: str = ""

    @property
    def share(self) -> float | None:
        """Return the abandoned share that the budget looks at; None: nobody answered."""
        answered = self.answered + self.others_answered
        return (self.abandoned + self.others_abandoned) / answered if answered > 0 else None


@dataclass(frozen=True, slots=True)
class Point:
    """Some seconds put together: sums of what was done, means of what there was."""

    at_s: float  #: the first instant that belongs to it
    placed: int
    cancelled: int
    ready: float
    talking: float
    wrapping: float
    ringing: float
    waiting: int  #: the most: people wait for less than a point lasts
    share: float | None
    ceiling: float | None


@dataclass(frozen=True, slots=True)
class Pace:
    """What the last minutes came to, and what an hour like them would."""

    minutes: float  #: over which it was counted
    answered: int
    abandoned: int

    @property
    def share(self) -> float | None:
        """Return the abandoned share; None: nobody answered."""
        return self.abandoned / self.answered if self.answered else None

    def in_an_hour(self, answered: float, abandoned: float) -> float | None:
        """Return the share that an hour at this pace makes of these counts; None: no answers.

        What leaves the budget's window in that hour is not taken off.
        """
        hours = 60 / self.minutes
        total = answered + self.answered * hours
        return (abandoned + self.abandoned * hours) / total if total > 0 else None


@dataclass(frozen=True, slots=True)
class Spending:
    """The abandonment budget: spent, left, and at what pace."""

    answered: float  #: in the window, with campaigns that share the budget
    abandoned: float
    ceiling: float  #: 0..1, in force
    target: float  #: 0..1, in force
    left: float  #: people who may still be abandoned; below 1 the budget is spent
    pace: Pace

    @property
    def share(self) -> float | None:
        """Return the abandoned share; None: nobody answered."""
        return self.abandoned / self.answered if self.answered > 0 else None

    @property
    def share_in_an_hour(self) -> float | None:
        """Return the share in an hour, if that is like the last minutes; None: no answers."""
        return self.pace.in_an_hour(self.answered, self.abandoned)


def thinned(seconds: Sequence[Second], step_s: float) -> list[Point]:
    """Put seconds together, so that a point lasts ``step_s`` seconds; gaps stay gaps."""
    groups = groupby(seconds, key=lambda one: one.at_s // step_s)
    return [_point(slot * step_s, list(group)) for slot, group in groups]


def step_of(minutes: float, most_points: int) -> float:
    """Return the length of a point in whole seconds, so that there are at most so many."""
    return float(max(1, ceil(minutes * 60 / most_points)))


def _point(at_s: float, seconds: Sequence[Second]) -> Point:
    last, count = seconds[-1], len(seconds)
    return Point(
        at_s=at_s,
        placed=sum(one.placed for one in seconds),
        cancelled=sum(one.cancelled for one in seconds),
        ready=sum(one.ready for one in seconds) / count,
        talking=sum(one.talking for one in seconds) / count,
        wrapping=sum(one.wrapping for one in seconds) / count,
        ringing=sum(one.ringing for one in seconds) / count,
        waiting=max(one.waiting for one in seconds),
        share=last.share,
        ceiling=last.ceiling,
    )


def pace_of(minutes: Sequence[AnsweredMinute], now_s: float) -> Pace:
    """Return the pace of the last half hour, or of as much of it as there were calls in."""
    recent = [one for one in minutes if one.at.timestamp() >= now_s - (PACE_MINUTES + 1) * 60]
    began_s = recent[0].at.timestamp() if recent else now_s - PACE_MINUTES * 60
    lasted = min(float(PACE_MINUTES), max(_LEAST_PACE_MINUTES, (now_s - began_s) / 60))
    return Pace(lasted, sum(one.answered for one in recent), sum(one.abandoned for one in recent))


def spending_of(
    last: Second | None, minutes: Sequence[AnsweredMinute], now_s: float, usual: tuple[float, float]
) -> Spending:
    """Return the budget: the controller's own if it spoke, else as the attempts say.

    Args:
        last: the last kept second, if there is a recent one.
        minutes: the answers of the window, or of the last half hour if ``last`` is there.
        now_s: epoch seconds.
        usual: ceiling and target of the settings, for want of those in force.
    """
    ceiling, target = usual
    pace = pace_of(minutes, now_s)
    if last is None:
        answered = sum(one.answered for one in minutes)
        abandoned = sum(one.abandoned for one in minutes)
        left = max(0.0, ceiling * answered - abandoned)
        return Spending(answered, abandoned, ceiling, target, left, pace)
    return Spending(
        answered=last.answered + last.others_answered,
        abandoned=last.abandoned + last.others_abandoned,
        ceiling=ceiling if last.ceiling is None else last.ceiling,
        target=target if last.target is None else last.target,
        left=max(0.0, last.budget_left or 0.0),
        pace=pace,
    )
