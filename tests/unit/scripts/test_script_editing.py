"""The editor's changes, and the operator's place in a script that changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.forms.texts import LONGEST_TEXT
from campaigns.scripts.codes import code_of
from campaigns.scripts.editing import BadEdit, starter, with_action, with_languages, with_words
from campaigns.scripts.reading import (
    LONGEST_TRAIL,
    language_for,
    place_in,
    steps_in,
    trail_of,
)
from campaigns.scripts.script import Script
from campaigns.scripts.variables import Values, filling
from tests.scripts import TALK, script, step

CODES = ["s1", "s2", "s3", "s4", "gone"]


def order(made: Script) -> list[str]:
    return [one.code for one in made.steps]


def test_words_of_one_language_replace_those_only() -> None:
    both = with_languages(TALK, ("en", "ru"))
    sent = {"has.s1": "1", "title.s1": "Привет", "body.s1": "Добрый\r\nдень", "says.s1.0": "Да"}
    made = with_words(both, "ru", sent)
    first = made.by_code["s1"]
    assert first.title.within("en") == "S1"
    assert first.body.within("ru") == "Добрый\nдень"
    assert first.branches[0].says.within("ru") == "Да"
    assert first.branches[1] == TALK.by_code["s1"].branches[1]
    assert made.by_code["s2"] == TALK.by_code["s2"], "it was not in the form"


def test_an_unticked_box_and_an_emptied_field_are_changes() -> None:
    made = with_words(TALK, "en", {"has.s3": "1", "title.s3": "", "body.s3": " "})
    assert not made.by_code["s3"].ends
    assert not made.by_code["s3"].body


def test_buttons_of_the_editor() -> None:
    assert order(with_action(TALK, "up:s2")) == ["s2", "s1", "s3"]
    assert order(with_action(TALK, "up:s1")) == ["s1", "s2", "s3"]
    assert order(with_action(TALK, "down:s1")) == ["s2", "s1", "s3"]
    assert order(with_action(TALK, "remove_step:s2")) == ["s1", "s3"]
    assert order(with_action(TALK, "add_step")) == ["s1", "s2", "s3", "s4"]
    assert len(with_action(TALK, "add_branch:s3").by_code["s3"].branches) == 1
    left = with_action(TALK, "remove_branch:s1.0").by_code["s1"].branches
    assert [one.says.within("en") for one in left] == ["No"]
    assert with_action(TALK, "save") == TALK


@pytest.mark.parametrize("action", ["explode", "up:s9", "remove_branch:s1.x", "remove_branch:s9.1"])
def test_what_is_no_button_changes_nothing(action: str) -> None:
    with pytest.raises(BadEdit):
        with_action(TALK, action)


def test_limits_are_kept() -> None:
    with pytest.raises(BadEdit):
        with_words(TALK, "en", {"has.s1": "1", "body.s1": "x" * (LONGEST_TEXT + 1)})
    with pytest.raises(BadEdit):
        with_languages(TALK, ())
    many = TALK
    for _ in range(20):
        many = with_action(many, "add_branch:s3")
    with pytest.raises(BadEdit, match="no room"):
        with_action(many, "add_branch:s3")
    assert len(with_words(many, "en", {"has.s3": "1"}).by_code["s3"].branches) == 20


def test_a_new_script_is_whole() -> None:
    names = ("greeting", "offer", "farewell")
    words = {f"{name}_{part}": f"{name} {part}" for name in names for part in ("title", "body")}
    made = starter(("ru",), words | {"greeting_yes": "y", "greeting_no": "n", "offer_done": "d"})
    assert made.languages == ("ru",)
    assert [one.ends for one in made.steps] == [False, False, True]


@given(st.lists(st.sampled_from(CODES), max_size=6))
def test_the_place_is_always_a_step_that_is_there(trail: list[str]) -> None:
    place = place_in(TALK, trail)
    assert place.step in TALK.by_code
    if trail and trail[-1] in TALK.by_code:
        assert (place.step, place.moved) == (trail[-1], False)
    known = [code for code in trail if code in TALK.by_code]
    assert place.step == (known[-1] if known else "s1")
    assert place.moved == bool(trail and trail[-1] not in TALK.by_code)


def test_a_script_without_steps_has_no_place() -> None:
    assert place_in(script(), ("s1",)).step == ""


def test_a_trail_is_kept_within_its_length() -> None:
    assert trail_of(TALK, ["s1", "gone", "s2"]) == ("s1", "s2")
    assert len(trail_of(TALK, ["s1", "s2"] * LONGEST_TRAIL)) == LONGEST_TRAIL


def test_languages_are_chosen_in_the_order_of_wishes() -> None:
    both = with_languages(TALK, ("en", "ru"))
    assert language_for(both, "", "uk", "ru") == "ru"
    assert language_for(both, "de") == "en"


def test_steps_are_filled_with_every_branch_that_leads_somewhere() -> None:
    made = script(
        step("s1", "Hi {{ contact.name }}", "To {{ agent.name }}>s2", "x>gone"),
        step("s2", ends=True),
    )
    first, _ = steps_in(made, "en", filling(Values({"name": "<A>"}, agent_name="<O>"), set()))
    assert first.html == '<p>Hi <span class="slot">&lt;A&gt;</span></p>\n'
    assert [(one.says, one.to) for one in first.branches] == [("To <O>", "s2")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Опрос клиентов 2026", "opros-klientov-2026"),
        ("Об'єднання «Їжа»", "obyednannya-yizha"),
        ("  Sale! ", "sale"),
        ("2026", "script-2026"),
        ("漢字", "script"),
        ("a" * 90, "a" * 40),
    ],
)
def test_codes_are_made_of_names(name: str, code: str) -> None:
    assert code_of(name) == code
