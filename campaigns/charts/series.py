"""Values over time: bars or lines over one axis, one below the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from campaigns.charts.drawing import FONT, Drawing, Mark, Shape, label, line, rect
from campaigns.charts.scales import Bands, Scale, scale_to

_ROOM = 52.0  # for the figures of the scale
_PLOT = 120.0
_BETWEEN = 40.0
_FOOT = 26.0
_LABEL_ROOM = 62.0


@dataclass(frozen=True, slots=True)
class Spot:
    """One value."""

    value: float | None  #: None: unknown, nothing is drawn
    says: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values, with the scale's own words."""

    name: str
    spots: tuple[Spot, ...]
    figure: Callable[[float], str]  #: how the scale says a value
    is_line: bool = False
    ceiling: float | None = None  #: a line across: the most that may be
    whole: bool = False  #: counts


def over_time(name: str, times: Sequence[str], plots: Sequence[Series], *, width: float) -> Drawing:
    """Draw each series in a plot of its own; the plots share the axis of times."""
    bands = Bands(len(times), _ROOM, width - 4, gap=0.2)
    marks: list[Mark] = []
    y = 0.0
    for one in plots:
        marks.append(label("strong", 0, y + FONT, one.name, room=width))
        marks += _plot(one, bands, y + FONT * 2.2, width)
        y += FONT * 2.2 + _PLOT + _BETWEEN
    foot = y - _BETWEEN + FONT * 1.6
    marks += [
        label("quiet", bands.middle(n), foot, times[n], anchor="middle")
        for n in bands.labelled(_LABEL_ROOM)
    ]
    return Drawing(name, width, y - _BETWEEN + _FOOT, tuple(marks))


def _plot(one: Series, bands: Bands, y: float, width: float) -> list[Mark]:
    values = [spot.value for spot in one.spots if spot.value is not None]
    most = max([*values, one.ceiling or 0.0], default=0.0)
    scale = scale_to(most, y + _PLOT, y, ticks=3, whole=one.whole)
    marks: list[Mark] = []
    for tick in scale.ticks:
        at = scale.at(tick)
        marks.append(line("grid", bands.start, at, width - 4, at))
        said = one.figure(tick)
        marks.append(label("quiet", _ROOM - 6, at + FONT * 0.35, said, anchor="end"))
    if one.is_line:
        marks.append(Mark(Shape.PATH, "line", {"d": path_of(one.spots, bands, scale)}))
    for n, spot in enumerate(one.spots):
        if spot.value is not None:
            marks += _spot(one, spot, bands, n, scale)
    if one.ceiling is not None:
        at = scale.at(one.ceiling)
        marks.append(line("ceiling", bands.start, at, width - 4, at))
    return marks


def _spot(one: Series, spot: Spot, bands: Bands, n: int, scale: Scale) -> list[Mark]:
    value = spot.value or 0.0
    top = scale.at(value)
    if not one.is_line:
        height = max(scale.start - top, 1.5) if value else 0.0
        x = bands.at(n)
        look, says, href = "fill", spot.says, spot.href
        bar = rect(look, x, scale.start - height, bands.width, height, says=says, href=href)
        return [bar] if height else []
    over = one.ceiling is not None and value > one.ceiling
    look, radius = ("dot over", 5.0) if over else ("dot", 3.5)
    at: dict[str, float | str] = {"cx": bands.middle(n), "cy": top, "r": radius}
    return [Mark(Shape.CIRCLE, look, at, says=spot.says, href=spot.href)]


def path_of(spots: Sequence[Spot], bands: Bands, scale: Scale) -> str:
    """Return a line through the known values; it is broken where one is unknown."""
    parts: list[str] = []
    pen_down = False
    for n, spot in enumerate(spots):
        if spot.value is None:
            pen_down = False
            continue
        parts.append(f"{'L' if pen_down else 'M'}{bands.middle(n):.5g} {scale.at(spot.value):.5g}")
        pen_down = True
    return "".join(parts)
