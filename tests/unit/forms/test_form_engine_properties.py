"""What holds of every form and every interview, also where the form's logic is nonsense."""

import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from campaigns.forms.answering.answers import Answer, Answers, Person, given_from
from campaigns.forms.answering.engine import (
    next_question,
    path,
    progress,
    record,
    result_answers,
    walk,
)
from campaigns.forms.answering.settling import settle
from campaigns.forms.expressions.evaluating import Facts, is_true
from campaigns.forms.expressions.parsing import BadExpression, parse
from campaigns.forms.form import Form
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Calculated
from campaigns.forms.words import Ending
from tests.questionnaires import forms, interview, some_value

people = st.builds(
    Person,
    contact=st.fixed_dictionaries({"city": st.sampled_from(["a", "b", "", "3"])}),
    seed=st.text(max_size=5),
)
seeds = st.integers(0, 2**32)


@given(forms(), people, seeds)
def test_every_path_ends(form: Form, person: Person, seed: int) -> None:
    answers, asked = interview(form, person, Random(seed))
    assert len(asked) == len(set(asked)) <= len(list(form.questions()))
    now = walk(form, answers, person)
    assert list(now.path) == asked
    assert (now.ending is None) == (now.next is not None)


@given(forms(sane=True), people, seeds)
def test_what_counts_was_shown_for_what_came_before(form: Form, person: Person, seed: int) -> None:
    answers, _ = interview(form, person, Random(seed))
    result = result_answers(form, answers, person)
    before: dict[str, Answer] = {}
    for code, answer in result.items():
        facts = Facts(
            {each: said.value for each, said in before.items()},
            {each: said.no_answer for each, said in before.items() if said.no_answer},
            person.contact,
        )
        condition = form.by_code[code].show_if
        assert not condition or _holds(condition, facts), (code, condition)
        before[code] = answer


def _holds(condition: str, facts: Facts) -> bool:
    try:
        return is_true(parse(condition), facts)
    except BadExpression:
        return False


@given(forms(), people, seeds)
def test_going_on_never_makes_progress_smaller(form: Form, person: Person, seed: int) -> None:
    answers, asked = interview(form, person, Random(seed))
    so_far = Answers()
    seen = [progress(form, so_far, person)]
    for code in asked:
        so_far = so_far.having(code, answers.by_code[code])
        seen.append(progress(form, so_far, person))
    assert seen == sorted(seen)
    assert all(0 <= share <= 1 for share in seen)
    assert (seen[-1] == 1) == (walk(form, answers, person).ending is not None)


@given(forms(), people, seeds)
def test_skipped_answers_never_reach_the_result(form: Form, person: Person, seed: int) -> None:
    chance = Random(seed)
    answers, _ = interview(form, person, chance)
    before = result_answers(form, answers, person)
    asked = [code for code in path(form, answers, person) if isinstance(form.by_code[code], Asking)]
    if not asked:
        return
    code = chance.choice(asked)
    changed = record(form, answers, code, some_value(form.by_code[code], chance), person)
    if not isinstance(changed, Answers):
        return
    result = result_answers(form, changed, person)
    on_path = set(path(form, changed, person))
    for each in result:
        assert each in on_path or isinstance(form.by_code[each], Calculated)
    only = Answers({each: changed.by_code[each] for each in on_path})
    assert result == result_answers(form, only, person), "what is off the path decides nothing"
    assert set(changed) == set(answers), "it is kept"
    back = changed.having(code, answers.by_code[code])
    assert result_answers(form, back, person) == before, "and counts again when the path comes back"


@given(forms(), people, seeds)
def test_a_resumed_interview_is_where_it_was(form: Form, person: Person, seed: int) -> None:
    answers, _ = interview(form, person, Random(seed))
    some = list(answers)[: Random(seed).randint(0, len(answers.by_code))]
    half = Answers({code: answers.by_code[code] for code in some})
    stored = json.loads(json.dumps({code: half.by_code[code].as_json() for code in half}))
    again = Answers()
    for code, raw in stored.items():
        answer = settle(form, form.by_code[code], given_from(raw))
        again = again.having(code, answer)  # type: ignore[arg-type]  # what was taken is taken again
    assert again == half
    same_form = Form.model_validate(json.loads(form.model_dump_json()))
    assert same_form == form
    assert walk(same_form, again, person) == walk(form, half, person)
    assert next_question(same_form, again, person) == next_question(form, half, person)


@given(forms(), people, seeds)
def test_nothing_is_recorded_that_is_not_asked(form: Form, person: Person, seed: int) -> None:
    chance = Random(seed)
    answers, _ = interview(form, person, chance)
    now = walk(form, answers, person)
    for asked in form.questions():
        open_ = asked.code in now.path or (now.next is not None and now.next.code == asked.code)
        if not open_:
            after = record(form, answers, asked.code, some_value(asked, chance), person)
            assert not isinstance(after, Answers)
    assert now.ending in (None, Ending.COMPLETE, Ending.SCREENED_OUT)
