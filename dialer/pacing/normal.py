"""The chance that nobody is free, from three moments: a normal tail with its skewness corrected."""

from math import erf, exp, pi, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEPS = 512  # table rows per standard deviation: an error below 0.0004 in the chance
_REACH = 8.0  # standard deviations to each side; beyond it the chance is 0 or 1
_LEAST_VARIANCE = 1e-6


def _table() -> tuple[Floats, Floats]:
    z = np.arange(-_REACH * _STEPS, _REACH * _STEPS + 1) / _STEPS
    below = np.array([0.5 * (1 + erf(x / sqrt(2))) for x in z])
    skew = np.array([(x * x - 1) * exp(-x * x / 2) / (6 * sqrt(2 * pi)) for x in z])
    return below, skew


_BELOW, _SKEW = _table()
_ROWS = len(_BELOW) - 1


def nobody_free(mean: Floats, variance: Floats, third: Floats) -> Floats:
    """Return P(X <= 0) for a count X with these central moments, element by element.

    One term of Cornish and Fisher's expansion mends the skewness, and half a person the step from
    a count to a continuous variable.

    Source: Edgeworth expansion, e.g. Feller, An Introduction to Probability Theory, vol. 2, XVI.4.
    """
    variance = np.maximum(variance, _LEAST_VARIANCE)
    deviation = np.sqrt(variance)
    z = (0.5 - mean) / deviation
    row = np.minimum(np.maximum(z * _STEPS + (_REACH * _STEPS + 0.5), 0.0), _ROWS).astype(np.intp)
    chance = _BELOW[row] - third / (variance * deviation) * _SKEW[row]
    return np.minimum(np.maximum(chance, 0.0), 1.0)
