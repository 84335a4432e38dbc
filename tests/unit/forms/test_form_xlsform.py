"""XLSForm: what it can say comes back equal, what it cannot is told or refused, faults have their row."""

import io
from typing import Any

import pytest
import xlsxwriter

from campaigns.forms.checks.checking import check
from campaigns.forms.files.faults import UnreadableForm
from campaigns.forms.files.xlsform_reading import read_xlsform
from campaigns.forms.files.xlsform_writing import NotExportable, write_xlsform
from campaigns.forms.form import Form
from tests.questionnaires import OPTIONS, form_of, question

BOTH = {"en": "Text {{ contact.name }}", "uk": "Текст"}
ALONE = [*OPTIONS, {"code": "none", "text": "None", "exclusive": True}]
SPOKEN: list[dict[str, Any]] = [
    question("q1", text=BOTH, rotate=True),
    question("q2", "multiple", options=ALONE, least=2, most=3, required=False),
    question("q3", "ranking", show_if="q2 has 'a' and not q1 = 'b'"),
    question("q4", "scale", first=0, last=7, text="You said {{ answers.q1 }}"),
    question("q5", "matrix"),
    question("q6", "number", least="1", most=9, valid_if="value != q4"),
    question("q7", "number", places=6, default="{{ contact.name }}"),
    question("q8", "date", earliest="2026-01-01", show_if="q5.r2 = 'a' or answered(q2)"),
    question("q9", "text", shortest=2, longest=50, hint="Spell it", lines=5),
    question("q10", "calculated", text="", expression="round((q6 + 1) * q7 / 3, 2)"),
    question("q11", "note", show_if="count(q2) > 1 and contact.name = 'Ann'"),
    question("q12", "text", valid_if="length(value) > 3 or value = 'no'", valid_message=BOTH),
]


def test_what_xlsform_can_say_comes_back_equal() -> None:
    form = Form.model_validate(
        {
            "code": "spoken",
            "title": "Title",
            "languages": ["uk", "en"],
            "contact_fields": ["name"],
            "sections": [
                {"code": "s1", "title": "First", "questions": SPOKEN[:5]},
                {"code": "s2", "show_if": "q1 != 'c'", "questions": SPOKEN[5:]},
            ],
        }
    )
    exported = write_xlsform(form)
    assert exported.lost == ()
    assert read_xlsform(exported.content) == form
    assert {one.code for one in check(form)} <= {"undecided"}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (question("q", dont_know=True), "Don't know"),
        (question("q", "nps"), "Net Promoter"),
        (question("q", "scale", first_text="bad"), "names of the ends"),
        (question("q", "money"), "EUR"),
        (question("q", "number", places=2), "2 digits"),
        (question("q", "number", unit="kg"), "unit"),
        (question("q", "phone"), "checked as phone"),
        (question("q", "email"), "checked as email"),
        (question("q", "address"), "parts of the address"),
        (question("q", "text", mask="##"), "mask"),
        (question("q", "ranking", top=1), "ranked"),
        (question("q", "matrix", rotate=True), "rows"),
        (question("q", "prompt", image="a.png"), "prompt"),
        (question("q", options=[{"code": "z", "text": "z", "other": True}]), "one's own"),
        (question("q", text='{{ contact.name or "you" }}'), "you"),
    ],
)
def test_what_is_lost_is_told(asked: dict[str, Any], says: str) -> None:
    exported = write_xlsform(form_of(asked, contact_fields=["name"]))
    assert any(says in fault.sentence and fault.place == "q" for fault in exported.lost)
    assert read_xlsform(exported.content).by_code["q"].code == "q"


@pytest.mark.parametrize(
    "asked",
    [
        question("q", screen_out_if="q = 'a'"),
        question("q", skips=[{"when": "q = 'a'", "to": "end"}]),
        question("q2", show_if="dont_know(q1)"),
        question("q2", show_if="days(today(), today()) > 1"),
    ],
)
def test_logic_that_would_be_lost_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(NotExportable) as refused:
        write_xlsform(form_of(question("q1"), asked))
    assert refused.value.facts["faults"]


