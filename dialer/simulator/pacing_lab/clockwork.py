"""Virtual time: what happens next, and what the controllers' clock says."""

import heapq
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from dialer.simulator.pacing_lab.shapes import ClockJump


class Clockwork:
    """A queue of things to come. Two at one instant happen in the order in which they were planned."""

    def __init__(self, jumps: Sequence[ClockJump] = ()) -> None:
        """Start at 0 s; the clock that controllers see jumps as told."""
        self.now_s = 0.0
        self._skew_s = 0.0
        self._order = count()
        self._queue: list[tuple[float, int, Callable[[Any], None], Any]] = []
        for jump in jumps:
            self.at(jump.at_h * 3600, self._jump, jump.by_s)

    @property
    def seen_s(self) -> float:
        """The instant as the controllers are told it."""
        return self.now_s + self._skew_s

    def at(self, at_s: float, happen: Callable[[Any], None], what: Any) -> None:
        """Plan ``happen(what)`` at an instant that is not past."""
        heapq.heappush(self._queue, (at_s, next(self._order), happen, what))

    def later(self, after_s: float, happen: Callable[[Any], None], what: Any) -> None:
        """Plan ``happen(what)`` after some seconds."""
        self.at(self.now_s + after_s, happen, what)

    def step(self) -> None:
        """Let the next thing happen."""
        self.now_s, _, happen, what = heapq.heappop(self._queue)
        happen(what)

    def _jump(self, by_s: float) -> None:
        self._skew_s += by_s
