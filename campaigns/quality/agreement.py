"""How far two reviewers agree who scored the same calls blind. Pure.

Distances are linear: two answers of a scale of four points that are one point apart are 0.25 apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from campaigns.quality.scorecard import Answers, Sheet


class Pair(NamedTuple):
    """Two answers to one question about one call: shares of its scale; None: does not apply."""

    first: Fraction | None
    second: Fraction | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far pairs of answers agree."""

    pairs: int
    same: float  #: share of equal answers, 0..1
    near: float  #: 1 - mean distance, 0..1
    kappa: float | None  #: -1..1, linear weights; None: too little to tell from chance


def pairs_of(sheet: Sheet, first: Answers, second: Answers) -> dict[str, Pair]:
    """Return the two reviewers' answers by question."""
    return {
        item.code: Pair(
            _share(first.get(item.code), item.points), _share(second.get(item.code), item.points)
        )
        for item in sheet.items
    }


def _share(points: int | None, most: int) -> Fraction | None:
    return None if points is None else Fraction(points, most)


def distance(first: Fraction | None, second: Fraction | None) -> Fraction:
    """Return how far two answers are apart, 0..1; "does not apply" is as far from any other as can be."""
    if first is None or second is None:
        return Fraction(first is not second)
    return abs(first - second)


def agreement(pairs: Sequence[Pair]) -> Agreement | None:
    """Return how far two reviewers agree; None without a pair.

    Kappa is 1 - observed distance / distance expected by chance, where chance pairs every answer of the
    first with every answer of the second. Source: J. Cohen, "Weighted kappa", Psychological Bulletin
    70 (1968), 213-220, with linear weights.
    """
    if not pairs:
        return None
    count = len(pairs)
    observed = sum((distance(*pair) for pair in pairs), Fraction(0)) / count
    by_chance = _mean(distance(one.first, two.second) for one in pairs for two in pairs)
    same = sum(pair.first == pair.second for pair in pairs) / count
    # Of one pair chance and fact are the same thing.
    kappa = float(1 - observed / by_chance) if by_chance and count > 1 else None
    return Agreement(count, same, float(1 - observed), kappa)


def _mean(distances: Iterable[Fraction]) -> Fraction:
    found = list(distances)
    return sum(found, Fraction(0)) / len(found)
