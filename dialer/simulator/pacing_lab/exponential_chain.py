"""A dialling floor where every duration is exponential, under a fixed policy: its long-run averages.

Rows count free agents minus people waiting, columns ringing calls. Events move a row at most by one,
so the equations of the long run are block tridiagonal: rows are eliminated from both ends towards the
row where the floor mostly is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Policy = NDArray[np.intp]  #: [row, ringing] -> ringing after the decision, never less


@dataclass(frozen=True, slots=True)
class ExponentialWorld:
    """Agents, and the means of durations that are all exponential.

    Raises:
        ValueError: no agent, a rate outside 0..1, or a duration that is not positive.
    """

    agents: int
    answer_rate: float  #: above 0, at most 1: share of calls that a person answers
    service_s: float  #: talk and wrap-up together
    ring_s: float = 12.0  #: whether somebody answers or not
    patience_s: float = 2.0

    def __post_init__(self) -> None:
        if self.agents < 1 or not 0.0 < self.answer_rate <= 1.0:
            raise ValueError("a world needs agents and an answer rate above 0, at most 1")
        if min(self.service_s, self.ring_s, self.patience_s) <= 0.0:
            raise ValueError("durations must be above 0")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy leads to, and how much each state is worth under it."""

    policy: Policy
    utilisation: float  #: 0..1
    excess: float  #: abandoned people a second and agent beyond the ceiling; below 0: room is left
    lost_per_s: float  #: people abandoned
    busy_values: Values  #: [row, ringing], relative
    excess_values: Values

    def worth(self, price: float) -> float:
        """Return the utilisation less the excess at a price."""
        return self.utilisation - price * self.excess


@dataclass(frozen=True, slots=True)
class _Elimination:
    """A row's values in terms of the next row's: what is earned on the way, and where it leads.

    With the long-run averages g: ``right[:, :2] - g * right[:, 2] + carry @ next``.
    """

    right: Values  #: [ringing, (busy, excess, seconds)]
    carry: Values  #: [ringing, ringing of the next row]


