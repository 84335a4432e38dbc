"""Database refresh in the pure engine: what became of a field, and what a new value must be."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.forms.answering.answers import Answer, Answers, Given, Refused
from campaigns.forms.answering.engine import record, result_answers
from campaigns.forms.answering.refreshing import refreshed, refreshing
from campaigns.forms.checks.checking import check
from campaigns.forms.files.yaml_reading import read_yaml
from campaigns.forms.files.yaml_writing import write_yaml
from campaigns.forms.questions import Correction
from campaigns.forms.refresh_form import RefreshPlan, refresh_form
from campaigns.forms.words import NoAnswer, RefreshState
from tests.questionnaires import form_of, question


def plan(*fields: dict[str, Any], **more: Any) -> RefreshPlan:
    return RefreshPlan.model_validate({"code": "r", "region": "UA", "fields": fields, **more})


def corrected(kind: str, words: str) -> str:
    """What is kept of a new value, or the reason why it is not taken."""
    form = refresh_form(plan({"heading": "City", "correction": kind}))
    after = record(form, Answers(), "city", Given("corrected", other=words))
    if isinstance(after, Refused):
        return after.reason.value
    answer = after.get("city")
    assert answer is not None
    return answer.other


@pytest.mark.parametrize(
    ("kind", "words", "kept"),
    [
        ("text", " Lviv ", "Lviv"),
        ("phone", "044 123 45 67", "+380441234567"),
        ("phone", "12", "not_a_phone"),
        ("email", "Somebody@Example.ORG", "Somebody@example.org"),
        ("email", "nobody", "not_an_email"),
        ("date", "2026-02-03", "2026-02-03"),
        ("date", "3.2.26", "not_a_date"),
        ("number", "1 234,50", "1234.5"),
        ("number", "100", "100"),
        ("number", "many", "not_a_number"),
    ],
)
def test_a_new_value_is_of_its_kind(kind: str, words: str, kept: str) -> None:
    assert corrected(kind, words) == kept


headings = st.text(st.characters(codec="utf-8", exclude_characters="\0{}"), min_size=1, max_size=30)


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "heading": headings.filter(lambda one: any(c.isalpha() for c in one)),
                "correction": st.sampled_from([kind.value for kind in Correction]),
                "locked": st.booleans(),
            }
        ),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.sampled_from(["en", "ru", "uk", "pl"]), min_size=1, unique=True),
)
def test_every_plan_gives_a_form_that_files_say_again(
    fields: list[dict[str, Any]], languages: list[str]
) -> None:
    try:
        form = refresh_form(plan(*fields, languages=languages))
    except ValueError:
        return  # a heading that is no name of a field
    assert read_yaml(write_yaml(form)) == form
    for asked, field in zip(refreshing(form), fields, strict=True):
        assert any(option.code == "corrected" for option in asked.options) is not field["locked"]


def test_a_usual_plan_can_be_published() -> None:
    fields = ({"heading": "City"}, {"heading": "Tax No", "locked": True}, {"heading": "Улица"})
    form = refresh_form(plan(*fields, languages=["en", "ru", "uk"]))
    assert check(form) == ()
    assert [asked.refreshes for asked in refreshing(form)] == ["city", "tax_no", "улица"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ([{"code": "confirmed", "text": "Yes"}, {"code": "corrected", "text": "No"}], "city"),
        ([{"code": "yes", "text": "Yes"}], "city"),
        ([{"code": "confirmed", "text": "Yes"}], "town"),
    ],
)
def test_a_question_that_refreshes_wrongly_bars_the_form(
    options: list[dict[str, Any]], field: str
) -> None:
    asks = question("q1", options=options, refreshes=field)
    assert [found.code.value for found in check(form_of(asks, contact_fields=["city"]))] in (
        ["bad_limits"],
        ["unknown_field"],
    )


@given(
    st.sampled_from(["confirmed", "corrected", *NoAnswer, None]),
    st.text("abc", max_size=3),
    st.text("abc", max_size=3),
)
def test_what_became_of_a_field(said: Any, old: str, new: str) -> None:
    form = refresh_form(plan({"heading": "City"}))
    answers = Answers()
    if isinstance(said, NoAnswer):
        given_ = Given(no_answer=said)
    else:
        given_ = Given(said, other=new if said == "corrected" else "")
    after = record(form, answers, "city", given_)
    counted = result_answers(form, after if isinstance(after, Answers) else answers)
    state, was, now = refreshed(next(iter(refreshing(form))), counted, {"city": old})
    assert was == old
    if isinstance(counted.get("city"), Answer) and said == "corrected":
        assert (state, now) == (
            (RefreshState.CORRECTED, new) if new != old else (RefreshState.CONFIRMED, old)
        )
    elif said == "confirmed":
        assert (state, now) == (RefreshState.CONFIRMED, old)
    elif said is NoAnswer.REFUSED:
        assert (state, now) == (RefreshState.REFUSED, "")
    else:
        assert (state, now) == (RefreshState.NOT_ASKED, "")
