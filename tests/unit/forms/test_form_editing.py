"""Steps of a form: what they do, what follows, what they refuse."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.forms.editing import edits, section_edits
from campaigns.forms.editing.conditions import (
    BadValue,
    Row,
    Rows,
    Sign,
    expression_of,
    rows_of,
    signs_for,
)
from campaigns.forms.editing.conditions import kind_at as kind_of_left
from campaigns.forms.editing.edits import CodeTaken, QuestionGone, SectionGone
from campaigns.forms.editing.fingerprints import fingerprint
from campaigns.forms.editing.kinds import KINDS, as_kind, fresh
from campaigns.forms.editing.section_edits import LastSection
from campaigns.forms.expressions.parsing import parse
from campaigns.forms.form import Form
from tests.questionnaires import OPTIONS, form_of, forms, question

FORM = form_of(
    question("q1"),
    question(
        "q2",
        "multiple",
        text="You said {{ answers.q1 }}",
        show_if="q1 = 'a'",
        skips=[{"when": "q2 has 'b' and q1 = 'a'", "to": "q3"}],
    ),
    question("q3", "number", valid_if="value > 0 and q1 = 'a'"),
)
TWO = Form.model_validate(
    {
        "code": "two",
        "sections": [
            {"code": "s1", "questions": [question("q1"), question("q2")]},
            {"code": "s2", "show_if": "q1 = 'a'", "questions": [question("q3")]},
        ],
    }
)


def order(form: Form) -> list[str]:
    return [f"{s.code}:{','.join(q.code for q in s.questions)}" for s in form.sections]


def test_every_kind_can_be_added_and_becomes_every_other() -> None:
    for kind in KINDS:
        made = fresh(kind, "q9", currency="UAH")
        form = edits.added(FORM, made, after="q1")
        assert list(form.by_code) == ["q1", "q9", "q2", "q3"]
        for other in KINDS:
            turned = as_kind(made, other)
            assert (turned.type, turned.code) == (other, "q9")
    kept = as_kind(FORM.by_code["q2"], "single")
    assert [one.code for one in kept.options] == ["a", "b", "c"]  # type: ignore[union-attr]  # a choice
    assert kept.text == FORM.by_code["q2"].text


def test_what_only_one_kind_has_is_not_taken_over() -> None:
    options = [{"code": "x", "text": "X", "exclusive": True, "other": True}, *OPTIONS]
    many = form_of(question("q1", "multiple", options=options, least=2)).by_code["q1"]
    one = as_kind(many, "single").model_dump()["options"][0]
    assert (one["exclusive"], one["other"]) == (False, True)
    ranked = as_kind(many, "ranking").model_dump()["options"][0]
    assert (ranked["exclusive"], ranked["other"]) == (False, False)
    assert as_kind(many, "number").model_dump()["least"] is None


def test_a_new_code_is_followed_by_conditions_jumps_and_texts() -> None:
    renamed = FORM.by_code["q1"].model_copy(update={"code": "mood"})
    form = edits.replaced(FORM, "q1", renamed)
    second, third = form.by_code["q2"], form.by_code["q3"]
    assert second.show_if == "mood = 'a'"
    assert second.text.within("en") == "You said {{ answers.mood }}"
    assert second.skips[0].when == "q2 has 'b' and mood = 'a'"  # type: ignore[union-attr]  # it asks
    assert third.valid_if == "value > 0 and mood = 'a'"  # type: ignore[union-attr]  # it asks
    jumped = edits.replaced(form, "q3", third.model_copy(update={"code": "age"}))
    assert jumped.by_code["q2"].skips[0].to == "age"  # type: ignore[union-attr]  # it asks
    with pytest.raises(CodeTaken):
        edits.replaced(FORM, "q1", FORM.by_code["q1"].model_copy(update={"code": "q3"}))
    with pytest.raises(CodeTaken):
        edits.added(FORM, fresh("text", "main"))


def test_a_copy_stands_behind_and_speaks_of_itself() -> None:
    form, code = edits.copied(FORM, "q2")
    assert (list(form.by_code), code) == (["q1", "q2", "q4", "q3"], "q4")
    copy = form.by_code["q4"]
    assert copy.skips[0].when == "q4 has 'b' and q1 = 'a'"  # type: ignore[union-attr]  # it asks
    assert copy.show_if == "q1 = 'a'"


def test_questions_move_one_place_over_the_edges_of_sections() -> None:
    assert order(edits.shifted(TWO, "q2", -1)) == ["s1:q2,q1", "s2:q3"]
    assert order(edits.shifted(TWO, "q2", 1)) == ["s1:q1", "s2:q2,q3"]
    assert order(edits.shifted(TWO, "q3", -1)) == ["s1:q1,q2,q3", "s2:"]
    assert order(edits.shifted(TWO, "q1", -1)) == order(TWO)
    assert order(edits.shifted(TWO, "q3", 1)) == order(TWO)
    assert order(edits.moved(TWO, "q3", before="q1")) == ["s1:q3,q1,q2", "s2:"]
    assert order(edits.moved(TWO, "q1", section="s2")) == ["s1:q2", "s2:q3,q1"]
    assert order(edits.moved(TWO, "q1", before="q1")) == order(TWO)
    for gone in ({"before": "q9"}, {"section": "s9"}):
        with pytest.raises((QuestionGone, SectionGone)):
            edits.moved(TWO, "q1", **gone)
    with pytest.raises(QuestionGone):
        edits.removed(TWO, "q9")


def test_sections_come_move_and_leave_their_questions() -> None:
    form, code = section_edits.section_added(TWO)
    assert (order(form)[-1], code) == ("s3:", "s3")
    assert order(section_edits.section_shifted(TWO, "s2", -1)) == ["s2:q3", "s1:q1,q2"]
    assert order(section_edits.section_removed(TWO, "s2")) == ["s1:q1,q2,q3"]
    assert order(section_edits.section_removed(TWO, "s1")) == ["s2:q1,q2,q3"]
    with pytest.raises(LastSection):
        section_edits.section_removed(FORM, "main")
    with pytest.raises(SectionGone):
        section_edits.section_removed(TWO, "s9")
    other = edits.section_of(TWO, "s2").model_copy(update={"code": "end_part", "questions": ()})
    assert order(section_edits.section_replaced(TWO, "s2", other)) == ["s1:q1,q2", "end_part:q3"]


@given(form=forms(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_moving_never_loses_or_doubles_a_question(form: Form, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(list(form.by_code)))
    by = data.draw(st.sampled_from([-1, 1]))
    moved = edits.shifted(form, code, by)
    assert sorted(moved.by_code) == sorted(form.by_code)
    assert moved.by_code[code] == form.by_code[code]
    there = edits.moved(form, code, section="second")
    assert sorted(there.by_code) == sorted(form.by_code)
    back = edits.removed(edits.copied(form, code)[0], edits.free_code(form, "q"))
    assert fingerprint(back) == fingerprint(form)


@pytest.mark.parametrize(
    ("expression", "rows"),
    [
        ("", Rows()),
        ("q1 = 'a'", Rows((Row("q1", Sign.EQUAL, "a"),))),
        ("q3 >= -2.5", Rows((Row("q3", Sign.AT_LEAST, "-2.5"),))),
        ("not q2 has 'b'", Rows((Row("q2", Sign.HAS_NOT, "b"),))),
        ("answered(q1) or refused(q3)", Rows((Row("q1", Sign.ANSWERED), Row("q3", Sign.REFUSED)), True)),
        (
            "not answered(q1) and contact.age > 5",
            Rows((Row("q1", Sign.NOT_ANSWERED), Row("contact.age", Sign.MORE, "5"))),
        ),
    ],
)  # fmt: skip
def test_simple_conditions_are_rows_and_back(expression: str, rows: Rows) -> None:
    assert rows_of(expression) == rows
    written = expression_of(rows, FORM)
    if expression:
        assert parse(written) == parse(expression)
    else:
        assert written == ""


@pytest.mark.parametrize(
    "expression",
    [
        *("1 +", "q1 = 'a' and (q2 has 'b' or q3 > 1)", "q3 + 1 > 2", "q1 in ('a', 'b')"),
        *("count(q2) > 1", "not (q1 = 'a' or q1 = 'b')", "q1 = q3", "true", "q1 = true"),
    ],
)
def test_what_rows_cannot_say_stays_an_expression(expression: str) -> None:
    assert rows_of(expression) is None


def test_a_number_is_wanted_where_numbers_are_compared() -> None:
    for value in ("many", "", "1e99999999", "nan"):
        with pytest.raises(BadValue):
            expression_of(Rows((Row("q3", Sign.MORE, value),)), FORM)
    assert expression_of(Rows((Row("q3", Sign.MORE, "1 234,5"),)), FORM) == "q3 > 1234.5"
    own = FORM.by_code["q3"]
    assert expression_of(Rows((Row("value", Sign.LESS, "3"),)), FORM, own) == "value < 3"
    assert expression_of(Rows((Row("q1", Sign.EQUAL, "it's"),)), FORM) == 'q1 = "it\'s"'


def test_signs_fit_what_is_compared() -> None:
    assert Sign.HAS in signs_for(kind_of_left(FORM, "q2"))
    assert Sign.MORE not in signs_for(kind_of_left(FORM, "q1"))
    assert Sign.MORE in signs_for(kind_of_left(FORM, "q3"))
    assert Sign.DONT_KNOW not in signs_for(kind_of_left(FORM, "contact.city"))


values: st.SearchStrategy[Any] = st.text(alphabet="ab 1.,'-", max_size=6)


@given(
    left=st.sampled_from(["q1", "q2", "q3", "contact.x"]), sign=st.sampled_from(Sign), value=values
)
def test_whatever_a_row_says_can_be_read_again(left: str, sign: Sign, value: str) -> None:
    try:
        written = expression_of(Rows((Row(left, sign, value),)), FORM)
    except BadValue:
        return
    again = rows_of(written)
    assert again is not None
    assert (again.rows[0].left, again.rows[0].sign) == (left, sign)
