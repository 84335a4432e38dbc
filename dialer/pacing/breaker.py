"""A trunk's circuit breaker: a carrier that refuses everything must not eat the list.

Closed: calls go out, their results are kept for a window. Open: no calls until the pause is over.
Half-open: one call at a time probes; a good one closes the breaker, a bad one opens it again.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class BreakerState(StrEnum):
    """Whether calls may go out."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When to open. Defaults as open-source dialers ended up with after outages."""

    window_s: float = 120.0
    least_calls: int = 20
    fault_rate: float = 0.5  #: 0..1, share of calls that ended in a trunk fault
    pause_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """One trunk's record: ``results`` are (second, calls, faults), the oldest first."""

    policy: BreakerPolicy = BreakerPolicy()
    results: tuple[tuple[int, int, int], ...] = ()
    opened_at_s: float | None = None
    probing: bool = False

    def state(self, now_s: float) -> BreakerState:
        """Return whether calls may go out at ``now_s``."""
        if self.opened_at_s is None:
            return BreakerState.CLOSED
        if now_s - self.opened_at_s < self.policy.pause_s:
            return BreakerState.OPEN
        return BreakerState.HALF_OPEN

    def allowed(self, now_s: float) -> int | None:
        """Return how many calls may start: None for no limit, 0 while open, 1 as a probe."""
        match self.state(now_s):
            case BreakerState.CLOSED:
                return None
            case BreakerState.OPEN:
                return 0
            case BreakerState.HALF_OPEN:
                return 0 if self.probing else 1

    def placed(self, now_s: float) -> "Breaker":
        """Note that a call went out: in half-open it is the probe."""
        return replace(self, probing=True) if self.state(now_s) is BreakerState.HALF_OPEN else self

    def ended(self, now_s: float, *, fault: bool) -> "Breaker":
        """Note how a call ended and open or close accordingly."""
        state = self.state(now_s)
        unasked = state is BreakerState.HALF_OPEN and not self.probing
        if state is BreakerState.OPEN or unasked:  # a call from before the breaker opened
            return self
        if state is BreakerState.HALF_OPEN:
            if fault:
                return replace(self, opened_at_s=now_s, probing=False)
            return Breaker(self.policy)
        kept = self._with(int(now_s), fault=fault)
        calls, faults = sum(r[1] for r in kept), sum(r[2] for r in kept)
        tripped = calls >= self.policy.least_calls and faults / calls >= self.policy.fault_rate
        return replace(
            self, results=() if tripped else kept, opened_at_s=now_s if tripped else None
        )

    def _with(self, second: int, *, fault: bool) -> tuple[tuple[int, int, int], ...]:
        """Return the window's results with one more, counted per second to stay small."""
        kept = tuple(r for r in self.results if r[0] > second - self.policy.window_s)
        if kept and kept[-1][0] == second:
            last = (second, kept[-1][1] + 1, kept[-1][2] + fault)
            return (*kept[:-1], last)
        return (*kept, (second, 1, int(fault)))

    def faults(self) -> tuple[int, int]:
        """Return (faults, calls) in the window."""
        return sum(r[2] for r in self.results), sum(r[1] for r in self.results)
