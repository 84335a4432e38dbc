"""When a call is answered, and when it ends unanswered: densities over the ringing time."""

from typing import Any

import numpy as np

from dialer.pacing.normal import Floats

BIN_S = 0.5
_PRIOR_ANSWERS = 20.0
_PRIOR_QUIET = 5.0
_LEAST_TRUST = 1e-3  # a density needs some weight


class RingTimes:
    """Two densities in bins of half a second up to the ring limit, learned from ended calls."""

    def __init__(self, ring_limit_s: float, setup_s: float = 0.0) -> None:
        """Start from people who answer after some ten seconds and calls that ring to the limit.

        Times count from the dial: what begins to ring late, up to ``setup_s``, ends late.
        """
        self.bins = int((ring_limit_s + setup_s) / BIN_S) + 2
        self._limit = int(
            ring_limit_s / BIN_S
        )  # the bin in which calls that ring to the end do end
        middle: Floats = (np.arange(self.bins, dtype=np.float64) + 0.5) * BIN_S
        shape = np.asarray(middle**1.5 * np.exp(-middle / 5.0), dtype=np.float64)
        shape[middle > ring_limit_s] = 0.0
        self._answered: Floats = np.multiply(shape, _PRIOR_ANSWERS / float(shape.sum()))
        self._quiet: Floats = np.zeros(self.bins)
        self._quiet[self._limit] = _PRIOR_QUIET
        self.edges_s: Floats = np.arange(self.bins + 1, dtype=np.float64) * BIN_S
        self.density: Floats = self._answered / _PRIOR_ANSWERS

    def bin(self, ring_s: float) -> int:
        """Return the bin of a ringing time; what is off the scale falls into the nearest."""
        return min(self.bins - 1, max(0, int(ring_s / BIN_S)))

    def answered(self, ring_s: float) -> None:
        """Count an answer after ``ring_s``."""
        self._answered[self.bin(ring_s)] += 1

    def quiet(self, ring_s: float) -> None:
        """Count a call that ended unanswered after ``ring_s``."""
        self._quiet[self.bin(ring_s)] += 1

    def cancelled(self, ring_s: float, answer_rate: float) -> None:
        """Count a call we cut at ``ring_s``: what would have come is shared out as believed.

        Source: the expectation step of Dempster, Laird and Rubin (1977).
        """
        i = self.bin(ring_s)
        later, quiet = self._answered[i:].sum(), self._quiet[i:].sum()
        still = answer_rate * later / self._answered.sum()
        never = (1 - answer_rate) * quiet / self._quiet.sum()
        person = still / (still + never) if still + never > 0 else 0.0
        if later > 0:
            self._answered[i:] *= 1 + person / later
        if quiet > 0:
            self._quiet[i:] *= 1 + (1 - person) / quiet

    def limited(self, ring_limit_s: float, setup_s: float) -> "RingTimes":
        """Return what is known under another limit: calls that rang to the end ring to the new one."""
        other = RingTimes(ring_limit_s, setup_s)
        both = min(self.bins, other.bins)
        other._answered[both:] = 0.0
        other._answered[:both] = self._answered[:both]
        other._quiet[:] = 0.0
        before = min(self._limit, other._limit)
        other._quiet[:before] = self._quiet[:before]
        other._quiet[other._limit] += self._quiet[before:].sum()
        other.refresh()
        return other

    def forget(self, kept: float) -> None:
        """Keep the share ``kept`` (0..1) of the evidence, but never less than the prior's weight."""
        for counts, least in ((self._answered, _PRIOR_ANSWERS), (self._quiet, _PRIOR_QUIET)):
            counts *= max(kept, min(1.0, least / float(counts.sum())))

    def refresh(self) -> tuple[Floats, Floats]:
        """Return the share answered before each edge, and of quiet calls still up at each bin."""
        self.density = self._answered / self._answered.sum()
        before = np.concatenate([[0.0], np.cumsum(self.density)])
        ended = np.concatenate([[0.0], np.cumsum(self._quiet / self._quiet.sum())])
        return before, 1 - ended[:-1]

    @property
    def mean_s(self) -> float:
        """Return the believed mean time to an answer, seconds."""
        return float(self.density @ ((np.arange(self.bins) + 0.5) * BIN_S))

    @property
    def quiet_mean_s(self) -> float:
        """Return how long a call rings on average that nobody answers, seconds."""
        return float(self._quiet @ self.edges_s[:-1]) / float(self._quiet.sum())

    def saved(self) -> dict[str, Any]:
        """Return the evidence as plain JSON values."""
        return {"answered": self._answered.tolist(), "quiet": self._quiet.tolist()}

    def load(self, saved: dict[str, Any], trust: float = 1.0) -> None:
        """Take saved evidence over, the share ``trust`` (0..1); another ring limit's is left out."""
        if len(saved["answered"]) == self.bins:
            self._answered = np.array(saved["answered"]) * max(trust, _LEAST_TRUST)
            self._quiet = np.array(saved["quiet"]) * max(trust, _LEAST_TRUST)
            self.refresh()
