"""What browsers cut in half can be stored."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from campaigns.forms.answering.characters import well_formed

_TEXT = st.text(st.characters(exclude_categories=()))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inside: st.lists(inside) | st.dictionaries(_TEXT, inside),
)


@given(_JSON)
def test_whatever_was_entered_can_be_written_as_utf_8(value: Any) -> None:
    json.dumps(well_formed(value), ensure_ascii=False).encode()


@given(st.text())
def test_a_text_that_is_whole_stays_as_it_is(value: str) -> None:
    assert well_formed(value) == value
    assert well_formed([{value: value}]) == [{value: value}]


def test_half_a_character_becomes_the_sign_for_one() -> None:
    assert well_formed("a\ud83d") == "a\ufffd"
