"""A question as the fields of a page, and back: nothing is lost, what is wrong is told at its field."""

from typing import Any

import pytest
from hypothesis import given, settings

from api.builder.fields import fields_of, fields_of_form, fields_of_section
from api.builder.listed import pressed
from api.builder.naming import code_for
from api.builder.reading import cleaned_fields, question_in, section_in, settings_in
from campaigns.forms.editing.kinds import KINDS, fresh
from campaigns.forms.form import Form
from tests.questionnaires import OPTIONS, form_of, forms, question

FORM = form_of(
    question("q1", text={"en": "Hello?", "uk": "Вітаю?"}),
    question("q2", "multiple", most=2, options=[*OPTIONS, {"code": "z", "text": "Z", "other": True}]),
    question("q3", "number", least="0.5", most=9, places=1, show_if="q1 = 'a'"),
    languages=["en", "uk"],
    contact_fields=["city"],
)  # fmt: skip


def read(code: str, form: Form = FORM, /, **changed: str | None) -> Any:
    """Read a question's fields after some were changed; None takes one out."""
    fields = fields_of(form.by_code[code], form)
    for name, value in changed.items():
        key = name.replace("__", ".")
        if value is None:
            fields.pop(key, None)
        else:
            fields[key] = value
    return question_in(fields, form.by_code[code], form)


@given(form=forms())
@settings(max_examples=80, deadline=None)
def test_fields_that_nobody_changed_say_the_same(form: Form) -> None:
    for one in form.questions():
        found = question_in(fields_of(one, form), one, form)
        assert (found.value, found.problems) == (one, {})
    for section in form.sections:
        assert section_in(fields_of_section(section, form), section, form).value == section
    assert settings_in(fields_of_form(form), form).value == form


def test_fresh_questions_of_every_kind_go_there_and_back() -> None:
    for kind in KINDS:
        one = fresh(kind, "q9")
        assert question_in(fields_of(one, FORM), one, FORM).value == one


def test_texts_change_in_one_language_and_stay_in_the_other() -> None:
    made = read("q1", text__uk="Добрий день?").value
    assert made.text.plain() == {"en": "Hello?", "uk": "Добрий день?"}
    assert read("q1", text__uk="").value.text.plain() == {"en": "Hello?"}
    own = form_of(question("q1", text="Anything"), languages=["en", "uk"])
    assert read("q1", own, text__uk="Щось").value.text.plain() == {"en": "Anything", "uk": "Щось"}
    foreign = form_of(question("q1", text={"en": "A", "de": "B"}))
    assert read("q1", foreign, text__en="C").value.text.plain() == {"de": "B", "en": "C"}


def test_flags_limits_and_options_change() -> None:
    made = read("q2", required=None, dont_know="on", most="", least="2").value
    assert (made.required, made.dont_know, made.most, made.least) == (False, True, None, 2)
    assert read("q3", least="1,5").value.model_dump(mode="json")["least"] == "1.5"
    other = read("q2", options__0__text__en="First", options__0__exclusive="on").value.options[0]
    assert (other.text.plain(), other.exclusive) == ({"en": "First"}, True)


