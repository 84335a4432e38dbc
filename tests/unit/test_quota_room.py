"""How many leads quotas let be called: never more than they lack, whatever is drawn in whatever order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.answer_quotas import AnswerQuota
from campaigns.leads.quota_room import QuotaRoom
from campaigns.leads.rooms import everybody, whole_room
from campaigns.selection import Quota, cell_count, cells_with, quotas_of
from tests.questionnaires import form_of, question

FIELDS = ("fields.Sex", "fields.City", "fields.Age")
quotas = st.lists(
    st.builds(
        lambda name, value: Quota(field=name, op="is", value=value, target=5),
        st.sampled_from(FIELDS),
        st.sampled_from("abc"),
    ),
    max_size=6,
)


@given(quotas, st.data())
def test_a_cell_belongs_to_the_quotas_whose_cells_hold_it(rows: list[Quota], data: Any) -> None:
    cell = data.draw(st.integers(0, cell_count(rows) - 1))
    mine = quotas_of(rows, cell)
    for index in range(len(rows)):
        assert (cell in cells_with(rows, {index})) == (index in mine)


@given(quotas, st.lists(st.integers(0, 4), min_size=6, max_size=6), st.data())
def test_what_is_taken_never_passes_the_room(
    rows: list[Quota], rooms: list[int], data: Any
) -> None:
    whole = data.draw(st.none() | st.integers(0, 8))
    room = QuotaRoom(rows, list(rooms[: len(rows)]), whole=whole)
    cells = data.draw(st.lists(st.integers(0, cell_count(rows) - 1), max_size=40))
    taken = [cell for cell in cells if room.take(cell)]
    for index, least in enumerate(rooms[: len(rows)]):
        mine = [cell for cell in taken if index in quotas_of(rows, cell)]
        assert len(mine) <= least
    assert whole is None or len(taken) <= whole
    # Nobody is left out for nothing: who was refused is in a quota that is used up.
    for cell in set(cells) - set(taken):
        assert room.of(cell) == 0


def test_a_tier_asks_no_lane_for_more_than_its_cell_has_room_for() -> None:
    women = Quota(field="fields.Sex", op="is", value="f", target=9)
    room = QuotaRoom([women], [3])
    assert room.cap({2: 10, 3: 2, 4: 10}, {2: 1, 3: 1, 4: 0}) == {2: 3, 3: 2, 4: 10}
    assert [room.take(1) for _ in range(4)] == [True, True, True, False]
    assert room.cap({2: 10, 4: 10}, {2: 1}) == {4: 10}


def test_which_quotas_together_have_everybody() -> None:
    rows = [
        AnswerQuota(code=code, when=when, target=1)
        for code, when in (
            ("a", "q1 = 'a'"),
            ("b", "q1 = 'b'"),
            ("c", "q1 = 'c'"),
            ("all", "true"),
            ("old", "q2 > 60"),
        )
    ]
    asks = question("q1")
    assert everybody(rows, form_of(asks, question("q2", "number"))) == [("all",), ("a", "b", "c")]
    assert everybody(rows[:2], form_of(asks)) == [], "nobody counts those who say c"
    for more in ({"show_if": "q0 = 'a'"}, {"required": False}, {"refused": True}):
        assert everybody(rows, form_of(question("q1", **more))) == [("all",)]
    skips = question("q0", skips=[{"when": "q0 = 'a'", "to": "end"}])
    assert everybody(rows, form_of(skips, asks)) == [("all",)]


@pytest.mark.parametrize(
    ("lacking", "under_way", "room"),
    [
        ({"a": 2, "b": 1, "t": 9}, 1, (2, False)),
        ({"a": 2, "b": 1, "t": 2}, 5, (0, False)),
        ({"a": 0, "b": 0, "t": 4}, 0, (0, True)),
    ],
)
def test_the_room_of_all_together(
    lacking: dict[str, int], under_way: int, room: tuple[int, bool]
) -> None:
    assert whole_room([("a", "b"), ("t",)], lacking, under_way) == room
    assert whole_room([], lacking, under_way) == (None, False)
