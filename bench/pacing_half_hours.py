"""What a ceiling on every half hour costs a controller that knows everything: a bound by counting.

While ``n`` people were abandoned in the last half hour, such a controller dials at a pace of its choice
(people abandoned, of those who answer) and is as busy as the exact optimum at that pace; at the most
people it may have abandoned it dials as carefully as the curve goes. Every abandoned person counts for
exactly half an hour. For servers without end whose arrivals depend on their number, how long somebody
stays matters only by its mean, so the numbers are those of a birth-death chain, and the best pace for
each number is a small decision problem.

Source: insensitivity of symmetric queues: F. P. Kelly, Reversibility and Stochastic Networks, 1979.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from dialer.pacing.budget import BURST_S
from dialer.simulator.pacing_lab.exponential_chain import ExponentialWorld
from dialer.simulator.pacing_lab.optimum import exact_optimum

#: Paces at which the optimum is computed, and those to choose from.
_KNOWN = (
    0.0002,
    0.0005,
    0.001,
    0.002,
    0.004,
    0.008,
    0.012,
    0.016,
    0.02,
    0.025,
    0.03,
    0.04,
    0.07,
    0.1,
)
_CHOICES = np.geomspace(_KNOWN[0], _KNOWN[-1], 60)
_HALVINGS, _MOST_ROUNDS = 50, 100

_Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HalfHours:
    """The best with a ceiling on every half hour; the day's ceiling is kept, too."""

    answers: float  #: in a half hour, on average
    most: int  #: people who may be abandoned in a half hour of that many answers
    utilisation: float  #: 0..1, with at most so many
    one_less: float  #: 0..1, with at most one less: some half hours have fewer answers

    def as_json(self) -> dict[str, float]:
        """Return plain values."""
        return {name: round(value, 5) for name, value in asdict(self).items()}


def bound(world: ExponentialWorld, ceiling: float, burst_ceiling: float) -> HalfHours:
    """Return what a ceiling on every half hour leaves of the optimum.

    Args:
        world: agents, answer rate and mean durations.
        ceiling: people abandoned of those who answer, in the whole day.
        burst_ceiling: the same in any half hour.
    """
    curve = [exact_optimum(world, pace).utilisation for pace in _KNOWN]
    busy = np.interp(_CHOICES, _KNOWN, curve)
    answers_per_s = world.agents * busy / world.service_s / (1 - _CHOICES)
    answers = float(np.interp(ceiling, _CHOICES, answers_per_s)) * BURST_S
    most = int(burst_ceiling * answers)
    return HalfHours(
        answers,
        most,
        best_with(busy, answers_per_s, most, ceiling),
        best_with(busy, answers_per_s, max(0, most - 1), ceiling),
    )


def best_with(busy: _Values, answers_per_s: _Values, most: int, ceiling: float) -> float:
    """Return the highest utilisation with at most ``most`` people abandoned in any half hour.

    Args:
        busy: utilisation, 0..1, for each of the paces to choose from.
        answers_per_s: people, for each of them.
        most: people.
        ceiling: people abandoned of those who answer, in the whole day.
    """
    low, high = 0.0, float(np.ptp(busy)) / ceiling * BURST_S
    above, below = _priced(busy, answers_per_s, most, ceiling, low), (float(busy[0]), -1.0)
    if above[1] <= 0:
        return above[0]
    for _ in range(_HALVINGS):
        price = (low + high) / 2
        found = _priced(busy, answers_per_s, most, ceiling, price)
        if found[1] > 0:
            low, above = price, found
        else:
            high, below = price, found
    share = below[1] / (below[1] - above[1])  # of the time above the ceiling: taking turns
    return share * above[0] + (1 - share) * below[0]


def _priced(
    busy: _Values, answers_per_s: _Values, most: int, ceiling: float, price: float
) -> tuple[float, float]:
    """Return utilisation, and people a second above the ceiling, of the best paces at a price."""
    lost_per_s = answers_per_s * _CHOICES
    worth = busy - price * (lost_per_s - ceiling * answers_per_s)
    last = busy[0] + price * ceiling * answers_per_s[0]  # with the most people: nobody more
    chosen = [0] * most
    for _ in range(_MOST_ROUNDS):
        steps = _steps(
            [float(worth[c]) for c in chosen], [float(lost_per_s[c]) for c in chosen], last
        )
        better = [int((worth + lost_per_s * step).argmax()) for step in steps]
        if better == chosen:
            break
        chosen = better
    shares = np.ones(most + 1)
    for count, choice in enumerate(chosen):
        shares[count + 1] = shares[count] * lost_per_s[choice] * BURST_S / (count + 1)
    shares /= shares.sum()
    lost = float(shares[:most] @ lost_per_s[chosen]) if most else 0.0
    at = [*chosen, 0]
    return float(shares @ busy[at]), lost - ceiling * float(shares @ answers_per_s[at])


def _steps(worth: Sequence[float], up_per_s: Sequence[float], last: float) -> _Values:
    """Return how much worse each number of people is than the one before: the value of one more."""
    most = len(worth)
    # Unknown: the long run's gain g, and steps d: g = worth[n] + up[n] d[n] - n/T d[n-1].
    matrix, right = np.zeros((most + 1, most + 1)), np.array([*worth, last])
    matrix[:, most] = 1.0
    for count in range(most + 1):
        if count < most:
            matrix[count, count] = -up_per_s[count]
        if count > 0:
            matrix[count, count - 1] = count / BURST_S
    solved: _Values = np.linalg.solve(matrix, right)
    return solved[:most]
