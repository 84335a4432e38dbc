"""Questions as queries of the full-text search, and hits as plain parts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.scripts.article import ArticleContent
from campaigns.scripts.asking import (
    HIT_BEGINS,
    HIT_ENDS,
    LANGUAGES,
    Part,
    asked_in,
    cleaned,
    parts_of,
    words_of,
)
from campaigns.scripts.ukrainian import beginning_of

TERM = r"'[^\W_]+':\*"


@given(st.text(), st.sampled_from(LANGUAGES))
def test_nothing_that_is_typed_becomes_an_operator(question: str, language: str) -> None:
    words = words_of(question)
    if not words:
        return
    asked = asked_in(words, language)
    assert re.fullmatch(rf"({TERM}( & {TERM})*)?", asked.all_words)
    assert re.fullmatch(rf"({TERM}( \| {TERM})*)?", asked.any_word)
    assert re.fullmatch(TERM, asked.last_stem)
    assert re.fullmatch(TERM, asked.last_literal)


def test_words_of_a_question() -> None:
    assert words_of("  Ёлка, дорого! об'єкт 3_5") == ("елка", "дорого", "об", "єкт", "3", "5")
    assert words_of("обʼєкт об’єкт") == ("об", "єкт", "об", "єкт")
    assert words_of("'; DROP TABLE article; --") == ("drop", "table", "article")
    assert len(words_of("a " * 100)) == 12


@pytest.mark.parametrize(
    ("word", "beginning"),
    [
        *(("ціна", "цін"), ("ціни", "цін"), ("ціною", "цін"), ("цінами", "цін")),
        *(("дорого", "дор"), ("доставки", "доставк"), ("оплати", "опл"), ("так", "так")),
    ],
)
def test_endings_of_ukrainian_words(word: str, beginning: str) -> None:
    assert beginning_of(word) == beginning


@given(st.text(alphabet="абвгдеіїєьюя", min_size=1, max_size=12))
def test_a_beginning_is_one_and_not_too_short(word: str) -> None:
    beginning = beginning_of(word)
    assert word.startswith(beginning)
    assert len(beginning) >= min(3, len(word))


def test_ukrainian_stop_words_are_left_out_before_the_last_word() -> None:
    asked = asked_in(("що", "це", "за", "ціна"), "uk")
    assert (asked.all_words, asked.last_stem) == ("", "'цін':*")
    assert asked_in(("це",), "uk").last_literal == "'це':*", "it may be the beginning of another"


def test_hits_are_parts() -> None:
    marked = f"a {HIT_BEGINS}b{HIT_ENDS} c {HIT_BEGINS}d{HIT_ENDS}"
    assert parts_of(marked) == (Part("a "), Part("b", True), Part(" c "), Part("d", True))
    assert parts_of("") == ()


@given(st.text(alphabet=f"ab<>{HIT_BEGINS}{HIT_ENDS}"))
def test_marks_never_stay(marked: str) -> None:
    assert "".join(part.text for part in parts_of(marked)) == cleaned(marked)


def test_an_article_cannot_forge_a_hit() -> None:
    made = ArticleContent(
        title=f"a{HIT_BEGINS}b", body=f"c{HIT_ENDS}\0d", tags=(" A  b", "a b", "")
    )
    assert (made.title, made.body, made.tags) == ("ab", "cd", ("a b",))
    assert made.words() == "cd"
    assert not ArticleContent(title="t", body="![]").model_copy(update={"body": ""}).is_complete
