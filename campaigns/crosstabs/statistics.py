"""Statistics of shares: intervals, effective bases, differences. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

#: Two-sided 95 %. Source: NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.1.
Z_95 = 1.959963984540054
#: Columns with a smaller effective base are not compared: the normal approximation does not hold there.
#: Source: W. G. Cochran, "Sampling Techniques", 3rd edition, section 3.6.
LEAST_BASE = 30.0


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a share lies with 95 % confidence; 0..1."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Base:
    """Respondents behind a share: as they are, weighted, and how many unweighted ones these are worth."""

    count: int = 0
    weighted: float = 0.0
    squares: float = 0.0  #: sum of the squared weights

    @classmethod
    def of(cls, groups: Iterable[tuple[int, float]]) -> "Base":
        """Add groups of respondents up, each a count and the weight that each of them has."""
        kept = tuple(groups)
        return cls(
            sum(count for count, _ in kept),
            sum(count * weight for count, weight in kept),
            sum(count * weight * weight for count, weight in kept),
        )

    @property
    def effective(self) -> float:
        """Return Kish's effective base, (sum w)^2 / sum w^2; the count where all weights are equal.

        Source: L. Kish, "Survey Sampling" (1965), section 11.7.
        """
        return self.weighted**2 / self.squares if self.squares else 0.0

    @property
    def design_effect(self) -> float:
        """Return Kish's design effect of weighting, n sum w^2 / (sum w)^2; 1 or more.

        Source: L. Kish, "Weighting for Unequal Pi", Journal of Official Statistics 8 (1992).
        """
        effective = self.effective
        return max(1.0, self.count / effective) if effective else 1.0


def wilson(share: float, base: float, z: float = Z_95) -> Interval | None:
    """Return Wilson's score interval of a share; None of an empty base.

    Without continuity correction. With weights the base is the effective one.
    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.

    Args:
        share: 0..1.
        base: Respondents, 0 or more; need not be whole.
        z: Of the confidence.
    """
    if base <= 0:
        return None
    square = z * z
    middle = (share + square / (2 * base)) / (1 + square / base)
    spread = z * sqrt(share * (1 - share) / base + square / (4 * base * base)) / (1 + square / base)
    # Rounding must not push an end over the share itself, or out of 0..1.
    return Interval(max(0.0, min(share, middle - spread)), min(1.0, max(share, middle + spread)))


def z_of(one: float, one_base: float, other: float, other_base: float) -> float:
    """Return z of the difference of two independent shares, with the pooled variance; 0: none to be seen.

    Source: J. L. Fleiss, "Statistical Methods for Rates and Proportions", section 2.2.
    """
    if one_base <= 0 or other_base <= 0:
        return 0.0
    pooled = (one * one_base + other * other_base) / (one_base + other_base)
    variance = pooled * (1 - pooled) * (1 / one_base + 1 / other_base)
    return (one - other) / sqrt(variance) if variance > 0 else 0.0


def is_higher(one: float, one_base: float, other: float, other_base: float) -> bool:
    """Tell whether a share is higher than another with 95 % confidence, both bases large enough."""
    if min(one_base, other_base) < LEAST_BASE:
        return False
    return z_of(one, one_base, other, other_base) > Z_95
