"""Counts of people over a rolling time or since a start."""

from collections import deque
from dataclasses import dataclass
from typing import Any

_BUCKETS = 240  # of a rolling window: its length is kept to within this fraction
_SHORTEST_BUCKET_S = 30.0


@dataclass(frozen=True, slots=True)
class Counts:
    """People who answered and people abandoned, within a window."""

    answered: float = 0.0
    abandoned: float = 0.0  #: false positives that are known included

    def plus(self, other: "Counts") -> "Counts":
        """Return the sum."""
        return Counts(self.answered + other.answered, self.abandoned + other.abandoned)


class Tally:
    """Two counts over the last ``length_s`` seconds, or since a start when that is None."""

    def __init__(self, length_s: float | None) -> None:
        """Start empty."""
        self._length_s = length_s
        self._bucket_s = max(_SHORTEST_BUCKET_S, (length_s or 0.0) / _BUCKETS)
        self._buckets: deque[tuple[float, list[float]]] = deque()
        self.answered = self.abandoned = 0.0

    def add(self, at_s: float, answered: float, abandoned: float) -> None:
        """Count people at an instant; instants do not go back."""
        self.answered += answered
        self.abandoned += abandoned
        if self._length_s is None:
            return
        if not self._buckets or at_s >= self._buckets[-1][0] + self._bucket_s:
            self._buckets.append((at_s, [0.0, 0.0]))
        last = self._buckets[-1][1]
        last[0] += answered
        last[1] += abandoned

    def take_back(self, at_s: float, answered: float, abandoned: float) -> None:
        """Take back what was added at an instant; of what has left the window, nothing."""
        if self._length_s is not None:
            counts = next((c for since_s, c in reversed(self._buckets) if since_s <= at_s), None)
            if counts is None:
                return
            counts[0] -= answered
            counts[1] -= abandoned
        self.answered -= answered
        self.abandoned -= abandoned

    def expire(self, at_s: float) -> None:
        """Drop what has left the window."""
        if self._length_s is None:
            return
        until_s = at_s - self._length_s - self._bucket_s
        while self._buckets and self._buckets[0][0] <= until_s:
            _, (answered, abandoned) = self._buckets.popleft()
            self.answered -= answered
            self.abandoned -= abandoned

    def count_over(self, length_s: float | None, at_s: float) -> None:
        """Count over another time from ``at_s`` on; what had left the former one stays away."""
        if length_s == self._length_s:
            return
        if self._length_s is None:  # nobody knows when they were: as if just now
            self._buckets = deque([(at_s, [self.answered, self.abandoned])])
        elif length_s is None:
            self._buckets.clear()
        self._length_s = length_s
        self._bucket_s = max(_SHORTEST_BUCKET_S, (length_s or 0.0) / _BUCKETS)

    def saved(self) -> dict[str, Any]:
        """Return the counts as plain JSON values."""
        return {
            "answered": self.answered,
            "abandoned": self.abandoned,
            "buckets": [[at_s, *counts] for at_s, counts in self._buckets],
        }

    def load(self, saved: dict[str, Any]) -> None:
        """Take saved counts over."""
        self.answered, self.abandoned = float(saved["answered"]), float(saved["abandoned"])
        self._buckets = deque((float(b[0]), [float(b[1]), float(b[2])]) for b in saved["buckets"])
