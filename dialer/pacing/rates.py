"""The answer rate as a rate that drifts and jumps, by segment of the list, with its doubt.

Several filters of the same evidence, each forgetting at its own pace, are mixed by how well they
have predicted lately. Evidence is answers against exposure: the answers there would have been if
everybody answered; a call that still rings is exposure already.
"""

from math import lgamma, log
from typing import Any

import numpy as np

from dialer.pacing.normal import Floats

_MEMORIES_S = (25.0, 60.0, 240.0, 900.0, 3600.0)
_STEADY = 2  # the filter of four minutes
_FORGET_S = 100.0  # a filter's record of predictions fades with this memory
_FORGET_ANSWERS = 10.0  # or, with few answers, with this one
_DISLIKE = 0.4  # of each filter against the next slower one, as a logarithm: fast ones are noisy
_LEAST_EVIDENCE = 10.0  # answers a filter keeps whatever its pace: silence teaches nothing
_STEP_S = 5.0
_STEP_ANSWERS = 6.0  # with this many answers expected a step comes early
_SEGMENT_WEIGHT = 12.0  # answers' worth of belief that a segment is like the others
_SEGMENT_MEMORY_S = 5400.0
_HIGHEST_SEGMENTS = 64  # later ones share the first row


class AnswerRates:
    """Believed answer rates: ``mean`` for the common rate, ``of(segment)`` for one segment."""

    def __init__(self, mean: float = 0.2, weight: float = 40.0) -> None:
        """Start from ``mean`` (0..1) as if ``weight`` calls had shown it."""
        self._answers = np.full(len(_MEMORIES_S), mean * weight)
        self._exposure = np.full(len(_MEMORIES_S), weight)
        self._record = np.zeros(len(_MEMORIES_S))
        self._memories_s = np.array(_MEMORIES_S)
        self._step_answers = self._step_exposure = self._step_s = 0.0
        self.rows: dict[int, int] = {}
        self._segment_answers = np.zeros(1)
        self._segment_expected = np.zeros(1)
        self.ratios: Floats = np.ones(1)
        self.mean = mean
        self.doubt2 = 1 / (mean * weight)

    def row(self, segment: int) -> int:
        """Return the table row of a segment; a new one gets a row."""
        row = self.rows.get(segment)
        if row is None:
            row = len(self.rows) if len(self.rows) < _HIGHEST_SEGMENTS else 0
            self.rows[segment] = row
            if row:
                self._segment_answers = np.append(self._segment_answers, 0.0)
                self._segment_expected = np.append(self._segment_expected, 0.0)
                self.ratios = np.append(self.ratios, 1.0)
        return row

    def answered(self, row: int) -> None:
        """Count an answer of the segment in ``row``."""
        self._step_answers += 1
        self._segment_answers[row] += 1

    def exposed(self, exposure: Floats) -> float:
        """Count exposure, one number for each row; return their sum by what segments answer."""
        effective = float(exposure @ self.ratios)
        self._step_exposure += effective
        self._segment_expected += exposure * self.mean
        return effective

    def restart(self, answers: float, exposure: float) -> None:
        """Forget all but this evidence: what was before is over."""
        self._answers[:] = answers
        self._exposure[:] = exposure
        self._record[:] = 0.0
        self._step_answers = self._step_exposure = self._step_s = 0.0
        self._mix()

    @property
    def steady(self) -> float:
        """Return the answer rate of the last minutes, 0..1: slower than ``mean``."""
        return min(0.97, max(0.002, float(self._answers[_STEADY] / self._exposure[_STEADY])))

    def step(self, elapsed_s: float) -> bool:
        """Let ``elapsed_s`` pass; return whether the beliefs have moved."""
        self._step_s += elapsed_s
        ripe = self._step_exposure * self.mean >= _STEP_ANSWERS and self._step_s >= 1.0
        if self._step_s < _STEP_S and not ripe:
            return False
        self._learn(self._step_answers, self._step_exposure, self._step_s)
        self._step_answers = self._step_exposure = self._step_s = 0.0
        return True

    def _learn(self, answers: float, exposure: float, step_s: float) -> None:
        if exposure > 1e-9:
            self._score(answers, exposure, step_s)
            fading = np.exp(-step_s / self._memories_s)
            kept = np.maximum(fading, _LEAST_EVIDENCE / np.maximum(self._answers, 1e-9))
            kept = np.minimum(kept, 1.0)
            self._answers = self._answers * kept + answers
            self._exposure = self._exposure * kept + exposure
        self._mix()
        self._compare(step_s)

    def _score(self, answers: float, exposure: float, step_s: float) -> None:
        """Add each filter's log chance of what happened (negative binomial) to its record."""
        expected = exposure * self.mean
        kept = float(np.exp(-min(step_s / _FORGET_S, expected / _FORGET_ANSWERS)))
        for i in range(len(self._memories_s)):
            a, b = float(self._answers[i]), float(self._exposure[i])
            chance = lgamma(a + answers) - lgamma(a) + a * log(b / (b + exposure))
            chance += answers * log(exposure / (b + exposure))
            self._record[i] = kept * self._record[i] + chance

    def _mix(self) -> None:
        likely = self._record - _DISLIKE * np.arange(len(self._record))[::-1]
        weights = np.exp(likely - likely.max())
        weights /= weights.sum()
        means = self._answers / self._exposure
        mean = float(weights @ means)
        variance = float(weights @ (self._answers / self._exposure**2 + means**2)) - mean * mean
        self.mean = min(0.97, max(0.002, mean))
        self.doubt2 = max(1e-5, variance / (mean * mean))

    def _compare(self, step_s: float) -> None:
        kept = 0.5 ** (step_s / _SEGMENT_MEMORY_S)
        self._segment_answers *= kept
        self._segment_expected *= kept
        self._set_ratios()

    def _set_ratios(self) -> None:
        expected = self._segment_expected
        ratios = (self._segment_answers + _SEGMENT_WEIGHT) / (expected + _SEGMENT_WEIGHT)
        whole = float(expected.sum())
        # The campaign answers as the mean says: were all ratios high, the mean would sink to match.
        self.ratios = ratios * (whole / float(expected @ ratios)) if whole > 0 else ratios

    @property
    def by_row(self) -> Floats:
        """Return the believed rate of each row, 0..1."""
        return np.minimum(np.maximum(self.mean * self.ratios, 0.001), 0.98)

    def of(self, segment: int) -> float:
        """Return the believed rate of one segment, 0..1; a new one is like the others."""
        row = self.rows.get(segment)
        return float(self.by_row[row]) if row is not None else self.mean

    def saved(self) -> dict[str, Any]:
        """Return the beliefs as plain JSON values."""
        return {
            "answers": self._answers.tolist(),
            "exposure": self._exposure.tolist(),
            "record": self._record.tolist(),
            "rows": [[segment, row] for segment, row in self.rows.items()],
            "segment_answers": self._segment_answers.tolist(),
            "segment_expected": self._segment_expected.tolist(),
        }

    def load(self, saved: dict[str, Any], trust: float = 1.0) -> None:
        """Take saved beliefs over; ``trust`` 0..1 is the share of their evidence that still counts.

        Less than 1 is for yesterday's: the level may have moved overnight.
        """
        answers, exposure = np.array(saved["answers"]), np.array(saved["exposure"])
        if len(answers) != len(self._memories_s):
            return
        kept = np.minimum(1.0, np.maximum(trust, _LEAST_EVIDENCE / np.maximum(answers, 1e-9)))
        kept = np.full(len(kept), float(kept.min())) if trust < 1 else kept
        self._answers, self._exposure = answers * kept, exposure * kept
        self._record = np.array(saved["record"]) * trust
        self.rows = {int(segment): int(row) for segment, row in saved["rows"]}
        self._segment_answers = np.array(saved["segment_answers"]) * trust
        self._segment_expected = np.array(saved["segment_expected"]) * trust
        self.ratios = np.ones(len(self._segment_answers))
        self._set_ratios()
        self._mix()
