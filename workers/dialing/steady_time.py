"""Time that passes evenly for pacing, whatever people and servers do to the clock."""

from datetime import datetime
from typing import Final

from dialer.clock import Clock
from dialer.pacing.watch import CLOCK_BACK, CLOCK_JUMP

#: The clock was set, and not just corrected.
_JUMP_S: Final = 60.0
#: So long it is told.
_TOLD_S: Final = 60.0


class SteadyTime:
    """Seconds since 1970 as the clock had them at the start; from then on they only pass.

    A budget over the last 24 hours must not be emptied by a clock that is set forward by a day, nor
    stand still for a day when it is set back.
    """

    def __init__(self, clock: Clock) -> None:
        """Start with the clock as it is now."""
        self._clock = clock
        self._origin_s = clock.now().timestamp() - clock.steady_s()
        self._ahead_s = 0.0  # by so much the clock has been set forward
        self._note, self._told_until_s = "", float("-inf")

    def now_s(self) -> float:
        """Return the present instant."""
        return self._origin_s + self._clock.steady_s()

    def at_s(self, stamp: datetime) -> float:
        """Return the instant of a stamp that the clock gave just now, or before it was ever set.

        Never later than now: what a clock stamped while it was ahead has happened.
        """
        now_s = self.now_s()
        return min(now_s, now_s - (self._clock.now() - stamp).total_seconds())

    def note(self) -> str:
        """Return a code when the clock was set within the last minute; empty: it was not."""
        now_s = self.now_s()
        ahead_s = self._clock.now().timestamp() - now_s
        moved_s, self._ahead_s = ahead_s - self._ahead_s, ahead_s
        if abs(moved_s) > _JUMP_S:
            self._note = CLOCK_JUMP if moved_s > 0 else CLOCK_BACK
            self._told_until_s = now_s + _TOLD_S
        return self._note if now_s < self._told_until_s else ""
