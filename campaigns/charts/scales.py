"""Scales: round ends, ticks, and where a value lies."""

from dataclasses import dataclass
from math import ceil, floor, log10

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
#: What is less is nothing.
_LEAST = 1e-9


def round_step(span: float, ticks: int) -> float:
    """Return a round distance between ticks, so that about ``ticks`` of them cover a span above 0."""
    rough = span / max(ticks, 1)
    power = 10.0 ** floor(log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from 0 to ``top``, drawn from ``start`` to ``end``."""

    top: float
    start: float
    end: float
    ticks: tuple[float, ...] = ()

    def at(self, value: float) -> float:
        """Return where a value is drawn; one beyond the scale is drawn at its end."""
        share = min(max(value / self.top, 0.0), 1.0) if self.top else 0.0
        return self.start + (self.end - self.start) * share


def scale_to(
    most: float, start: float, end: float, *, ticks: int = 4, whole: bool = False
) -> Scale:
    """Return a scale whose top is round and not below ``most``.

    Args:
        most: The highest value, 0 or more.
        start: Where 0 is drawn.
        end: Where the top is drawn.
        ticks: About so many.
        whole: Counts have no ticks between whole numbers.
    """
    step = round_step(most if most > _LEAST else 1.0, ticks)
    if whole:
        step = max(ceil(step), 1)
    count = max(ceil(most / step - 1e-9), 1)
    # Rounding of tiny steps may fall short by the last bit.
    return Scale(max(count * step, most), start, end, tuple(n * step for n in range(count + 1)))


@dataclass(frozen=True, slots=True)
class Bands:
    """Places of equal width side by side."""

    count: int
    start: float
    end: float
    gap: float = 0.0  #: share of a place that stays empty, 0..1

    @property
    def step(self) -> float:
        """Return the width of a place with its gap."""
        return (self.end - self.start) / max(self.count, 1)

    @property
    def width(self) -> float:
        """Return the width of a place."""
        return self.step * (1 - self.gap)

    def at(self, index: int) -> float:
        """Return where a place begins."""
        return self.start + self.step * (index + self.gap / 2)

    def middle(self, index: int) -> float:
        """Return the middle of a place."""
        return self.start + self.step * (index + 0.5)

    def labelled(self, room: float) -> range:
        """Return which places get a label, when each label takes ``room``."""
        every = max(ceil(room / self.step), 1) if self.step else 1
        return range(0, self.count, every)
