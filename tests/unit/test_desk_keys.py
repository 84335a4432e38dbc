"""Keys of dispositions: chosen ones first, then digits, then letters, each key once."""

from hypothesis import given
from hypothesis import strategies as st

from campaigns.desk.hot_keys import DIGITS, DO_NOT_CALL_KEY, LETTERS, RESERVED, hot_keys, is_free


def test_the_first_nine_have_digits_and_the_others_letters() -> None:
    keys = hot_keys([None] * 11)
    assert keys == [*DIGITS, *LETTERS[:2]]


def test_a_chosen_key_is_kept_and_the_others_go_around_it() -> None:
    assert hot_keys([None, "1", None]) == ["2", "1", "3"]


def test_a_key_that_does_something_else_is_nobodys() -> None:
    assert hot_keys(["r", "0", "xx", "1", "1"]) == ["2", "3", "4", "1", "5"]
    assert not any(is_free(one) for one in (*RESERVED, DO_NOT_CALL_KEY, "", "é"))


@given(st.lists(st.one_of(st.none(), st.sampled_from([*DIGITS, *LETTERS, "r", "0", ""]))))
def test_no_key_is_given_twice_and_none_is_left_while_some_lack_one(
    chosen: list[str | None],
) -> None:
    keys = hot_keys(chosen)
    given_keys = [key for key in keys if key]
    assert len(set(given_keys)) == len(given_keys)
    assert len(given_keys) == min(len(chosen), len(DIGITS + LETTERS))
    assert all(is_free(key) for key in given_keys)
