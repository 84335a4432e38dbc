"""The order of what rotates: the person's own, and always the same."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from campaigns.forms.answering.answers import Answers, Person
from campaigns.forms.answering.compiled import steps
from campaigns.forms.answering.engine import next_question
from campaigns.forms.answering.rotation import options_for, rotated, rows_for
from campaigns.forms.form import Form
from campaigns.forms.questions import Matrix, Single
from tests.questionnaires import form_of, forms, interview, question

LETTERS = st.lists(st.sampled_from("abcdefgh"), unique=True)


@given(LETTERS, st.text(), st.sets(st.sampled_from("abcdefgh")))
def test_the_order_is_a_permutation_that_leaves_what_stays(
    items: list[str], seed: str, staying: set[str]
) -> None:
    found = rotated(items, seed=seed, place="q", code_of=str, stays=lambda item: item in staying)
    assert sorted(found) == sorted(items)
    assert [found.index(item) for item in items if item in staying] == [
        at for at, item in enumerate(items) if item in staying
    ]
    assert found == rotated(
        items, seed=seed, place="q", code_of=str, stays=lambda item: item in staying
    )


@given(LETTERS, st.text())
def test_a_new_option_moves_no_other_past_its_neighbours(items: list[str], seed: str) -> None:
    before = rotated(items, seed=seed, place="q", code_of=str)
    after = rotated([*items, "new"], seed=seed, place="q", code_of=str)
    assert tuple(item for item in after if item != "new") == before


def test_every_order_occurs_about_as_often() -> None:
    asked = Single.model_validate(question("q", rotate=True))
    orders = Counter(
        tuple(option.code for option in options_for(asked, str(seed))) for seed in range(6_000)
    )
    assert len(orders) == 6
    assert all(850 < times < 1_150 for times in orders.values())


def test_other_exclusive_and_pinned_options_keep_their_places() -> None:
    options = [
        *({"code": code, "text": code} for code in "abcde"),
        {"code": "pin", "text": "pin", "pinned": True},
        {"code": "z", "text": "z", "other": True},
    ]
    asked = Single.model_validate(question("q", options=options, rotate=True))
    for seed in range(50):
        codes = [option.code for option in options_for(asked, str(seed))]
        assert codes[5:] == ["pin", "z"]


def test_rows_questions_and_blocks_rotate() -> None:
    matrix = Matrix.model_validate(question("m", "matrix", rotate=True))
    assert {rows_for(matrix, str(n))[0].code for n in range(20)} == {"r1", "r2"}
    sections = [
        {"code": "s1", "questions": [question("q1"), question("q2")], "rotate": True, "block": "b"},
        {"code": "fixed", "questions": [question("q3")]},
        {"code": "s2", "questions": [question("q4")], "block": "b"},
    ]
    form = Form.model_validate({"code": "f", "sections": sections})
    orders = {tuple(s.question.code for s in steps(form, str(n))) for n in range(60)}
    assert orders == {
        ("q1", "q2", "q3", "q4"),
        ("q2", "q1", "q3", "q4"),
        ("q4", "q3", "q1", "q2"),
        ("q4", "q3", "q2", "q1"),
    }


@given(forms(), st.text(max_size=4), st.integers(0, 999))
def test_the_next_question_of_a_seed_is_always_the_same(form: Form, seed: str, chance: int) -> None:
    from random import Random

    person = Person(seed=seed)
    first, asked = interview(form, person, Random(chance))
    again, asked_again = interview(form, person, Random(chance))
    assert (first, asked) == (again, asked_again)
    assert next_question(form, Answers(), person) == next_question(form, Answers(), person)


def test_without_rotation_the_seed_changes_nothing() -> None:
    form = form_of(question("q1"), question("q2"))
    assert {tuple(s.question.code for s in steps(form, str(n))) for n in range(20)} == {
        ("q1", "q2")
    }
