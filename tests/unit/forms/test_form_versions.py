"""Change lists between versions, and answers of several versions in one table."""

from hypothesis import given

from campaigns.forms.answering.engine import result_answers
from campaigns.forms.form import Form
from campaigns.forms.versions import changes, merged, merged_columns
from tests.questionnaires import OPTIONS, answered, form_of, forms, question

OLD = form_of(question("q1"), question("q2", "nps"), question("q3", "text"), question("q4"))


def said(old: Form, new: Form) -> list[str]:
    return [f"{one.code} {one.kind.value} {one.detail}".strip() for one in changes(old, new)]


@given(forms())
def test_a_form_has_not_changed_from_itself(form: Form) -> None:
    assert changes(form, form) == ()


def test_each_change_is_told_by_code() -> None:
    options = [{"code": "a", "text": "Apple"}, OPTIONS[1], {"code": "d", "text": "D"}]
    new = form_of(
        question("q3", "text", required=False, longest=9),
        question("q1", options=options, text="New words"),
        question("q5"),
        question("q2", "scale"),
        title="New",
    )
    assert said(OLD, new) == [
        "q3 moved",
        "q3 logic required",
        "q3 limits longest",
        "q1 option_wording a",
        "q1 option_added d",
        "q1 option_removed c",
        "q1 wording text",
        "q5 added",
        "q2 type nps -> scale",
        "q4 removed",
        "form settings title",
    ]


def test_answers_of_several_versions_merge_by_code() -> None:
    new = form_of(question("q5"), question("q1"), question("q2", "text"))
    columns = merged_columns({1: OLD, 2: new})
    assert [(column.name, column.versions) for column in columns] == [
        ("q5", (2,)),
        ("q1", (1, 2)),
        ("q2", (2,)),
        ("q2__v1", (1,)),
        ("q3", (1,)),
        ("q4", (1,)),
    ]
    old_result = result_answers(OLD, answered(OLD, ("q1", "a"), ("q2", 9)))
    new_result = result_answers(new, answered(new, ("q5", "b"), ("q1", "c"), ("q2", "nine")))
    table = [
        {name: answer.as_json()["value"] for name, answer in row.items()}
        for row in merged(columns, [(1, old_result), (2, new_result)])
    ]
    assert table == [{"q1": "a", "q2__v1": "9"}, {"q5": "b", "q1": "c", "q2": "nine"}]