def workbook(**sheets: list[list[str]]) -> bytes:
    memory = io.BytesIO()
    book = xlsxwriter.Workbook(memory, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    book.close()
    return memory.getvalue()


HEAD = ["type", "name", "label::English (en)", "relevant", "constraint"]
CHOICES = [["list_name", "name", "label::English (en)"], ["yn", "y", "Yes"], ["yn", "n", "No"]]


@pytest.mark.parametrize(
    ("rows", "place", "says"),
    [
        ([["geopoint", "a", "A"]], "survey, row 2", "type geopoint is not read"),
        ([["", "a", "A"]], "survey, row 2", "type is missing"),
        ([["text", "", "A"]], "survey, row 2", "name is missing"),
        ([["text", "a b", "A"]], "survey, row 2", "should match pattern"),
        ([["text", "a", "A"], [], ["text", "a", "A"]], "survey, row 4", "there twice"),
        ([["select_one nn", "a", "A"]], "survey, row 2", "no list nn"),
        ([["begin_group", "g", "G"], ["text", "a", "A"]], "survey, row 2", "not ended"),
        ([["end_group"]], "survey, row 2", "no group to end"),
        ([["begin_group", "g"], ["begin_group", "h"]], "survey, row 3", "Groups within groups"),
        ([["begin_repeat", "r"]], "survey, row 2", "type begin_repeat"),
        ([["range", "a", "A"]], "survey, row 2", "range needs"),
        ([["text", "a", "${b}"]], "survey, row 2", "no earlier question"),
        ([["text", "a", "A", "${x} = 'y'"]], "survey, row 2", "no question x"),
        ([["text", "a", "A", "regex(., 'x')"]], "survey, row 2", "regex() is not known"),
        ([["text", "a", "A", "1 +"]], "survey, row 2", "cannot be read"),
        ([["text", "a", "A", "", "if(1)"]], "survey, row 2", "if takes 3"),
        (
            [["text", "a", "A", "${b} = 'x'"], ["text", "b", "B", "${a} = 'x'"]],
            "survey, row 2",
            "neither can be decided first",
        ),
        (
            [["text", "a", "A", "${b} = 'x'"], ["text", "b", "B"]],
            "survey, row 2",
            "not answered yet",
        ),
        ([["text", f"q{n}", "A"] for n in range(10_000)], "survey", "more than 5,000 rows"),
    ],
)
def test_what_is_wrong_is_told_with_its_row(rows: list[list[str]], place: str, says: str) -> None:
    with pytest.raises(UnreadableForm) as refused:
        read_xlsform(workbook(survey=[HEAD, *rows], choices=CHOICES))
    told = [(fault.place, fault.sentence) for fault in refused.value.faults]
    assert any(where == place and says in sentence for where, sentence in told), told


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "cannot be read"),
        (b"not a workbook", "cannot be read"),
        (workbook(questions=[HEAD]), "no sheet `survey`"),
        (workbook(survey=[HEAD]), "no sheet `survey`"),
    ],
)
def test_what_is_no_form_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(UnreadableForm) as refused:
        read_xlsform(content)
    assert says in refused.value.detail or "workbook" in refused.value.detail


def test_a_form_of_another_program_is_read() -> None:
    rows = [
        ["start", "start"],
        ["select_one yn", "q1", "Do you?"],
        ["select_multiple yn or_other", "q2", "Which?", "selected(${q1}, 'y')"],
        ["integer", "age", "Age", "${q1} != ''", ". > 17 and . <= 99"],
    ]
    form = read_xlsform(workbook(survey=[HEAD, *rows], choices=CHOICES))
    q2, age = form.by_code["q2"], form.by_code["age"]
    assert q2.show_if == "q1 = 'y'"
    assert [(option.code, option.other) for option in q2.options][-1] == ("other", True)  # type: ignore[union-attr]  # it is multiple
    assert (age.show_if, age.valid_if, age.most) == ("answered(q1)", "value > 17", 99)  # type: ignore[union-attr]  # it is a number
    assert form.languages == ("en",)
    assert check(form) == ()
