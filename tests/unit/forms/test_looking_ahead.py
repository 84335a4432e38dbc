"""What a window holds for the time without a connection: whatever the engine asks later is among it."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.forms.answering.answers import Answers, Person
from campaigns.forms.answering.engine import record, walk
from campaigns.forms.answering.looking_ahead import coming
from campaigns.forms.form import Form
from tests.questionnaires import answered, form_of, forms, question, some_value


@settings(deadline=None)
@given(forms(sane=True), st.integers(0, 2**32), st.integers(0, 6))
def test_the_engine_asks_nothing_else_and_in_no_other_order(
    form: Form, seed: int, done: int
) -> None:
    chance, person = Random(seed), Person({"city": "a"}, seed=str(seed))
    answers = Answers()
    held: list[str] | None = None
    asked: list[str] = []
    for turn in range(300):
        now = walk(form, answers, person)
        if held is None and turn >= done:
            held = [one.question.code for one in coming(form, answers, now, person, most=99)]
            assert held[:1] == ([now.next.code] if now.next else [])
        if now.next is None:
            break
        after = record(form, answers, now.next.code, some_value(now.next, chance), person)
        if isinstance(after, Answers):
            answers = after
            if held is not None:
                asked.append(now.next.code)
    places = [(held or []).index(code) for code in asked]
    assert places == sorted(places)


def test_what_hangs_on_an_answer_is_not_sure() -> None:
    form = form_of(
        question("q1"),
        question("q2", show_if="q1 = 'a'"),
        question("q3"),
        question("sum", "calculated", expression="1 + 1"),
        question("q4", "note"),
    )
    answers = answered(form, ("q1", "a"))
    found = coming(form, answers, walk(form, answers), Person(), most=9)
    assert [(one.question.code, one.sure) for one in found] == [
        ("q2", True),
        ("q3", True),
        ("q4", True),
    ]
    start = coming(form, Answers(), walk(form, Answers()), Person(), most=2)
    assert [(one.question.code, one.sure) for one in start] == [("q1", True), ("q2", False)]
