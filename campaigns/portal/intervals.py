"""What a sample says of all results: the exact confidence interval of a share in a finite population. Pure.

Source: T. Wright, "Exact Confidence Bounds when Sampling from Small Finite Universes", 1991: the counts under
which what was seen is not too unlikely by the hypergeometric distribution.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, lgamma


@dataclass(frozen=True, slots=True)
class Estimate:
    """The share of bad results in the sample, and between which shares it is in the population."""

    bad: int
    judged: int
    population: int
    low: float  #: 0..1
    high: float  #: 0..1

    @property
    def share(self) -> float:
        """Return the share in the sample, 0..1."""
        return self.bad / self.judged if self.judged else 0.0


def estimated(bad: int, judged: int, population: int, confidence: float = 0.95) -> Estimate:
    """Return the estimate; nothing judged: anything between none and all.

    Raises:
        ValueError: more bad than judged, or more judged than there are.
    """
    if not 0 <= bad <= judged <= population:
        raise ValueError("bad <= judged <= population")
    if judged == 0:
        return Estimate(0, 0, population, 0.0, 1.0)
    tail = (1 - confidence) / 2
    fewest, most = bad, population - (judged - bad)
    low = _first(fewest, most, lambda all_bad: _at_least(bad, judged, all_bad, population) > tail)
    high = (
        _first(fewest, most + 1, lambda all_bad: _at_most(bad, judged, all_bad, population) <= tail)
        - 1
    )
    return Estimate(bad, judged, population, low / population, high / population)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the first number from ``low`` for which a test holds that holds ever after, else ``high``."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _at_most(bad: int, judged: int, all_bad: int, population: int) -> float:
    """Return how likely so many bad ones or fewer are in a sample."""
    return sum(_chance(one, judged, all_bad, population) for one in range(bad + 1))


def _at_least(bad: int, judged: int, all_bad: int, population: int) -> float:
    most = min(judged, all_bad)
    return sum(_chance(one, judged, all_bad, population) for one in range(bad, most + 1))


def _chance(bad: int, judged: int, all_bad: int, population: int) -> float:
    """Return the hypergeometric probability of exactly so many."""
    good = population - all_bad
    if bad > all_bad or judged - bad > good:
        return 0.0
    return exp(
        _log_choose(all_bad, bad)
        + _log_choose(good, judged - bad)
        - _log_choose(population, judged)
    )


def _log_choose(many: int, few: int) -> float:
    return lgamma(many + 1) - lgamma(few + 1) - lgamma(many - few + 1)
