"""Who is called: each dial's fate depends on the seed and its number alone.

So two controllers with one seed meet the same people in the same order, whenever they call them.
"""

from bisect import bisect
from enum import Enum, auto
from itertools import accumulate

import numpy as np

from dialer.pacing.facts import CallEnd
from dialer.simulator.pacing_lab.chances import durations, ring_quantiles
from dialer.simulator.pacing_lab.rates import path, with_odds
from dialer.simulator.pacing_lab.scenario import Campaign
from dialer.simulator.pacing_lab.shapes import ListOrder

_BLOCK = 4096
#: How long a busy or invalid number takes to say so, seconds.
_FAST_S = (1.0, 4.0)
#: Streams of chance: a new use takes a new number.
_PATHS, _DIALS = 1, 2


class Fate(Enum):
    """What becomes of a dial that is let ring."""

    PERSON = auto()  #: a person answers
    MISTAKEN = auto()  #: a person answers, whom the analysis takes for a machine
    MACHINE = auto()  #: a machine answers and is recognised
    PASSED = auto()  #: a machine answers and is taken for a person
    UNANSWERED = auto()  #: no person


class Dial:
    """One dial and what is to come of it."""

    __slots__ = (
        *("answered_s", "audited", "end", "fate", "number", "placed_s", "ring_s", "segment"),
        *("talk_s", "wrap_s"),
    )

    def __init__(self, number: int, segment: int, placed_s: float) -> None:
        self.number = number
        self.segment = segment
        self.placed_s = placed_s
        self.answered_s = 0.0
        self.audited = False  #: mistaken for a machine, and an audit finds out
        self.fate = Fate.UNANSWERED
        self.end = CallEnd.NO_ANSWER
        self.ring_s = self.talk_s = self.wrap_s = 0.0


class People:
    """The people of one campaign's list, in the order in which they are dialled."""

    def __init__(self, campaign: Campaign, seconds: float, seed: int, number: int) -> None:
        self._campaign = campaign
        self._stream = [seed, number]
        generator = np.random.default_rng([*self._stream, _PATHS])
        self._path = path(campaign.answer_rate, seconds, generator)
        self._own_paths = [
            None if segment.answer_rate is None else path(segment.answer_rate, seconds, child)
            for segment, child in zip(
                campaign.segments, generator.spawn(len(campaign.segments)), strict=True
            )
        ]
        shares = [segment.share for segment in campaign.segments] or [1.0]
        self._bounds = [part / sum(shares) for part in accumulate(shares)][:-1]
        self._ring = ring_quantiles(campaign.ring, campaign.ring_limit_s)
        self.segments: list[int] = []  #: of the dials so far drawn, by number
        self._start = 0
        self._draw()

    def rate(self, at_s: float, segment: int = 0) -> float:
        """Return the true answer rate of a dial placed at ``at_s``."""
        second = int(at_s)
        if not self._campaign.segments:
            return self._path[min(second, len(self._path) - 1)]
        own = self._own_paths[segment] or self._path
        rate = own[min(second, len(own) - 1)]
        return with_odds(rate, self._campaign.segments[segment].odds)

    def next_segments(self, number: int, count: int) -> list[int]:
        """Return the segments of ``count`` leads from dial ``number`` on."""
        while len(self.segments) < number + count:
            self._draw_segments()
        return self.segments[number : number + count]

    def dial(self, number: int, at_s: float) -> Dial:
        """Return dial ``number``, placed now; numbers ascend from 0 without a gap."""
        if number >= self._start + _BLOCK:
            self._start += _BLOCK
            self._draw()
        at = number - self._start
        campaign = self._campaign
        dial = Dial(number, self.segments[number] if self._bounds else 0, at_s)
        chance, second = self._chances[at], self._seconds[at]
        dial.talk_s, dial.wrap_s = self._talks[at], self._wraps[at]
        dial.ring_s = self._rings[at]
        if chance < self.rate(at_s, dial.segment):
            amd = campaign.amd
            mistaken = amd is not None and second < amd.false_positive
            dial.fate = Fate.MISTAKEN if mistaken else Fate.PERSON
            dial.audited = amd is not None and second < amd.false_positive * amd.audited
        elif chance >= 1 - campaign.fast_failures:
            dial.ring_s = _FAST_S[0] + second * (_FAST_S[1] - _FAST_S[0])
            dial.end = CallEnd.REFUSED if self._talks[at] < self._median else CallEnd.FAILED
        elif chance >= 1 - campaign.fast_failures - campaign.machines:
            passed = campaign.amd is None or second < campaign.amd.false_negative
            dial.fate = Fate.PASSED if passed else Fate.MACHINE
            dial.end = CallEnd.MACHINE
            dial.talk_s = campaign.machine_talk_s
        else:
            dial.ring_s = campaign.ring_limit_s
        return dial

    def _draw(self) -> None:
        campaign = self._campaign
        block = self._start // _BLOCK
        generator = np.random.default_rng([*self._stream, _DIALS, block])
        self._chances: list[float] = generator.random(_BLOCK).tolist()
        self._seconds: list[float] = generator.random(_BLOCK).tolist()
        places = generator.integers(0, len(self._ring), _BLOCK)
        self._rings: list[float] = self._ring[places].tolist()
        talks = durations(campaign.talk, _BLOCK, generator)
        self._median = float(np.median(talks))
        self._talks: list[float] = talks.tolist()
        self._wraps: list[float] = durations(campaign.wrap, _BLOCK, generator).tolist()
        if self._bounds and len(self.segments) < self._start + _BLOCK:
            self._draw_segments()

    def _draw_segments(self) -> None:
        first = len(self.segments)
        if self._campaign.list_order is ListOrder.SEQUENTIAL:
            size = float(self._campaign.list_size or 1)
            where = [(first + number + 0.5) / size for number in range(_BLOCK)]
        else:
            # A stream of its own: looking ahead must not change the fates.
            generator = np.random.default_rng([*self._stream, _DIALS, first // _BLOCK, 1])
            where = generator.random(_BLOCK).tolist()
        self.segments += [bisect(self._bounds, place) for place in where]
