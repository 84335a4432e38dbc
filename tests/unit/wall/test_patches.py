"""What browsers work out of changes is what is there: over any order of changes, losses and returns."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.wall.patches import Journal, apply, diff, joined

FIELDS = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["ready", "on_call", None]),
        "n": st.integers(0, 3),
        "by": st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), max_size=2),
    }
)
ROWS = st.dictionaries(st.sampled_from([f"a/c/{n}" for n in range(6)]), FIELDS, max_size=6)


def sent(patch: Any) -> Any:
    """Return a patch as it comes out of the wire."""
    return json.loads(json.dumps(patch))


@given(st.lists(ROWS, min_size=1, max_size=12), st.data())
def test_changes_applied_to_a_snapshot_are_a_fresh_snapshot(
    moments: list[dict[str, dict[str, Any]]], data: st.DataObject
) -> None:
    journal = Journal(keeps=5)
    seen: dict[str, dict[str, Any]] = {}
    number = 0
    for rows in moments:
        journal.become(rows)
        assert journal.rows == rows
        if data.draw(st.booleans(), label="the viewer is there"):
            changes = journal.since(number)
            seen = (
                {key: dict(row) for key, row in journal.rows.items()}  # a snapshot
                if changes is None
                else apply(seen, sent(changes))
            )
            number = journal.number
            assert seen == rows


@given(ROWS, ROWS, ROWS)
def test_joined_changes_do_what_they_do_one_by_one(first: Any, second: Any, third: Any) -> None:
    one, two = diff(first, second), diff(second, third)
    assert apply(first, joined([one, two])) == third
    assert diff(first, first) == {}


def test_only_what_changed_is_sent() -> None:
    before: Any = {
        "a": {"state": "ready", "since": 1, "name": "Olga"},
        "b": {"state": "x"},
    }
    after: Any = {
        "a": {"state": "on_call", "since": 2, "name": "Olga"},
        "c": {"state": "y"},
    }
    assert diff(before, after) == {
        "a": {"state": "on_call", "since": 2},
        "b": None,
        "c": {"state": "y"},
    }
    with pytest.raises(ValueError, match="lost a field"):
        diff({"a": {"x": 1, "y": 2}}, {"a": {"x": 1}})


def test_numbers_that_are_too_old_or_not_ours_need_a_snapshot() -> None:
    journal = Journal(keeps=2)
    for n in range(5):
        journal.become({"a": {"n": n}})
    assert journal.number == 5
    assert journal.since(5) == {}
    assert journal.since(3) == {"a": {"n": 4}}
    assert journal.since(2) is None
    assert journal.since(9) is None
    journal.become({"a": {"n": 4}})
    assert journal.number == 5
