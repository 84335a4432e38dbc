"""What somebody did through a day: one row a person, a block for each state."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from campaigns.charts.drawing import FONT, Drawing, Mark, label, line, rect

_ROW = 30.0
_BLOCK = 22.0
_HOUR_S = 3600
_Place = Callable[[float], float]
_LABEL_ROOM = 46.0
#: A second sign beside the colour: how much of the row's height a state fills.
HEIGHTS: Mapping[str, float] = {
    **{"on_call": 1.0, "wrap_up": 0.7, "ready": 0.35, "paused": 1.0},
    **{"previewing": 0.5, "dialing": 0.5, "reserved": 0.5, "connecting": 0.2},
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some time in one state, seconds from the drawing's zero."""

    state: str
    from_s: float
    to_s: float
    mostly: bool = False  #: shorter states between are painted over

    @property
    def seconds(self) -> float:
        """Return its length."""
        return self.to_s - self.from_s


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch with its words."""

    stretch: Stretch
    says: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """One person's day."""

    name: str
    blocks: tuple[Block, ...]


def coarse(stretches: Sequence[Stretch], slot_s: float) -> list[Stretch]:
    """Return the state that lasted longest in each slot of time; neighbours of one state are one stretch.

    Time in which nothing is known stays empty: a slot is as long as what is known of it.
    """
    spent: dict[int, dict[str, float]] = {}
    edges: dict[int, tuple[float, float]] = {}
    for one in stretches:
        slot = int(one.from_s // slot_s)
        while slot * slot_s < one.to_s:
            since, until = max(one.from_s, slot * slot_s), min(one.to_s, (slot + 1) * slot_s)
            states = spent.setdefault(slot, {})
            states[one.state] = states.get(one.state, 0.0) + until - since
            first, last = edges.get(slot, (since, until))
            edges[slot] = (min(first, since), max(last, until))
            slot += 1
    found = [
        Stretch(max(states, key=lambda state: states[state]), *edges[slot], mostly=True)
        for slot, states in sorted(spent.items())
    ]
    return _joined(found)


def _joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for one in stretches:
        last = joined[-1] if joined else None
        if last is not None and last.state == one.state and last.to_s == one.from_s:
            joined[-1] = Stretch(one.state, last.from_s, one.to_s, last.mostly or one.mostly)
        else:
            joined.append(one)
    return joined


def seconds_by_state(stretches: Sequence[Stretch]) -> dict[str, float]:
    """Return the time in each state."""
    ordered = sorted(stretches, key=lambda one: one.state)
    groups = groupby(ordered, key=lambda one: one.state)
    return {state: sum(one.seconds for one in group) for state, group in groups}


def timeline(
    name: str, tracks: Sequence[Track], from_s: float, to_s: float, *, width: float, room: float
) -> Drawing:
    """Draw the time from ``from_s`` to ``to_s``, hours of the clock marked; ``room``: for names.

    Where there is no room beside a row, its name stands above it (``room`` 0).
    """
    row = _ROW if room else _ROW + FONT * 1.4
    head = FONT * 1.8
    bottom = head + row * len(tracks)
    marks: list[Mark] = []

    def place(at_s: float) -> float:
        share = (min(max(at_s, from_s), to_s) - from_s) / (to_s - from_s)
        return room + (width - room - 1) * share

    per_hour = place(from_s + _HOUR_S) - place(from_s)
    every = next(n for n in (1, 2, 3, 4, 6, 12, 24) if n * per_hour >= _LABEL_ROOM or n == 24)
    for hour in range(int(-(-from_s // _HOUR_S)), int(to_s // _HOUR_S) + 1):
        x = place(hour * _HOUR_S)
        marks.append(line("grid", x, head - 4, x, bottom))
        if hour % every == 0 and x + _LABEL_ROOM / 2 <= width:
            marks.append(
                label("quiet", x, FONT, f"{hour % 24:02}:00", anchor="middle" if x else "")
            )
    for n, track in enumerate(tracks):
        y = head + n * row
        marks.append(label("strong", 0, y + FONT * 1.5, track.name, room=(room or width) - 6))
        floor = y + row - (_ROW - _BLOCK) / 2
        marks += [_block(one, place, floor) for one in track.blocks]
    return Drawing(name, width, bottom, tuple(marks))


def _block(one: Block, place: _Place, floor: float) -> Mark:
    left, right = place(one.stretch.from_s), place(one.stretch.to_s)
    height = _BLOCK * HEIGHTS.get(one.stretch.state, 0.5)
    look = f"state-{one.stretch.state}"
    return rect(
        look, left, floor - height, max(right - left, 0.5), height, says=one.says, href=one.href
    )
