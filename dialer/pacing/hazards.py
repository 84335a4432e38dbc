"""How long talks and wrap-ups last, as a rate of ending at each age: any shape can be learned."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dialer.pacing.normal import Floats

#: Ages between which the rate is taken as constant, seconds; the last stretch has no end.
TALK_EDGES_S = (
    *range(0, 20, 2),
    *(20, 25, 30, 35, 40, 50, 60, 75, 90, 110, 130, 160, 200, 250, 300, 400, 500, 700, 1000, 1500),
)
WRAP_EDGES_S = (*range(31), 35, 40, 50, 60, 90, 120)


class Hazard:
    """Events against exposure for each age, shrunk to the rate over all ages."""

    def __init__(self, edges_s: Sequence[float], prior_mean_s: float, weight: float) -> None:
        """Start from ``prior_mean_s`` as if three durations had shown it.

        ``weight`` is the number of events by which each age's rate is drawn to the common one.
        """
        self._edges = np.array(edges_s, dtype=float)
        self._tops = np.append(self._edges[1:], np.inf)
        self._ends = np.zeros(len(self._edges))
        self._exposure = np.zeros(len(self._edges))
        self._prior_mean_s, self._weight = prior_mean_s, weight
        self.count = 0

    def ended(self, duration_s: float) -> None:
        """Count one that ended at the age ``duration_s``."""
        age = max(0.0, duration_s)
        self._exposure += np.maximum(np.minimum(age, self._tops) - self._edges, 0.0)
        self._ends[int(np.searchsorted(self._edges, age, side="right")) - 1] += 1
        self.count += 1

    def forget(self, kept: float) -> None:
        """Keep the share ``kept`` (0..1) of the evidence."""
        self._ends *= kept
        self._exposure *= kept

    def survival(self, ages_s: Floats, open_s: Floats) -> Floats:
        """Return the chance to last longer than each age.

        ``open_s`` are the ages of those that have not ended yet: they are evidence too, without it
        an agent who forgot to end a wrap-up would be expected back any second.
        """
        exposure = self._exposure
        if len(open_s):
            lived = np.minimum(open_s[:, None], self._tops) - self._edges
            exposure = exposure + np.maximum(lived, 0.0).sum(axis=0)
        common = (self._ends.sum() + 3) / (exposure.sum() + 3 * self._prior_mean_s)
        rates = (self._ends + self._weight) / (exposure + self._weight / common)
        at_edges = np.concatenate([[0.0], np.cumsum(rates[:-1] * np.diff(self._edges))])
        total = np.interp(ages_s, self._edges, at_edges)
        total += np.maximum(ages_s - self._edges[-1], 0.0) * rates[-1]
        left: Floats = np.exp(-total)
        return left

    @property
    def mean_s(self) -> float:
        """Return the believed mean duration, seconds."""
        ends = float(self._ends.sum()) + 3
        return (float(self._exposure.sum()) + 3 * self._prior_mean_s) / ends

    def saved(self) -> dict[str, Any]:
        """Return the evidence as plain JSON values."""
        return {
            "ends": self._ends.tolist(),
            "exposure": self._exposure.tolist(),
            "count": self.count,
        }

    def load(self, saved: dict[str, Any], trust: float = 1.0) -> None:
        """Take saved evidence over, the share ``trust`` (0..1) of it."""
        if len(saved["ends"]) == len(self._ends):
            self._ends = np.array(saved["ends"]) * trust
            self._exposure = np.array(saved["exposure"]) * trust
            self.count = int(saved["count"])
