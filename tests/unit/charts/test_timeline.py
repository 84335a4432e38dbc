"""Days of agents as blocks: nothing is lost, nothing overlaps, and coarse ones keep the time."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.charts.drawing import Shape
from campaigns.charts.timeline import (
    HEIGHTS,
    Block,
    Stretch,
    Track,
    coarse,
    seconds_by_state,
    timeline,
)
from dialer.agent.states import AgentState

_STATES = ("on_call", "wrap_up", "ready", "paused")


@st.composite
def days(draw: st.DrawFn) -> list[Stretch]:
    """A day without gaps: states one after the other."""
    at = float(draw(st.integers(0, 5000)))
    found = []
    for length in draw(st.lists(st.integers(1, 900), min_size=1, max_size=60)):
        found.append(Stretch(draw(st.sampled_from(_STATES)), at, at + length))
        at += length
    return found


@given(day=days(), slot_s=st.sampled_from([60, 300, 900]))
def test_coarse_days_last_as_long_and_are_in_order(day: list[Stretch], slot_s: int) -> None:
    found = coarse(day, slot_s)
    assert sum(one.seconds for one in found) == pytest.approx(sum(one.seconds for one in day))
    assert all(a.to_s <= b.from_s for a, b in pairwise(found))
    assert all(a.state != b.state or a.to_s != b.from_s for a, b in pairwise(found))
    assert len(found) <= (day[-1].to_s - day[0].from_s) / slot_s + 2


def test_the_longest_state_of_a_slot_is_painted() -> None:
    day = [Stretch("on_call", 0, 200), Stretch("ready", 200, 290), Stretch("ready", 290, 400)]
    first, second = coarse(day, 300)
    assert (first.state, first.from_s, first.to_s) == ("on_call", 0, 300)
    assert (second.state, second.mostly) == ("ready", True)
    assert seconds_by_state(day) == {"on_call": 200, "ready": 200}


@given(day=days(), width=st.sampled_from([330.0, 1000.0]))
def test_blocks_lie_within_the_drawing_one_after_the_other(
    day: list[Stretch], width: float
) -> None:
    room = 150.0 if width > 600 else 0.0
    blocks = tuple(Block(one, one.state, "/calls") for one in day)
    until = day[-1].to_s + 10
    drawn = timeline("Day", [Track("Agent", blocks)], 0, until, width=width, room=room)
    shown = [one for one in drawn.marks if one.shape is Shape.RECT]
    assert [one.look for one in shown] == [f"state-{one.state}" for one in day]
    for mark, stretch in zip(shown, day, strict=True):
        left = float(mark.at["x"])
        assert left == pytest.approx(room + (width - room - 1) * stretch.from_s / until)
        assert room <= left <= width
        assert float(mark.at["y"]) + float(mark.at["height"]) <= drawn.height


def test_every_state_has_a_height_of_its_own_beside_its_colour() -> None:
    shown = set(AgentState) - {AgentState.OFFLINE}
    assert {one.value for one in shown} == set(HEIGHTS)
    assert len({HEIGHTS[one] for one in ("on_call", "wrap_up", "ready")}) == 3
