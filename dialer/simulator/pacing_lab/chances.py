"""Distributions: draws in blocks, and the ring time's quantiles."""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dialer.simulator.pacing_lab.shapes import Duration, Law, Point, Ring

Floats = NDArray[np.float64]

_QUANTILES = 8192
_GRID = 4001


def durations(law: Duration, count: int, generator: np.random.Generator) -> Floats:
    """Return ``count`` independent times, seconds."""
    match law.law:
        case Law.LOG_NORMAL:
            variance = math.log1p(law.cv**2)
            return generator.lognormal(
                math.log(law.mean_s) - variance / 2, math.sqrt(variance), count
            )
        case Law.GAMMA:
            return generator.gamma(law.cv**-2, law.mean_s * law.cv**2, count)
        case Law.EXPONENTIAL:
            return generator.exponential(law.mean_s, count)
        case Law.FIXED:
            return np.full(count, law.mean_s)


def factor_at(points: tuple[Point, ...], hour: float) -> float:
    """Return what a mean is multiplied by at an hour; 1 without points."""
    if not points:
        return 1.0
    return float(np.interp(hour, [at for at, _ in points], [value for _, value in points]))


@cache
def ring_quantiles(ring: Ring, limit_s: float) -> Floats:
    """Return the time to answer at 8193 equidistant probabilities, truncated at the limit.

    The scale is searched for with which the truncated mean is the one that was asked for.
    """
    if ring.law is Law.FIXED:
        return np.full(_QUANTILES + 1, ring.mean_s)
    grid = np.linspace(0.0, limit_s - ring.least_s, _GRID)
    wanted = ring.mean_s - ring.least_s
    low, high = 1e-2, 1e4
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _mean(grid, ring, middle) < wanted else (low, middle)
    cumulative = _cumulative(grid, ring, math.sqrt(low * high))
    return ring.least_s + np.interp(np.linspace(0.0, 1.0, _QUANTILES + 1), cumulative, grid)


def _mean(grid: Floats, ring: Ring, scale_s: float) -> float:
    return float(np.trapezoid(1.0 - _cumulative(grid, ring, scale_s), grid))


def _cumulative(grid: Floats, ring: Ring, scale_s: float) -> Floats:
    """The distribution function on the grid, 1 at its end."""
    middles = (grid[1:] + grid[:-1]) / 2
    relative = middles / scale_s
    match ring.law:
        case Law.LOG_NORMAL:
            variance = math.log1p(ring.cv**2)
            logs = -(np.log(relative) ** 2) / (2 * variance) - np.log(relative)
        case Law.GAMMA:
            logs = (ring.cv**-2 - 1) * np.log(relative) - relative
        case Law.EXPONENTIAL | Law.FIXED:
            logs = -relative
    density = np.exp(logs - logs.max())
    cumulative = np.concatenate([[0.0], np.cumsum(density)])
    shares: Floats = cumulative / cumulative[-1]
    return shares
