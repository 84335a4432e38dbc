"""What calls in flight would cost if the answer rate went back at once to its usual level."""

import numpy as np

from dialer.pacing.estimates import Estimates
from dialer.pacing.normal import Floats, nobody_free
from dialer.pacing.outlook import POINTS, CallTables
from dialer.pacing.risk import RiskModel

_WORTH_A_LOOK = 1.1  # times the believed rate: the usual rate must be above it
_MOVED = 0.03  # relative: less is not worth new tables
_FIRST_LOOK, _FURTHER = 4, 6  # most decisions place few calls
_MOST_CALLS = 4000  # in one decision


class Exposure:
    """Keeps the tables of calls at the usual answer rate, and bounds new calls by them."""

    def __init__(self, least_ring_s: float) -> None:
        """Start without tables."""
        self._least_ring_s = least_ring_s
        self._calls: CallTables | None = None
        self._grid: object = None
        self._rate = 0.0
        self._rows = 0

    def bearable(self, model: RiskModel, estimates: Estimates, most: int, people: float) -> int:
        """Return the new calls, up to ``most``, that would leave at most ``people`` abandoned."""
        usual = estimates.silence.usual
        if most <= 0 or usual < _WORTH_A_LOOK * estimates.rates.mean:
            return most
        calls, most = self._tables(model, estimates, usual), min(most, _MOST_CALLS)
        now, look = model.with_calls(calls), _FIRST_LOOK
        while True:
            look = min(most, look)
            lost = _expected_below(now + np.arange(1, look + 1)[:, None] * calls.next[0])
            if lost[-1] > people or look == most:
                return int(np.searchsorted(lost, people, side="right"))
            look *= _FURTHER

    def _tables(self, model: RiskModel, estimates: Estimates, usual: float) -> CallTables:
        rows = estimates.rates.by_row
        moved = abs(usual / self._rate - 1) > _MOVED if self._rate else True
        if self._calls is None or moved or self._grid is not model.grid or self._rows != len(rows):
            at_usual = np.minimum(rows * (usual / estimates.rates.mean), 0.98)
            self._calls = CallTables(model.grid, at_usual, self._least_ring_s)
            self._grid, self._rate, self._rows = model.grid, usual, len(rows)
        return self._calls


def _expected_below(rows: Floats) -> Floats:
    """Return the people for whom there is no agent, on average, at the worst moment of each row."""
    lack, variance = -rows[:, :POINTS], np.maximum(rows[:, POINTS : 2 * POINTS], 1e-6)
    deviation = np.sqrt(variance)
    share = nobody_free(0.5 - lack, variance, np.zeros_like(lack))
    density = np.exp(-0.5 * (lack / deviation) ** 2) / np.sqrt(2 * np.pi)
    people: Floats = (lack * share + deviation * density).max(axis=1)
    return people
