"""What dialling without looking could reach: people arrive at random, whoever is free takes them.

A dialler that places calls at a constant rate and watches nothing offers its agents a Poisson stream
of people. That is the queue M/M/N with impatient customers (Erlang A), solved here exactly.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

#: states beyond the point where each is half as likely as the one before: 2**-70 is left out
_TAIL_STATES = 70


@dataclass(frozen=True, slots=True)
class QueueShares:
    """How a queue does in the long run. Both are shares, 0..1."""

    utilisation: float  #: of the agents' time
    abandoned_share: float  #: of the people who arrive


def impatient_queue(
    agents: int, arrivals_per_s: float, service_s: float, patience_s: float = 2.0
) -> QueueShares:
    """Return what the queue M/M/N with exponential patience does.

    Args:
        agents: 1 and more.
        arrivals_per_s: people who answer, a second; above 0.
        service_s: mean of talk and wrap-up together.
        patience_s: mean time a person waits before hanging up.

    Raises:
        ValueError: an argument is out of its range.

    Source: C. Palm, "Research on telephone traffic carried by full availability groups" (1957).
    """
    if agents < 1 or min(arrivals_per_s, service_s, patience_s) <= 0.0:
        raise ValueError("a queue needs agents, arrivals, a service time and a patience above 0")
    most = agents + _longest_queue(agents / service_s, arrivals_per_s, patience_s)
    people = np.arange(most + 1, dtype=np.float64)
    busy = np.minimum(people, agents)
    leaving_per_s = busy / service_s + (people - busy) / patience_s
    # In logarithms: the weights of 300 agents would overflow.
    log_weight = np.zeros(most + 1)
    log_weight[1:] = np.cumsum(np.log(arrivals_per_s / leaving_per_s[1:]))
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    waiting = float(weight @ (people - busy))
    return QueueShares(
        utilisation=float(weight @ busy) / agents,
        abandoned_share=waiting / patience_s / arrivals_per_s,
    )


def blind_utilisation(
    agents: int, service_s: float, patience_s: float = 2.0, target_rate: float = 0.03
) -> float:
    """Return the utilisation, 0..1, at which ``target_rate`` of the people are abandoned.

    Raises:
        ValueError: an argument is out of its range.
    """
    if not 0.0 < target_rate < 1.0:
        raise ValueError("the abandoned share must lie between 0 and 1")
    # So many arrivals that even agents without a pause would leave more than the target unserved.
    high_per_s = 2.0 * agents / service_s / (1.0 - target_rate)
    low_per_s = 0.0
    for _ in range(60):
        middle_per_s = (low_per_s + high_per_s) / 2.0
        shares = impatient_queue(agents, middle_per_s, service_s, patience_s)
        if shares.abandoned_share > target_rate:
            high_per_s = middle_per_s
        else:
            low_per_s = middle_per_s
    return impatient_queue(agents, high_per_s, service_s, patience_s).utilisation


def _longest_queue(served_per_s: float, arrivals_per_s: float, patience_s: float) -> int:
    """Return a queue so long that a longer one does not matter."""
    halving = ceil(max(0.0, 2.0 * arrivals_per_s - served_per_s) * patience_s)
    return halving + _TAIL_STATES
