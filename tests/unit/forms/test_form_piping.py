"""Texts with answers in them: what is put in is data."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.forms.answering.answers import Answers, Given, Person
from campaigns.forms.answering.engine import walk
from campaigns.forms.answering.piping import as_html, as_plain, default_for
from campaigns.forms.texts import BadTemplate, Slot, Text, slots
from tests.questionnaires import answered, form_of, question

TEXT = Text.read('Dear {{ contact.name or "customer" }}, you said: {{ answers.q1 }}.')
FORM = form_of(question("q1", "text"), contact_fields=["name"])
nasty = st.text(max_size=60) | st.lists(
    st.sampled_from(["<", ">", "&", '"', "'", "{{", "}}", " contact.secret ", "answers.q1", "<br>"])
).map("".join)


def said(name: str, answer: str, *, html: bool) -> str:
    answers = answered(FORM, ("q1", answer)) if answer.strip() and "\0" not in answer else Answers()
    now = walk(FORM, answers, Person(contact={"name": name, "secret": "LEAKED"}))
    return (as_html if html else as_plain)(TEXT, "en", FORM, now)


@given(nasty, nasty)
def test_piping_never_leaks_markup(name: str, answer: str) -> None:
    html = said(name, answer, html=True)
    assert not re.search(r"[<>\"']", html.replace("<br>", ""))
    assert not re.search(r"&(?!(amp|lt|gt|quot|#x27);)", html)


@given(nasty, nasty)
def test_what_is_put_in_is_not_a_template(name: str, answer: str) -> None:
    plain = said(name, answer, html=False)
    assert "LEAKED" not in plain
    taken = answer.strip() if "\0" not in answer else ""
    assert plain == f"Dear {name or 'customer'}, you said: {taken}."


def test_the_author_writes_words_and_not_markup() -> None:
    now = walk(FORM, Answers())
    text = Text.read("<script>alert(1)</script>\nsecond & last")
    assert as_html(text, "en", FORM, now) == (
        "&lt;script&gt;alert(1)&lt;/script&gt;<br>second &amp; last"
    )


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("single", "b", "B"),
        ("multiple", ["c", "a"], "A, C"),
        ("ranking", ["c", "a", "b"], "C, A, B"),
        ("nps", 9, "9"),
        ("number", "1 200", "1200"),
        ("date", "2026-02-03", "2026-02-03"),
        ("address", {"city": "Kyiv", "street": "Main"}, "Kyiv, Main"),
        ("matrix", {"r1": "a", "r2": "b"}, ""),
    ],
)
def test_an_answer_is_said_in_words(kind: str, value: Any, expected: str) -> None:
    form = form_of(question("q1", kind))
    now = walk(form, answered(form, ("q1", value)))
    assert as_plain(Text.read("{{ answers.q1 }}"), "en", form, now) == expected


def test_the_words_of_an_option_and_the_row_of_a_matrix_can_be_put_in() -> None:
    other = [{"code": "a", "text": "A"}, {"code": "z", "text": "Else", "other": True}]
    form = form_of(question("q1", options=other), question("q2", "matrix"))
    answers = answered(
        form, ("q1", Given("z", other="<i>mine</i>")), ("q2", {"r1": "a", "r2": "c"})
    )
    now = walk(form, answers)
    assert as_plain(Text.read("{{ answers.q1 }}"), "en", form, now) == "<i>mine</i>"
    assert as_plain(Text.read("{{ answers.q1.other }}"), "en", form, now) == "<i>mine</i>"
    assert as_plain(Text.read("{{ answers.q2.r2 }}"), "en", form, now) == "C"


def test_an_answer_off_the_path_is_not_said() -> None:
    form = form_of(question("q1"), question("q2", show_if="q1 = 'a'"))
    answers = answered(form, ("q1", "a"), ("q2", "b"), ("q1", "c"))
    assert as_plain(Text.read('{{ answers.q2 or "-" }}'), "en", form, walk(form, answers)) == "-"


def test_options_that_name_each_other_come_to_an_end() -> None:
    form = form_of(question("q1", options=[{"code": "a", "text": "again {{ answers.q1 }}"}]))
    now = walk(form, answered(form, ("q1", "a")))
    assert as_plain(Text.read("{{ answers.q1 }}"), "en", form, now).startswith("again again")


def test_a_text_is_said_in_the_language_or_the_nearest() -> None:
    text = Text.read({"en": "Hello", "ru": "Привет"})
    assert [text.within(language) for language in ("ru", "en", "uk")] == [
        "Привет",
        "Hello",
        "Hello",
    ]
    assert Text.read("Hi").within("ru") == "Hi"


@pytest.mark.parametrize("bad", ["{{ x }}", "{{ contact }}", "{{ contact.a.b.c }}", "a }}", "{{"])
def test_braces_that_are_no_slot_are_found(bad: str) -> None:
    with pytest.raises(BadTemplate):
        slots(bad)


def test_slots_are_read() -> None:
    found = slots('{{contact.имя or "друг"}} {{ answers.q2.r1 }}')
    assert found == [Slot("contact", "имя", "", "друг"), Slot("answers", "q2", "r1")]


def test_a_default_comes_from_the_contact() -> None:
    now = walk(FORM, Answers(), Person(contact={"city": "{{ contact.name }}"}))
    assert default_for('{{ contact.city }}/{{ contact.zip or "?" }}', now) == "{{ contact.name }}/?"