@pytest.mark.parametrize(
    ("code", "changed", "field", "kind"),
    [
        ("q3", {"least": "many"}, "least", "decimal_parsing"),
        ("q3", {"places": "7"}, "places", "less_than_equal"),
        ("q1", {"code": "1st"}, "code", "string_pattern_mismatch"),
        ("q1", {"options__1__code": "a b"}, "options.1.code", "string_pattern_mismatch"),
        ("q2", {"least": "-1"}, "least", "greater_than_equal"),
        ("q1", {"text__en": "x" * 6000}, "text.en", "value_error"),
        (
            "q1",
            {"show_if__0__left": "q3", "show_if__0__sign": ">", "show_if__0__value": "x"},
            "show_if",
            "bad_value",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    code: str, changed: dict[str, str], field: str, kind: str
) -> None:
    found = read(code, **changed)
    assert found.value is None
    assert {name: one.kind for name, one in found.problems.items()} == {field: kind}


def test_an_unfinished_condition_leaves_the_old_one() -> None:
    assert read("q3", show_if__0__left="q2", show_if__0__value="").value.show_if == "q1 = 'a'"
    assert read("q3", show_if__0__left="").value.show_if == ""
    added = read("q3", show_if__join="any", show_if__1__left="q2", show_if__1__sign="has",
                 show_if__1__value="b")  # fmt: skip
    assert added.value.show_if == "q1 = 'a' or q2 has 'b'"
    wrong_sign = read("q3", show_if__0__sign=">")
    assert wrong_sign.value.show_if == "q1 = 'a'"
    text = read("q3", show_if__as="text", show_if__text=" q1 in ('a', 'b') ")
    assert text.value.show_if == "q1 in ('a', 'b')"


def test_jumps_are_read_and_unfinished_ones_wait() -> None:
    when = {"skips__0__when__as": "rows", "skips__0__when__0__left": "q1"}
    made = read("q1", skips__0__to="q3", **when, skips__0__when__0__sign="=",
                skips__0__when__0__value="b")  # fmt: skip
    assert [(one.when, one.to) for one in made.value.skips] == [("q1 = 'b'", "q3")]
    assert read("q1", skips__0__to="q3", **when).value.skips == ()


def test_another_kind_keeps_what_both_have() -> None:
    made = read("q2", kind="single").value
    assert (made.type, len(made.options)) == ("single", 4)
    assert read("q1", kind="number").value.type == "number"
    assert read("q1", kind="nonsense").value.type == "single"


def test_buttons_add_move_and_take_out() -> None:
    fields = fields_of(FORM.by_code["q1"], FORM)
    longer = pressed(fields, "add:options")
    assert longer["options.3.code"] == "1"
    turned = pressed(pressed(fields, "up:options:2"), "remove:options:0")
    made: Any = question_in(turned, FORM.by_code["q1"], FORM).value
    assert [one.code for one in made.options] == ["c", "b"]
    for nothing in ("", "up:options:0", "down:options:2", "remove:options:9", "burn:options:1"):
        assert pressed(fields, nothing) == fields
    assert pressed(fields, "add:show_if")["show_if.0.left"] == ""
    assert pressed(fields, "text:show_if")["show_if.as"] == "text"
    jump = pressed(pressed(fields, "add:skips"), "add:skips.0.when")
    assert jump["skips.0.to"] == "end"
    assert "skips.0.when.1.left" in jump


def test_settings_take_headings_as_they_stand_and_keep_a_language() -> None:
    fields = fields_of_form(FORM) | {
        "contact_fields": "City\nDate of birth, city;Сумма, руб.",
        "add_language": "de",
        "without.uk": "on",
    }
    made = settings_in(fields, FORM).value
    assert made is not None
    assert made.contact_fields == ("city", "date_of_birth", "сумма", "руб")
    assert made.languages == ("en", "de")
    assert made.sections == FORM.sections
    kept = settings_in({**fields_of_form(FORM), "without.en": "on", "without.uk": "on"}, FORM)
    assert kept.value is not None
    assert kept.value.languages == ("en", "uk")


def test_what_cannot_be_stored_is_taken_out() -> None:
    sent = [("a", "x\0y\r\nz"), ("b", "\ud800"), ("c", object()), ("d", "x" * 30_000)]
    fields = cleaned_fields(sent)
    assert (fields["a"], fields["b"], len(fields["d"])) == ("xy\nz", "", 20_000)
    assert "c" not in fields


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Опрос клиентов 2026", "opros_klientov_2026"),
        ("Якість їжі", "iakist_izhi"),
        ("2026: Café!", "cafe"),
        ("123", "form"),
        ("", "form"),
    ],
)
def test_a_code_is_made_from_a_name(name: str, code: str) -> None:
    assert code_for(name).replace("ya", "ia") == code.replace("ya", "ia")
