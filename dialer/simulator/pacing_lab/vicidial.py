"""A rival: the adaptive dial level of VICIdial, as its documentation describes it.

Our own code for the described behaviour. The level is calls for each agent who is ready or talks; it
follows the balance of ready agents and waiting people, and a drop limit over the whole day.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from dialer.pacing.facts import (
    Abandoned,
    Answered,
    CallEnd,
    Decision,
    Limit,
    PacingEvent,
    PacingFacts,
    Unanswered,
)
from dialer.simulator.pacing_lab.rules import Beat, free_agents, plain_decision

_SAMPLE_S = 1.0
_SAMPLES = 15
_LEVEL_S = 15.0
_COUNT_S = 60.0
_DIAL_S = 2.5
#: calls in a day before the drop limit counts
_LEAST_CALLS = 50
#: a minute with more calls than this, and more than this share of them dropped, halves the level
_BAD_MINUTE_CALLS = 20
_BAD_MINUTE_SHARE = 0.5
#: hours that are left of the day at which TAPERED stops to be lenient
_TAPER_H = 10.0


class AdaptiveMode(StrEnum):
    """What happens while the day's drops are over the limit."""

    HARD_LIMIT = "hard_limit"  #: the level is 1
    AVERAGE = "average"  #: the level is halved, each time
    TAPERED = "tapered"  #: the level is cut by more as the day goes on


@dataclass(frozen=True, slots=True)
class VicidialPolicy:
    """Settings of the adaptive dial level, with the defaults of its documentation.

    Raises:
        ValueError: a level below 1, a limit outside 0..1, or a day without length.
    """

    mode: AdaptiveMode = AdaptiveMode.TAPERED
    max_level: float = 3.0
    drop_limit: float = 0.03  #: 0..1, of the day's answered calls
    intensity: float = 0.0  #: -1..1: steps up are stronger and steps down weaker by this share
    target_difference: float = 0.0  #: ready agents wanted (below 0) or waiting people (above)
    available_only: bool = False  #: the level applies to ready agents, not to those who talk
    day_s: float = 8 * 3600.0

    def __post_init__(self) -> None:
        if not self.max_level >= 1.0 or not 0.0 <= self.drop_limit <= 1.0 or not self.day_s > 0.0:
            raise ValueError("an adaptive level needs a level of 1 or more, a share and a day")


@dataclass(slots=True)
class _Counts:
    """Calls with a result, answers and drops since the day began."""

    calls: int = 0
    answers: int = 0
    drops: int = 0


class VicidialAdaptive:
    """Keeps ``level`` calls for each agent; the day begins with the first decision.

    Args:
        policy: the settings.
    """

    def __init__(self, policy: VicidialPolicy | None = None) -> None:
        self.policy = policy or VicidialPolicy()
        self.level = 1.0  #: calls for each agent, 1..max_level
        self._now, self._at_minute = _Counts(), _Counts()
        self._drop_share = 0.0
        self._minute_is_bad = False
        self._samples: deque[int] = deque(maxlen=_SAMPLES)
        self._ends_at_s: float | None = None
        self._sample, self._dial = Beat(_SAMPLE_S), Beat(_DIAL_S)
        self._adapt = Beat(_LEVEL_S, delay_s=_LEVEL_S)
        self._count = Beat(_COUNT_S, delay_s=_COUNT_S)

    def observe(self, event: PacingEvent) -> None:
        """Count calls, answers and drops."""
        match event:
            case Answered():
                self._now.calls += 1
                self._now.answers += 1
            case Unanswered(end=end) if end is not CallEnd.CANCELLED:
                self._now.calls += 1
            case Abandoned(false_positive=False):  # the others are taken for machines
                self._now.drops += 1
            case _:
                pass

    def decide(self, facts: PacingFacts) -> Decision:
        """Return the calls that are missing from the level; every two and a half seconds."""
        at_s = facts.at_s
        if self._ends_at_s is None:
            self._ends_at_s = at_s + self.policy.day_s
        if self._sample.due(at_s):
            self._samples.append(free_agents(facts) - len(facts.waiting))
        if self._count.due(at_s):
            self._refresh()
        if self._adapt.due(at_s):
            self.level = self._adapted(facts.agents, (self._ends_at_s - at_s) / 3600.0)
        wanted = self._missing(facts) if self._dial.due(at_s) else 0
        rate = self._now.answers / self._now.calls if self._now.calls else 0.0
        note = "over_drop_limit" if self._over_limit() else ""
        return plain_decision(wanted, Limit.RATIO, facts, answer_rate=rate, note=note)

    def _refresh(self) -> None:
        """Bring the drop counters up to date: the rest of the minute they stand still."""
        now, before = self._now, self._at_minute
        calls, drops = now.calls - before.calls, now.drops - before.drops
        self._drop_share = now.drops / now.answers if now.answers else 0.0
        self._minute_is_bad = calls > _BAD_MINUTE_CALLS and drops > _BAD_MINUTE_SHARE * calls
        self._at_minute = _Counts(now.calls, now.answers, now.drops)

    def _over_limit(self) -> bool:
        """Return whether the day's drops were over the limit at the last refresh."""
        return self._at_minute.calls > _LEAST_CALLS and self._drop_share > self.policy.drop_limit

    def _adapted(self, agents: int, left_h: float) -> float:
        """Return the next level."""
        mean = sum(self._samples) / len(self._samples) if self._samples else 0.0
        step = (mean + self.policy.target_difference) / max(1, agents)
        step *= 1.0 + self.policy.intensity if step > 0.0 else 1.0 - self.policy.intensity
        level = max(1.0, min(self.policy.max_level, self.level * (1.0 + step)))
        if self._minute_is_bad:
            level /= 2.0
        if self._over_limit():
            level = self._cut(level, left_h)
        return max(1.0, round(level, 3))

    def _cut(self, level: float, left_h: float) -> float:
        """Return a level that is cut because too many were dropped."""
        match self.policy.mode:
            case AdaptiveMode.HARD_LIMIT:
                return 1.0
            case AdaptiveMode.AVERAGE:
                return level / 2.0
            case AdaptiveMode.TAPERED:
                return level * max(0.0, min(1.0, left_h / _TAPER_H))

    def _missing(self, facts: PacingFacts) -> int:
        """Return the lines that the level asks for, less those that exist."""
        talking = len(facts.talking_since_s)
        ready = free_agents(facts)
        levelled = ready if self.policy.available_only else ready + talking
        goal = round(self.level * levelled + (ready + talking - levelled))
        return goal - len(facts.ringing) - len(facts.waiting) - talking
