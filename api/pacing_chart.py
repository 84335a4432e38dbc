"""The pacing of the last minutes as drawings: shapes for SVG, in its own units, without a browser."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10

from api.pacing_figures import Point

#: Size of a drawing; the page stretches it to whatever room there is.
WIDTH, HEIGHT = 900.0, 100.0
_STEPS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_SHARE_ROOM = 1.35  # times the ceiling, so that it is seen from both sides
_MOST_CEILINGS = 3.0  # above it the share is cut: one of two answers would flatten all else
_HEADROOM = 1.08  # times the highest share, so that its line is not on the edge
_GAP_STEPS = 2.5  # points further apart than so many steps are not joined

_Value = Callable[[Point], float | None]


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of a drawing."""

    kind: str  #: its class in the style sheet
    path: str  #: as the ``d`` of an SVG path; empty: there is nothing to draw


@dataclass(frozen=True, slots=True)
class Plot:
    """One drawing: shapes over time, and the value at its upper edge."""

    top: float
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The drawings of a panel; they share the time axis."""

    agents: Plot
    lines: Plot
    placed: Plot
    share: Plot


def draw(points: Sequence[Point], began_s: float, ended_s: float, step_s: float) -> Chart:
    """Return the drawings of what happened between two instants, ``step_s`` seconds a point."""
    frame = _Frame(points, began_s, ended_s, step_s)
    return Chart(_agents(frame), _lines(frame), _placed(frame), _share(frame))


def round_top(most: float) -> float:
    """Return a round number, 1 or more, that is not below ``most``: a scale's upper end."""
    if most <= 1:
        return 1.0
    power = 10.0 ** floor(log10(most))
    return next((step * power for step in _STEPS if step * power >= most), 10 * power)


class _Frame:
    """Points, and where they are on the drawing."""

    def __init__(
        self, points: Sequence[Point], began_s: float, ended_s: float, step_s: float
    ) -> None:
        self.points = [one for one in points if began_s - step_s < one.at_s <= ended_s]
        self._began_s, self._ended_s = began_s, ended_s
        self._step_s = step_s
        self.runs = self._joined()

    def _joined(self) -> list[list[Point]]:
        """Return points in runs without gaps: where nobody paced, nothing is drawn."""
        runs: list[list[Point]] = [[one] for one in self.points[:1]]
        for before, after in pairwise(self.points):
            if after.at_s - before.at_s > _GAP_STEPS * self._step_s:
                runs.append([])
            runs[-1].append(after)
        return runs

    def x(self, point: Point) -> float:
        """Return the left edge of a point."""
        return self._place(point.at_s)

    def right(self, point: Point) -> float:
        """Return the right edge of a point."""
        return self._place(point.at_s + self._step_s)

    def _place(self, at_s: float) -> float:
        share = (at_s - self._began_s) / (self._ended_s - self._began_s)
        return min(max(share, 0.0), 1.0) * WIDTH

    def most(self, value: _Value) -> float:
        """Return the highest value; 0 without any."""
        return max((value(one) or 0.0 for one in self.points), default=0.0)


def _agents(frame: _Frame) -> Plot:
    top = round_top(frame.most(lambda one: one.talking + one.wrapping + one.ready))
    talking = _band(frame, top, lambda _: 0.0, lambda one: one.talking)
    wrapping = _band(frame, top, lambda one: one.talking, lambda one: one.talking + one.wrapping)
    ready = _band(
        frame,
        top,
        lambda one: one.talking + one.wrapping,
        lambda one: one.talking + one.wrapping + one.ready,
    )
    return Plot(top, (Shape("talking", talking), Shape("wrapping", wrapping), Shape("free", ready)))


def _lines(frame: _Frame) -> Plot:
    top = round_top(max(frame.most(lambda one: one.ringing), frame.most(lambda one: one.waiting)))
    ringing = _band(frame, top, lambda _: 0.0, lambda one: one.ringing)
    waiting = _bars(frame, top, lambda one: one.waiting)
    return Plot(top, (Shape("ringing", ringing), Shape("waiting", waiting)))


def _placed(frame: _Frame) -> Plot:
    top = round_top(frame.most(lambda one: one.placed))
    return Plot(top, (Shape("placed", _bars(frame, top, lambda one: one.placed)),))


def _share(frame: _Frame) -> Plot:
    ceilings, shares = frame.most(lambda one: one.ceiling), frame.most(_cut_share)
    top = max(_SHARE_ROOM * ceilings, _HEADROOM * shares) or 1.0
    ceiling = _line(frame, top, lambda one: one.ceiling)
    return Plot(top, (Shape("ceiling", ceiling), Shape("share", _line(frame, top, _cut_share))))


def _cut_share(point: Point) -> float | None:
    if point.share is None or point.ceiling is None:
        return point.share
    return min(point.share, _MOST_CEILINGS * point.ceiling)


def _y(value: float, top: float) -> float:
    return HEIGHT * (1 - min(max(value / top, 0.0), 1.0))


def _band(frame: _Frame, top: float, low: _Value, high: _Value) -> str:
    """Return the area between two values, in steps: counts do not glide."""
    parts = []
    for run in frame.runs:
        above = [_stair(frame, one, _y(high(one) or 0.0, top)) for one in run]
        below = [_stair(frame, one, _y(low(one) or 0.0, top))[::-1] for one in reversed(run)]
        corners = [corner for pair in (*above, *below) for corner in pair]
        parts.append(f"{_outline(corners)}Z")
    return "".join(parts)


def _bars(frame: _Frame, top: float, value: _Value) -> str:
    bars = []
    for point in frame.points:
        y = _y(value(point) or 0.0, top)
        if y < HEIGHT:
            left, right = frame.x(point), frame.right(point)
            width = max((right - left) * 0.8, 1.0)
            bars.append(f"M{left:.4g} {HEIGHT:g}V{y:.4g}h{width:.4g}V{HEIGHT:g}Z")
    return "".join(bars)


def _line(frame: _Frame, top: float, value: _Value) -> str:
    parts = []
    for run in frame.runs:
        known = [(one, found) for one in run if (found := value(one)) is not None]
        corners = [corner for one, at in known for corner in _stair(frame, one, _y(at, top))]
        if corners:
            parts.append(_outline(corners))
    return "".join(parts)


def _stair(frame: _Frame, point: Point, y: float) -> list[tuple[float, float]]:
    return [(frame.x(point), y), (frame.right(point), y)]


def _outline(corners: Sequence[tuple[float, float]]) -> str:
    """Return a path through the corners in as few letters as it takes: pages ask every few seconds."""
    (left, top), steps = corners[0], list[tuple[str, str]]()
    x, y = f"{left:.4g}", f"{top:.4g}"
    started = f"M{x} {y}"
    for at_x, at_y in corners[1:]:
        to_x, to_y = f"{at_x:.4g}", f"{at_y:.4g}"
        if to_y == y and steps and steps[-1][0] == "H":
            steps[-1] = ("H", to_x)
        elif to_y == y:
            steps.append(("H", to_x))
        elif to_x == x:
            steps.append(("V", to_y))
        else:
            steps.append(("L", f"{to_x} {to_y}"))
        x, y = to_x, to_y
    return started + "".join(letter + to for letter, to in steps)
