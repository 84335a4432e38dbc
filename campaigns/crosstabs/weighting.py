"""Weights: the sample is made to look as the targets say, by cells or by raking. Pure.

One margin is cell weighting (post-stratification): each cell's factor is its target over its share. With
several margins each is fitted in turn until all hold. Who has no value of a margin keeps the factor.
Sources: W. E. Deming and F. F. Stephan, Annals of Mathematical Statistics 11 (1940), 427-444 (raking);
D. Holt and T. M. F. Smith, Journal of the Royal Statistical Society A 142 (1979), 33-46 (cells).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from campaigns.crosstabs.respondents import Alike
from dialer.errors import Invalid

MOST_ROUNDS = 200
#: A margin holds when no cell is further from its target, as a share of all.
CLOSE_ENOUGH = 1e-9
#: After trimming, margins are fitted again so often; what is left over is told.
TRIMMING_ROUNDS = 50


class WeightingReason(StrEnum):
    """Why nothing can be weighted so."""

    CELL_EMPTY = "target_cell_empty"  #: a target, and nobody to give the weight to
    NO_TARGET = "cell_without_target"  #: respondents of whom no target speaks
    NO_AGREEMENT = "targets_disagree"  #: the margins cannot hold together
    SEVERAL_ANSWERS = "target_of_several_answers"  #: one respondent would be in several cells
    NOBODY = "nobody_to_weight"


class CannotWeight(Invalid):
    """The targets and the sample do not fit together; ``facts`` name the cell."""

    code = "cannot_weight"
    message = "The sample cannot be weighted to these targets."

    def __init__(self, reason: WeightingReason, cell: str = "") -> None:
        """Keep why, and at which cell."""
        self.reason, self.cell = reason, cell
        super().__init__(reason=reason.value, cell=cell)


Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Margin:
    """What the sample should look like by some variables."""

    places: tuple[int, ...]  #: of the variables in ``Alike.said``
    names: tuple[str, ...]  #: of the same, for refusals
    shares: Mapping[Key, float]  #: of each cell, 0..1; they add up to 1

    def cell_of(self, one: Alike) -> Key | None:
        """Return the cell of respondents; None: one of the variables has no value."""
        key = tuple(one.said[place].values[:1] for place in self.places)
        return tuple(value[0] for value in key) if all(key) else None

    def words(self, cell: Key) -> str:
        """Return a cell as people write it."""
        return ", ".join(f"{name} = {code}" for name, code in zip(self.names, cell, strict=True))


@dataclass(frozen=True, slots=True)
class Limits:
    """Between what weights are kept, with 1 as their mean."""

    least: float = 0.2
    most: float = 5.0


@dataclass(frozen=True, slots=True)
class Weighted:
    """Respondents with their weights; the mean weight is 1."""

    respondents: tuple[Alike, ...]
    trimmed: int  #: respondents whose weight stands at a limit
    off_by: float  #: the furthest that a cell is from its target after trimming, as a share


def weigh(respondents: Sequence[Alike], margins: Sequence[Margin], limits: Limits) -> Weighted:
    """Return respondents with weights that fit all margins, within limits.

    Raises:
        CannotWeight: a target's cell is empty, a cell has no target, or the margins never agree.
    """
    total = sum(one.count for one in respondents)
    if not total:
        raise CannotWeight(WeightingReason.NOBODY)
    cells = [[margin.cell_of(one) for one in respondents] for margin in margins]
    for margin, keys in zip(margins, cells, strict=True):
        _check(margin, keys)
    counts = [one.count for one in respondents]
    weights = [1.0] * len(counts)
    if not _fit(weights, counts, margins, cells):
        raise CannotWeight(WeightingReason.NO_AGREEMENT)
    for _ in range(TRIMMING_ROUNDS):
        if not _trim(weights, counts, limits):
            break
        _fit(weights, counts, margins, cells)
    _trim(weights, counts, limits)
    ends = (limits.least * 1.000001, limits.most * 0.999999)
    trimmed = sum(
        count
        for weight, count in zip(weights, counts, strict=True)
        if not ends[0] < weight < ends[1]
    )
    off = max(
        (_off(weights, counts, *pair) for pair in zip(margins, cells, strict=True)), default=0
    )
    kept = tuple(
        Alike(one.said, one.count, weight) for one, weight in zip(respondents, weights, strict=True)
    )
    return Weighted(kept, trimmed, off)


def _check(margin: Margin, keys: Sequence[Key | None]) -> None:
    there = {key for key in keys if key is not None}
    for cell, share in margin.shares.items():
        if share > 0 and cell not in there:
            raise CannotWeight(WeightingReason.CELL_EMPTY, margin.words(cell))
    for cell in sorted(there):
        if margin.shares.get(cell, 0) <= 0:
            raise CannotWeight(WeightingReason.NO_TARGET, margin.words(cell))


def _sums(
    weights: Sequence[float], counts: Sequence[int], keys: Sequence[Key | None]
) -> tuple[dict[Key, float], float]:
    """Return the weight of each cell, and of all who are in one."""
    sums: dict[Key, float] = {}
    for weight, count, key in zip(weights, counts, keys, strict=True):
        if key is not None:
            sums[key] = sums.get(key, 0.0) + weight * count
    return sums, sum(sums.values())


def _off(
    weights: Sequence[float], counts: Sequence[int], margin: Margin, keys: Sequence[Key | None]
) -> float:
    sums, total = _sums(weights, counts, keys)
    return max(abs(sums[cell] / total - margin.shares[cell]) for cell in sums)


def _fit(
    weights: list[float],
    counts: Sequence[int],
    margins: Sequence[Margin],
    cells: Sequence[Sequence[Key | None]],
) -> bool:
    """Fit each margin in turn until all hold; False: they do not come to agree."""
    for _ in range(MOST_ROUNDS):
        for margin, keys in zip(margins, cells, strict=True):
            sums, total = _sums(weights, counts, keys)
            factors = {cell: margin.shares[cell] * total / sums[cell] for cell in sums}
            for at, key in enumerate(keys):
                if key is not None:
                    weights[at] *= factors[key]
        worst = max(_off(weights, counts, *pair) for pair in zip(margins, cells, strict=True))
        if worst <= CLOSE_ENOUGH:
            return True
    return False


def _trim(weights: list[float], counts: Sequence[int], limits: Limits) -> bool:
    """Bring weights within the limits, their mean to 1; True: some were outside.

    What trimming takes is given to those who have room for it, and the other way round.
    """
    total = sum(counts)
    scale = total / sum(weight * count for weight, count in zip(weights, counts, strict=True))
    weights[:] = [weight * scale for weight in weights]
    outside = any(not limits.least <= weight <= limits.most for weight in weights)
    for _ in range(MOST_ROUNDS):
        weights[:] = [min(max(weight, limits.least), limits.most) for weight in weights]
        pairs = list(zip(weights, counts, strict=True))
        rest = total - sum(weight * count for weight, count in pairs)
        if abs(rest) <= CLOSE_ENOUGH * total:
            break
        room = [weight < limits.most if rest > 0 else weight > limits.least for weight in weights]
        free = sum(weight * count for (weight, count), has in zip(pairs, room, strict=True) if has)
        factor = max(0.0, 1 + rest / free)
        weights[:] = [
            weight * factor if has else weight for weight, has in zip(weights, room, strict=True)
        ]
    return outside
