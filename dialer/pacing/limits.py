"""A trunk's calls-per-second limit as a token bucket."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens for calls: ``rate_per_s`` come in each second, at most one second's worth is kept."""

    rate_per_s: float
    tokens: float
    at_s: float  #: instant of ``tokens`` on any monotonic scale, seconds

    def refilled(self, now_s: float) -> "Bucket":
        """Return the bucket as it stands at ``now_s``."""
        elapsed_s = max(0.0, now_s - self.at_s)
        capacity = max(1.0, self.rate_per_s)
        tokens = min(capacity, self.tokens + elapsed_s * self.rate_per_s)
        return replace(self, tokens=tokens, at_s=max(self.at_s, now_s))

    def available(self, now_s: float) -> int:
        """Return how many calls may start at ``now_s``."""
        return int(self.refilled(now_s).tokens)

    def spent(self, calls: int, now_s: float) -> "Bucket":
        """Return the bucket after ``calls`` started at ``now_s``; it may not go below zero.

        Raises:
            ValueError: more calls than ``available``.
        """
        now = self.refilled(now_s)
        if calls > now.tokens:
            raise ValueError("more calls than tokens")
        return replace(now, tokens=now.tokens - calls)
