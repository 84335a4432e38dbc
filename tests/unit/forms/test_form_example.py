"""The example of docs/forms.md: read, checked, walked through."""

import re
from datetime import date
from random import Random

import pytest

from campaigns.forms.answering.answers import Answers, Person
from campaigns.forms.answering.engine import result_answers, walk
from campaigns.forms.answering.showing import shown
from campaigns.forms.checks.checking import check
from campaigns.forms.expressions.parsing import FUNCTIONS
from campaigns.forms.files.xlsform_writing import NotExportable, write_xlsform
from campaigns.forms.files.yaml_reading import read_yaml
from campaigns.forms.files.yaml_writing import write_yaml
from campaigns.forms.words import Ending
from tests.documents import DOCS, section, words
from tests.questionnaires import KINDS, answered, interview

TEXT = re.findall(r"```yaml\n(.*?)```", (DOCS / "forms.md").read_text(encoding="utf-8"), re.DOTALL)[
    0
]
FORM = read_yaml(TEXT)
PERSON = Person({"name": "Ann", "shop": "Kvitka"}, "seed", date(2026, 11, 23))


def test_it_has_ten_questions_and_can_be_published() -> None:
    assert len(FORM.by_code) == 10
    assert check(FORM) == ()
    assert read_yaml(write_yaml(FORM)) == FORM


def test_it_is_walked_through() -> None:
    answers = answered(
        FORM, ("consent", "yes"), ("last_order", "2026-11-20"), ("spent", "250,50"), person=PERSON
    )
    for code, value in (
        ("courier_grade", 4),
        ("aspects", {"speed": "content", "packing": "content"}),
    ):
        answers = _also(answers, code, value)
    answers = _also(_also(answers, "nps", 3), "why", ["price"])
    now = walk(FORM, answers, PERSON)
    assert now.next is not None
    assert now.next.code == "call_back"
    end = _also(_also(answers, "call_back", "no"), "thanks", True)
    assert walk(FORM, end, PERSON).ending is Ending.COMPLETE
    assert "phone" not in result_answers(FORM, end, PERSON)


def _also(answers: Answers, code: str, value: object) -> Answers:
    from campaigns.forms.answering.engine import record

    after = record(FORM, answers, code, value, PERSON)
    if not isinstance(after, Answers):  # the section rotates: the other one is asked first
        assert code == "courier_grade"
        matrix = {"speed": "content", "packing": "content"}
        return _also(_also(answers, "aspects", matrix), code, value)
    return after


def test_it_speaks_to_the_person() -> None:
    now = walk(FORM, Answers(), PERSON)
    assert now.next is not None
    seen = shown(FORM, now.next, now, PERSON, "uk")
    assert seen["text"] == "Добрий день, Ann! Маєте три хвилини?"
    assert [option["text"] for option in seen["options"]] == ["Так", "Ні"]


def test_anybody_comes_to_its_end() -> None:
    for seed in range(100):
        person = Person(PERSON.contact, str(seed), date(2028, 1, 1))
        answers, _ = interview(FORM, person, Random(seed))
        assert walk(FORM, answers, person).ending is not None


def test_as_xlsform_it_is_refused_for_what_would_be_lost() -> None:
    with pytest.raises(NotExportable) as refused:
        write_xlsform(FORM)
    told = str(refused.value.facts["faults"])
    assert "screen out" in told
    assert "skip" in told


def test_the_page_tells_every_type_and_function() -> None:
    text = section("forms.md", "A form")
    assert set(KINDS) <= words(text)
    functions = " ".join(words(section("forms.md", "Conditions")))
    assert {name for name in FUNCTIONS if f"{name}(" not in functions} == set()