class Chain:
    """The floor's transitions and rewards, for any policy.

    Args:
        world: agents, answer rate and mean durations.
        target_rate: ceiling on abandoned / answered, 0..1.
        most_waiting: people who may wait, 0 and more; the next one is lost at once.
        most_ringing: lines, at least the number of agents.

    Raises:
        ValueError: fewer lines than agents, or a negative queue.
    """

    def __init__(
        self, world: ExponentialWorld, target_rate: float, most_waiting: int, most_ringing: int
    ) -> None:
        if most_waiting < 0 or most_ringing < world.agents:
            raise ValueError("a chain needs a line for each agent and a queue of 0 or more")
        self.world = world
        self.free = np.arange(-most_waiting, world.agents + 1)
        self.calls = np.arange(most_ringing + 1)
        waiting = np.maximum(-self.free, 0)
        busy = world.agents - np.maximum(self.free, 0)
        self._freeing = busy / world.service_s + waiting / world.patience_s
        self._answering = self.calls * world.answer_rate / world.ring_s
        self._failing = self.calls * (1.0 - world.answer_rate) / world.ring_s
        lost = np.repeat((waiting / world.patience_s)[:, None], self.calls.size, axis=1)
        lost[0] += self._answering  # the queue is full: whoever answers now is lost at once
        used = np.repeat((busy / world.agents)[:, None], self.calls.size, axis=1)
        self._target = target_rate
        over = (1.0 - target_rate) * lost / world.agents - target_rate * used / world.service_s
        #: [row, ringing, (utilisation, excess)], a second
        self._rewards = np.stack([used, over], axis=2)

    def progressive(self) -> Policy:
        """Return the policy with one call for each free agent, which abandons nobody."""
        return np.maximum(self.calls[None, :], np.maximum(self.free, 0)[:, None]).astype(np.intp)

    def evaluate(self, policy: Policy) -> Outcome:
        """Return the long-run averages and relative values of ``policy``."""
        last = self.free.size - 1
        middle = self._usual_row(policy)
        low: list[_Elimination] = []
        for row in range(middle):
            low.append(self._upwards(row, policy, low[-1] if low else None))
        high: list[_Elimination] = []
        for row in range(last, middle, -1):
            high.append(self._downwards(row, policy, high[-1] if high else None))
        values, gains = self._solved(
            middle, policy, low[-1] if low else None, high[-1] if high else None
        )
        table = [*_unrolled(low, values, gains)[::-1], values, *_unrolled(high, values, gains)]
        return self._outcome(policy, np.stack(table), gains)

    def _outcome(self, policy: Policy, values: Values, gains: Values) -> Outcome:
        """Return the outcome with the people lost, which follow from the two averages."""
        utilisation, excess = float(gains[0]), float(gains[1])
        served_per_s = utilisation / self.world.service_s
        lost_per_s = (excess + self._target * served_per_s) / (1.0 - self._target)
        return Outcome(
            policy=policy,
            utilisation=utilisation,
            excess=excess,
            lost_per_s=lost_per_s * self.world.agents,
            busy_values=values[:, :, 0],
            excess_values=values[:, :, 1],
        )

    def _usual_row(self, policy: Policy) -> int:
        """Return the row to which the floor is drawn: above it calls outweigh agents who get free.

        Solving towards a row that is hardly ever visited would lose the digits that matter. From every
        row above this one calls lead down, and agents who get free lead up from every row below
        it, so the equations of either side have one solution.
        """
        answering = np.maximum(policy[:, 0], 1) * (self.world.answer_rate / self.world.ring_s)
        drawn_up = np.flatnonzero((policy[:-1, 0] < 1) | (answering[:-1] < self._freeing[:-1]))
        return int(drawn_up[-1]) + 1 if drawn_up.size else 0

    def _upwards(self, row: int, policy: Policy, below: _Elimination | None) -> _Elimination:
        """Return this row in terms of the one above, the rows below being eliminated."""
        carry = np.zeros((self.calls.size, self.calls.size))
        carry[self.calls, policy[row + 1]] = self._freeing[row]
        return self._eliminated(self._equations(row, policy, below, None), carry)

    def _downwards(self, row: int, policy: Policy, above: _Elimination | None) -> _Elimination:
        """Return this row in terms of the one below, the rows above being eliminated."""
        carry = np.zeros((self.calls.size, self.calls.size))
        carry[self.calls[1:], policy[row - 1, :-1]] = self._answering[1:]
        return self._eliminated(self._equations(row, policy, None, above), carry)

    def _eliminated(self, equations: tuple[Values, Values], carry: Values) -> _Elimination:
        """Return the solution of a row's equations for any values of the next row."""
        matrix, right = equations
        solved: Values = np.linalg.solve(matrix, np.hstack([right, carry])).astype(np.float64)
        return _Elimination(solved[:, :3], solved[:, 3:])

    def _solved(
        self, row: int, policy: Policy, below: _Elimination | None, above: _Elimination | None
    ) -> tuple[Values, Values]:
        """Return the last row's values, one of them being 0, and the long-run averages."""
        size = self.calls.size
        matrix, right = self._equations(row, policy, below, above)
        bordered = np.zeros((size + 1, size + 1))
        bordered[:size, :size] = matrix
        bordered[:size, size] = right[:, 2]
        bordered[size, policy[row, 0]] = 1.0
        totals = np.vstack([right[:, :2], np.zeros((1, 2))])
        solved: Values = np.linalg.solve(bordered, totals).astype(np.float64)
        return solved[:size], solved[size]

    def _equations(
        self, row: int, policy: Policy, below: _Elimination | None, above: _Elimination | None
    ) -> tuple[Values, Values]:
        """Return a row's matrix and (utilisation, excess, ones) on the right, neighbours put in."""
        some, held = self.calls[1:], policy[row, :-1]
        answered = self._answering[1:, None]
        matrix = np.diag(self._freeing[row] + self._answering + self._failing)
        matrix[some, held] -= self._failing[1:]
        right = np.hstack([self._rewards[row], np.ones((self.calls.size, 1))])
        if row == 0:  # the queue is full: whoever answers is gone, the row stays
            matrix[some, held] -= self._answering[1:]
        elif below is not None:
            reached = policy[row - 1, :-1]
            matrix[1:] -= answered * below.carry[reached]
            right[1:] += answered * below.right[reached]
        if above is not None:
            matrix -= self._freeing[row] * above.carry[policy[row + 1]]
            right += self._freeing[row] * above.right[policy[row + 1]]
        if row == self.free.size - 1:
            # All are free and nothing rings: nothing would ever happen, so a call must be placed.
            matrix[0, :2], right[0] = (1.0, -1.0), 0.0
        return matrix, right


def _unrolled(steps: list[_Elimination], values: Values, gains: Values) -> list[Values]:
    """Return the values of eliminated rows, the one next to ``values`` first."""
    table = [values]
    for step in reversed(steps):
        constant = step.right[:, :2] - np.outer(step.right[:, 2], gains)
        table.append(constant + step.carry @ table[-1])
    return table[1:]
