"""What bars a form from being published, and that nothing else does."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.forms.answering.answers import Answers
from campaigns.forms.answering.engine import walk
from campaigns.forms.answering.settling import settle
from campaigns.forms.checks.checking import check
from campaigns.forms.form import Form
from campaigns.forms.words import FindingCode
from tests.form_mistakes import LONG, WRONG
from tests.questionnaires import OPTIONS, form_of, question


@pytest.mark.parametrize(("name", "questions", "expected"), WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_form_is_told_what_is_wrong(
    name: str, questions: list[dict[str, Any]], expected: list[str]
) -> None:
    del name
    fields = ["age", "city"] if "contact.age" in str(questions) else ["city"]
    found = check(form_of(*questions, contact_fields=fields))
    seen = sorted(f"{one.code.value} {one.place}" for one in found)
    # Some mistakes are two: a second place, or the finding that follows of it.
    assert [each for each in expected if each not in seen] == [], seen
    codes = {each.split()[0] for each in expected} | {"forward_reference"}
    assert {each.split()[0] for each in seen} <= codes, seen
    assert all(one.sentence.endswith(".") and one.remedy and one.bars for one in found)


def test_every_finding_is_tried() -> None:
    elsewhere = {"bad_rotation", "rotated_reference", "missing_translation", "undecided"}
    tried = {each.split()[0] for _, _, expected in WRONG for each in expected}
    assert {code.value for code in FindingCode} == tried | elsewhere


def test_what_rotates_together_cannot_look_at_each_other() -> None:
    sections = [
        {
            "code": "s1",
            "rotate": True,
            "questions": [question("q1"), question("q2", show_if="q1 = 'a'")],
        },
        {"code": "s2", "block": "b", "questions": [question("q3")]},
        {"code": "s3", "block": "b", "questions": [question("q4", show_if="q3 = 'a'")]},
    ]
    found = check(Form.model_validate({"code": "f", "sections": sections}))
    assert [(one.code, one.place) for one in found] == [
        (FindingCode.ROTATED_REFERENCE, "q2.show_if"),
        (FindingCode.ROTATED_REFERENCE, "q4.show_if"),
    ]


def test_rotation_that_turns_nothing_and_skips_into_it_are_told() -> None:
    sections = [
        {"code": "s1", "questions": [question("q1", skips=[{"when": "q1 = 'a'", "to": "q2"}])]},
        {"code": "s2", "rotate": True, "block": "b", "questions": [question("q2")]},
    ]
    found = check(Form.model_validate({"code": "f", "sections": sections}))
    assert {(one.code.value, one.place) for one in found} == {
        ("bad_rotation", "block b"),
        ("bad_rotation", "section s2"),
        ("bad_skip", "q1.skips.1"),
    }


def test_each_language_is_complete() -> None:
    half = {"en": "Yes"}
    form = form_of(
        question("q1", text={"en": "Q", "ru": "В"}, options=[{"code": "a", "text": half}]),
        question(
            "q2",
            text={"en": "Q", "ru": "В", "uk": "П"},
            hint=half,
            options=[{"code": "a", "text": "A"}],
        ),
        languages=["en", "ru"],
    )
    found = [(one.code.value, one.place, one.sentence) for one in check(form)]
    assert found == [
        ("missing_translation", "q1.options.a", "The text is missing in: ru."),
        ("missing_translation", "q2.text", "The form does not speak: uk."),
        ("missing_translation", "q2.hint", "The text is missing in: ru."),
    ]


UNDECIDED: list[list[dict[str, Any]]] = [
    [
        question("a", "number"),
        question("b", "number"),
        question("q", show_if="a + b = 100000 and a > b"),
    ],
    [question("a", "text"), question("q", show_if="length(a) > 7 and length(a) < 5")],
    [question("d", "date"), question("q", show_if="days(d, today()) > 3 and d > today()")],
    [
        *(question(f"m{n}", "multiple", options=LONG[:6]) for n in range(4)),
        question(
            "q",
            show_if=" and ".join(f"count(m{n}) = 5" for n in range(4))
            + " and m0 has 'o0' and count(m0) = 4",
        ),
    ],
]


@pytest.mark.parametrize("questions", UNDECIDED)
def test_what_cannot_be_decided_is_said_and_bars_nothing(questions: list[dict[str, Any]]) -> None:
    found = check(form_of(*questions))
    assert [(one.code, one.bars) for one in found] == [(FindingCode.UNDECIDED, False)]


def test_a_large_form_is_checked_without_guesses() -> None:
    many = [question("age", "number", screen_out_if="age < 18")]
    for at in range(100):
        many.append(question(f"n{at}", "nps", screen_out_if=f"n{at} = 0"))
        many.append(question(f"why{at}", "text", show_if=f"n{at} < 7 and age > 30"))
    assert check(form_of(*many)) == ()


def test_what_hangs_together_too_long_is_undecided() -> None:
    many = [question("n0", "nps")]
    many += [question(f"n{at}", "nps", show_if=f"n{at - 1} > 3") for at in range(1, 200)]
    found = check(form_of(*many))
    assert {one.code for one in found} == {FindingCode.UNDECIDED}


def test_a_question_for_those_who_were_led_past_another_is_reached() -> None:
    skips = [{"when": "q0 = 'a'", "to": "q2"}]
    form = form_of(
        question("q0", skips=skips), question("q1"), question("q2", show_if="not answered(q1)")
    )
    assert check(form) == ()


ATOMS = [f"{q} = '{o}'" for q in ("q0", "q1", "q2") for o in "ab"]
ATOMS += [f"answered({q})" for q in ("q0", "q1", "q2")] + ["dont_know(q0)", "q0 != 'a'"]
ATOMS += [f"not answered({q})" for q in ("q0", "q1", "q2")]


@st.composite
def small_forms(draw: st.DrawFn) -> Form:
    made = []
    for at in range(4):
        atoms = [atom for atom in ATOMS if all(f"q{n}" not in atom for n in range(at, 4))]
        own = [f"q{at} = 'a'", f"q{at} = 'b'", f"answered(q{at})"]
        more: dict[str, Any] = {"options": OPTIONS[:2], "dont_know": at == 0}
        shown_if: bool = draw(st.booleans())
        if atoms and shown_if:
            parts = draw(st.lists(st.sampled_from(atoms), min_size=1, max_size=3))
            more["show_if"] = draw(st.sampled_from([" and ", " or "])).join(parts)
        if draw(st.integers(0, 2)) == 0:
            more["screen_out_if"] = " and ".join(
                draw(st.lists(st.sampled_from([*atoms, *own]), min_size=1, max_size=2))
            )
        if at < 3 and draw(st.integers(0, 2)) == 0:
            to = draw(st.sampled_from([*(f"q{n}" for n in range(at + 1, 4)), "end"]))
            more["skips"] = [{"when": draw(st.sampled_from([*atoms, *own])), "to": to}]
        made.append(question(f"q{at}", **more))
    return form_of(*made)


def everybody(form: Form) -> Iterator[set[str]]:
    """Yield the questions that each possible person is asked."""
    ways: list[dict[str, Any]] = [{"value": "a"}, {"value": "b"}, {"no_answer": "dont_know"}]
    from campaigns.forms.answering.answers import Answer, given_from

    for chosen in product(ways, repeat=len(form.by_code)):
        answers = Answers()
        for asked, way in zip(form.questions(), chosen, strict=True):
            answer = settle(form, asked, given_from(way))
            if isinstance(answer, Answer):
                answers = answers.having(asked.code, answer)
        now = walk(form, answers)
        yield {*now.path, *([now.next.code] if now.next else [])}


@settings(max_examples=150, deadline=None)
@given(small_forms())
def test_unreachable_is_what_nobody_is_asked_and_nothing_else(form: Form) -> None:
    found = check(form)
    said = {
        one.place.removesuffix(".show_if")
        for one in found
        if one.code in (FindingCode.UNREACHABLE, FindingCode.CONTRADICTION)
    }
    asked = set[str]().union(*everybody(form))
    assert FindingCode.UNDECIDED not in {one.code for one in found}
    assert said == set(form.by_code) - asked
