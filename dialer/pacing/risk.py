"""The own risk of calls: that nobody is free in time, given that the person answers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dialer.pacing.facts import PacingFacts
from dialer.pacing.normal import Floats, nobody_free
from dialer.pacing.outlook import POINTS, TALK_ROWS, WRAP_ROWS, CallTables, Grid
from dialer.pacing.ringing import BIN_S

_FIRST_LOOK = 4  # most decisions place fewer calls
_HIGHEST_LOOK = 4000
_MOST_CUTS = 12  # in one decision
_CUT_SHARE = 8  # of the calls that are too risky one part in so many goes at a time


Rows = NDArray[np.intp]


class RiskModel:
    """Looks a moment's facts up in the tables and rates candidate calls against them."""

    def __init__(self, grid: Grid, calls: CallTables, agents: Floats) -> None:
        """Keep the tables; they are replaced whole when beliefs move."""
        self.grid, self.calls, self.agents = grid, calls, agents
        self.rows: dict[int, int] = {0: 0}
        self.doubt2 = 0.0  #: squared coefficient of variation of the answer rate
        self._base: Floats = np.zeros(3 * POINTS)
        self._agents_free: Floats = np.zeros(3 * POINTS)
        self._counts: Rows = np.zeros(len(calls.ringing), dtype=np.intp)
        self._answers: Floats = np.zeros(POINTS)
        self.expected_free = 0.0

    def look(self, facts: PacingFacts) -> None:
        """Sum up what is going on: agents free, busy agents, calls that ring."""
        at_s = facts.at_s
        base = np.zeros(3 * POINTS)
        rows = _ages(at_s, facts.talking_since_s, 1.0, TALK_ROWS - 1)
        if rows is not None:
            base += np.add.reduce(self.agents.take(rows, axis=0))
        rows = _ages(at_s, facts.wrapping_since_s, 2.0, WRAP_ROWS - 1)
        if rows is not None:
            base += np.add.reduce(self.agents.take(rows + TALK_ROWS, axis=0))
        base[:POINTS] += facts.ready - facts.reserved - len(facts.waiting)
        self.expected_free = float(base[POINTS // 2])
        self._agents_free = base.copy()
        calls = self._ringing(facts)
        if calls is not None:
            self._answers = -calls[:POINTS]
            base += calls
        else:
            self._answers = np.zeros(POINTS)
        self._base = base

    def _ringing(self, facts: PacingFacts) -> Floats | None:
        bins = self.calls.bins
        self._counts = np.zeros(len(self.calls.ringing), dtype=np.intp)
        slots = _ages(facts.at_s, [c.placed_at_s for c in facts.ringing], 1 / BIN_S, bins - 1)
        if slots is None:
            return None
        if len(self.rows) > 1:
            known = self.rows
            slots += np.array([known.get(c.segment, 0) for c in facts.ringing]) * bins
        self._counts = np.bincount(slots, minlength=len(self.calls.ringing))
        total: Floats = self._counts @ self.calls.ringing
        return total

    def with_calls(self, calls: CallTables) -> Floats:
        """Return the moment's row as it would be if the ringing calls were answered as in ``calls``."""
        known = min(len(self._counts), len(calls.ringing))
        total: Floats = self._agents_free + self._counts[:known] @ calls.ringing[:known]
        return total

    def _risks(self, taken: Floats) -> Floats:
        """Return the own risk of one more call after calls that take away ``taken`` (a row each)."""
        after = self._base + taken
        variance = after[:, POINTS : 2 * POINTS]
        if self.doubt2:
            answers = self._answers - taken[:, :POINTS]
            variance = variance + answers * answers * self.doubt2
        chances = nobody_free(after[:, :POINTS], variance, after[:, 2 * POINTS :])
        self._chances = chances[0]
        risks: Floats = chances @ self.grid.weights
        return risks

    def _taken(self, count: int, segments: Sequence[int]) -> Floats:
        """Return what 0, 1 ... ``count - 1`` of the next calls would take away."""
        if len(self.rows) == 1 or not segments:
            alike: Floats = np.arange(count)[:, None] * self.calls.next[0]
            return alike
        rows = [self.rows.get(s, 0) for s in segments[: count - 1]]
        rows += [0] * (count - 1 - len(rows))
        taken = np.zeros((count, 3 * POINTS))
        np.cumsum(self.calls.next[rows], axis=0, out=taken[1:])
        return taken

    def affordable(
        self, threshold: float, most: int, segments: Sequence[int]
    ) -> tuple[int, Floats]:
        """Return how many of the next calls, at most ``most``, have an own risk up to ``threshold``.

        With the risks of the calls looked at: the first call's risk first.
        """
        look = _FIRST_LOOK
        risks = self._risks(self._taken(look, segments))
        while risks[-1] <= threshold and look <= min(most, _HIGHEST_LOOK):
            look *= 6
            risks = self._risks(self._taken(look, segments))
        over = risks > threshold
        first = int(over.argmax()) if over.any() else len(risks)
        return min(first, most), risks

    def hopeless(
        self, facts: PacingFacts, threshold: float, least_ring_s: float
    ) -> tuple[int | str, ...]:
        """Return the ringing calls to cancel: past ``least_ring_s`` and riskier than ``threshold``.

        Each call cut makes the others safer, so only a part goes at a time, the riskiest first.
        """
        if not facts.ringing or float(self._chances.max()) <= threshold:
            return ()
        late = self._late(facts, least_ring_s)
        base = self._base.copy()
        cancelled: list[int | str] = []
        for _ in range(_MOST_CUTS):
            slots = sorted(late)
            risks = self._late_risks(base, slots)
            if not slots or risks.max() <= threshold:
                break
            worst = slots[int(risks.argmax())]
            over = sum(len(late[slots[i]]) for i in np.flatnonzero(risks > threshold))
            part = late[worst][: max(1, over // _CUT_SHARE)]
            cancelled += part
            base -= len(part) * self.calls.late[worst]
            late[worst] = late[worst][len(part) :]
            if not late[worst]:
                del late[worst]
        return tuple(cancelled)

    def _late(self, facts: PacingFacts, least_ring_s: float) -> dict[int, list[int | str]]:
        """Return the calls that may be cancelled, by their row in the table of late calls."""
        late: dict[int, list[int | str]] = {}
        for call in facts.ringing:
            age_s = facts.at_s - call.placed_at_s
            if age_s < least_ring_s:
                break  # in the order of placing: the rest is younger
            slot = min(self.calls.bins - 1, int(age_s / BIN_S)) - self.calls.first_late
            late.setdefault(max(0, slot), []).append(call.id)
        return late

    def _late_risks(self, base: Floats, slots: list[int]) -> Floats:
        """Return the own risk of a ringing call in each slot: the others stay, it goes out."""
        if not slots:
            return np.zeros(0)
        without = base - self.calls.late[slots]
        chances = nobody_free(
            without[:, :POINTS], without[:, POINTS : 2 * POINTS], without[:, 2 * POINTS :]
        )
        risks: Floats = (chances * self.calls.late_weights[slots]).sum(axis=1)
        return risks


def _ages(at_s: float, since_s: Sequence[float], per_s: float, last: int) -> Rows | None:
    """Return the table rows of things that began at ``since_s``; None when there are none."""
    if not since_s:
        return None
    rows = ((at_s - np.array(since_s)) * per_s).astype(np.intp)
    return np.minimum(np.maximum(rows, 0), last)
