"""The best any controller could do where every duration is exponential, computed exactly.

The state is (free agents minus people waiting, calls that ring); a decision adds calls and takes none
back. The most utilisation with at most a given share abandoned is a constrained Markov decision
problem: price the abandoned people, find the best policy for the price by policy iteration, then find
the price at which the constraint just holds. There two policies tie, one above the ceiling and one
below it, and the optimum is taking turns between them.
"""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from dialer.simulator.pacing_lab.exponential_chain import Chain, ExponentialWorld, Outcome

#: utilisation by which the answer may fall short of the true optimum
_GAP = 1e-8
#: a better action must be better by this much of the spread of values, else rounding would decide
_TIE = 1e-9
#: prices by service time, in abandoned people an agent could have served: the first one tried (about
#: where the optimum lies), and one at which a ceiling that still holds does not bind at all
_DEAR = 2.0
_CHEAP = 1e-3
#: bounds of the two searches; both end by themselves, mostly within ten rounds
_MOST_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best policy and what it reaches."""

    utilisation: float  #: 0..1
    abandoned_share: float  #: 0..1, of the people who answered
    price: float  #: utilisation per unit of the constraint; 0: the ceiling does not bind
    most_waiting: int
    careful: tuple[int, ...]  #: calls to have in flight, for free - waiting = -most_waiting..agents
    bold: tuple[int, ...]  #: the same for the policy above the ceiling
    bold_share: float  #: 0..1, of the time that the bold policy has


def exact_optimum(
    world: ExponentialWorld,
    target_rate: float = 0.03,
    most_waiting: int | None = None,
    most_ringing: int | None = None,
) -> Optimum:
    """Return the highest utilisation with at most ``target_rate`` of the people abandoned.

    Args:
        world: agents, answer rate and mean durations.
        target_rate: ceiling on abandoned / answered, between 0 and 1.
        most_waiting: queue beyond which a person is lost at once; None: long enough not to matter.
        most_ringing: lines; None: more than the optimum wants.

    Takes a second for 25 agents and some ten for 100, with one thread for linear algebra.

    Raises:
        ValueError: the ceiling or a limit is out of its range.
    """
    if not 0.0 < target_rate < 1.0:
        raise ValueError("the abandoned share must lie between 0 and 1")
    waiting = _queue_limit(world) if most_waiting is None else most_waiting
    ringing = _line_limit(world) if most_ringing is None else most_ringing
    chain = Chain(world, target_rate, waiting, ringing)
    careful = chain.evaluate(chain.progressive())
    bold, price = _first_bold(chain, careful)
    if bold.excess <= 0.0:
        return _mixed(world, waiting, bold, bold, price)
    for _ in range(_MOST_ROUNDS):
        price = (bold.utilisation - careful.utilisation) / (bold.excess - careful.excess)
        best = _best_for(chain, price, bold)
        if best.worth(price) - careful.worth(price) < _GAP:
            break
        careful, bold = (best, bold) if best.excess <= 0.0 else (careful, best)
    return _mixed(world, waiting, careful, bold, price)


def _first_bold(chain: Chain, start: Outcome) -> tuple[Outcome, float]:
    """Return the best policy at the first price that is low enough to break the ceiling.

    Much lower prices are avoided: they lead through policies that hardly ever leave an agent free,
    which take many rounds and whose equations lose digits.
    """
    price, best = _DEAR * chain.world.service_s, start
    while price > _CHEAP * chain.world.service_s:
        best = _best_for(chain, price, best)
        if best.excess > 0.0:
            return best, price
        price /= 4.0
    return _best_for(chain, 0.0, best), 0.0


def _best_for(chain: Chain, price: float, start: Outcome) -> Outcome:
    """Return the best policy at a price for the excess, by policy iteration from ``start``."""
    now = start
    for _ in range(_MOST_ROUNDS):
        policy = _improved(now, price)
        if np.array_equal(policy, now.policy):
            break
        now = chain.evaluate(policy)
    return now


def _improved(now: Outcome, price: float) -> NDArray[np.intp]:
    """Return the policy that jumps to the best number of calls at hand, the present one in a tie."""
    values = now.busy_values - price * now.excess_values
    backwards = values[:, ::-1]
    last = values.shape[1] - 1
    best = np.maximum.accumulate(backwards, axis=1)
    places = np.where(backwards >= best, np.arange(last + 1), 0)
    choice = (last - np.maximum.accumulate(places, axis=1))[:, ::-1]
    margin = np.take_along_axis(values, choice, 1) - np.take_along_axis(values, now.policy, 1)
    keep = margin <= _TIE * np.ptp(values)
    return np.where(keep, now.policy, choice).astype(np.intp)


def _mixed(
    world: ExponentialWorld, waiting: int, careful: Outcome, bold: Outcome, price: float
) -> Optimum:
    """Return the two policies taking turns so that the ceiling is just met."""
    between = bold.excess - careful.excess
    share = -careful.excess / between if between > 0.0 else 0.0
    utilisation = (1.0 - share) * careful.utilisation + share * bold.utilisation
    lost_per_s = (1.0 - share) * careful.lost_per_s + share * bold.lost_per_s
    served_per_s = utilisation * world.agents / world.service_s
    return Optimum(
        utilisation=utilisation,
        abandoned_share=lost_per_s / (lost_per_s + served_per_s),
        price=price,
        most_waiting=waiting,
        careful=tuple(int(calls) for calls in careful.policy[:, 0]),
        bold=tuple(int(calls) for calls in bold.policy[:, 0]),
        bold_share=share,
    )


def _queue_limit(world: ExponentialWorld) -> int:
    """Return a queue length that an optimal policy practically never sees."""
    return 3 + ceil(2.0 * sqrt(world.agents * world.patience_s / world.service_s))


def _line_limit(world: ExponentialWorld) -> int:
    """Return more ringing calls than an optimal policy wants in any likely state.

    The limit costs 0.0003 of utilisation at most (50 agents, answer rate 0.1), mostly nothing, and
    keeps the matrices of 25 agents below the size at which a linear algebra library starts threads,
    which fight over cores that are busy otherwise.
    """
    kept_busy = world.agents * world.ring_s / (world.service_s * world.answer_rate)
    wanted = ceil(kept_busy + 4.0 * sqrt(kept_busy) + 2.5 / world.answer_rate + 4.0)
    return max(world.agents, wanted)
