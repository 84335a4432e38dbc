"""What each kind of question takes, and why it does not take the rest."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from campaigns.forms.answering.answers import Answers, Given
from campaigns.forms.answering.engine import record, result_answers, walk
from campaigns.forms.expressions.nodes import Parts, Value
from campaigns.forms.words import AnswerRefusal, Ending, NoAnswer
from tests.questionnaires import OPTIONS, answered, form_of, question, refusal

OTHER = [*OPTIONS, {"code": "z", "text": "Other", "other": True}]
ALONE = [*OPTIONS, {"code": "none", "text": "None", "exclusive": True}]
TAKEN: list[tuple[str, dict[str, Any], Any, Value]] = [
    ("single", {}, "b", "b"),
    ("single", {"options": [{"code": 1, "text": "One"}]}, 1, "1"),
    ("multiple", {}, ["c", "a"], ("a", "c")),
    ("multiple", {"options": ALONE, "least": 2}, ["none"], ("none",)),
    ("ranking", {}, ["c", "a", "b"], ("c", "a", "b")),
    ("ranking", {"top": 1}, ["b"], ("b",)),
    ("scale", {}, 5, Decimal(5)),
    ("scale", {"first": -3, "last": 3}, "-3", Decimal(-3)),
    ("nps", {}, 0, Decimal(0)),
    ("matrix", {}, {"r2": "a", "r1": "c"}, Parts((("r1", "c"), ("r2", "a")))),
    ("matrix", {"required": False}, {"r2": "a"}, Parts((("r2", "a"),))),
    ("number", {"places": 1}, "1 234,5", Decimal("1234.5")),
    ("number", {"least": 0, "most": 3}, 3, Decimal(3)),
    ("money", {}, "1234.50", Decimal("1234.50")),
    ("date", {}, "2026-02-28", date(2026, 2, 28)),
    ("text", {}, "  two words ", "two words"),
    ("text", {"mask": "##-@@"}, "12-аб", "12-аб"),
    ("phone", {"region": "RU"}, "8 (495) 123-45-67", "+74951234567"),
    ("phone", {}, "+1 212 555 0123", "+12125550123"),
    ("email", {}, "Some.One+tag@Example.ORG", "Some.One+tag@example.org"),
    (
        "address",
        {},
        {"street": "Main St", "city": "Kyiv"},
        Parts((("city", "Kyiv"), ("street", "Main St"))),
    ),
    ("note", {}, None, True),
    ("prompt", {"audio": "jingle.wav"}, True, True),
]
REFUSED: list[tuple[str, dict[str, Any], Any, str]] = [
    ("single", {}, "x", "unknown_option"),
    ("single", {}, ["a"], "wrong_shape"),
    ("single", {}, True, "wrong_shape"),
    ("single", {}, "", "required"),
    ("single", {}, None, "required"),
    ("single", {}, NoAnswer.BLANK, "required"),
    ("single", {}, NoAnswer.DONT_KNOW, "no_answer_not_allowed"),
    ("single", {"dont_know": True}, NoAnswer.REFUSED, "no_answer_not_allowed"),
    ("single", {"options": OTHER}, "z", "other_needs_text"),
    ("single", {"options": OTHER}, Given("a", other="words"), "other_not_allowed"),
    ("single", {"options": OTHER}, Given("z", other="w" * 1001), "too_long"),
    ("multiple", {}, "a", "wrong_shape"),
    ("multiple", {}, ["a", "a"], "double_option"),
    ("multiple", {"options": ALONE}, ["a", "none"], "exclusive_option"),
    ("multiple", {"least": 2}, ["a"], "too_few"),
    ("multiple", {"most": 2}, ["a", "b", "c"], "too_many"),
    ("ranking", {}, ["a"], "too_few"),
    ("ranking", {"top": 1}, ["a", "b"], "too_many"),
    ("scale", {}, 6, "too_large"),
    ("scale", {}, 0, "too_small"),
    ("scale", {}, "2.5", "not_a_number"),
    ("nps", {}, 11, "too_large"),
    ("nps", {}, True, "not_a_number"),
    ("matrix", {}, {"r1": "a"}, "row_missing"),
    ("matrix", {}, {"r1": "a", "r2": "x"}, "unknown_option"),
    ("matrix", {}, {"r1": "a", "r2": "b", "r3": "c"}, "unknown_row"),
    ("matrix", {}, ["a"], "wrong_shape"),
    ("number", {}, "many", "not_a_number"),
    ("number", {}, "1e5", "not_a_number"),
    ("number", {}, float("nan"), "not_a_number"),
    ("number", {}, "1.5", "too_many_decimals"),
    ("number", {"least": 1}, 0, "too_small"),
    ("money", {"most": 10}, "10.01", "too_large"),
    ("money", {}, "0.001", "too_many_decimals"),
    ("date", {}, "2026-02-30", "not_a_date"),
    ("date", {}, 20260230, "not_a_date"),
    ("date", {"earliest": "2026-01-01"}, "2025-12-31", "too_early"),
    ("date", {"latest": "2026-01-01"}, "2026-01-02", "too_late"),
    ("text", {}, 5, "wrong_shape"),
    ("text", {"shortest": 3}, "ab", "too_short"),
    ("text", {"longest": 3}, "abcd", "too_long"),
    ("text", {"mask": "##-@@"}, "1a-ab", "wrong_pattern"),
    ("phone", {}, "8 495 123 45 67", "not_a_phone"),
    ("phone", {"region": "RU"}, "123", "not_a_phone"),
    ("email", {}, "nobody", "not_an_email"),
    ("email", {}, "a@b", "not_an_email"),
    ("email", {}, "a..b@example.org", "not_an_email"),
    ("address", {}, {"city": "Kyiv"}, "part_missing"),
    ("address", {}, {"planet": "Mars"}, "unknown_part"),
    ("address", {}, "Kyiv", "wrong_shape"),
    ("nps", {"valid_if": "value != 3"}, 3, "rule_broken"),
    ("nps", {}, Given(3, other="words"), "other_not_allowed"),
]


@pytest.mark.parametrize(("kind", "more", "value", "expected"), TAKEN)
def test_an_answer_is_taken(kind: str, more: dict[str, Any], value: Any, expected: Value) -> None:
    form = form_of(question("q1", kind, **more))
    answer = answered(form, ("q1", value)).by_code["q1"]
    assert answer.value == expected
    assert type(answer.value) is type(expected)


@pytest.mark.parametrize(("kind", "more", "value", "reason"), REFUSED)
def test_an_answer_is_refused(kind: str, more: dict[str, Any], value: Any, reason: str) -> None:
    assert refusal(form_of(question("q1", kind, **more)), "q1", value) == reason


def test_every_reason_is_tried() -> None:
    tried = {reason for _, _, _, reason in REFUSED}
    assert {reason.value for reason in AnswerRefusal} - tried == {"not_asked", "no_such_question"}


def test_no_answer_is_an_answer_where_it_is_allowed() -> None:
    form = form_of(
        question("q1", dont_know=True, refused=True, required=False),
        question("q2", show_if="dont_know(q1)"),
        question("q3", show_if="refused(q1)"),
        question("q4", show_if="answered(q1)"),
        question("q5", show_if="q1 != 'a'"),
    )

    def follows(value: Any) -> str | None:
        now = walk(form, answered(form, ("q1", value)))
        return now.next.code if now.next else None

    assert follows(NoAnswer.DONT_KNOW) == "q2"
    assert follows(NoAnswer.REFUSED) == "q3"
    assert follows("a") == "q4"
    assert follows(NoAnswer.BLANK) is None, "what is not known is not different from a"
    assert result_answers(form, answered(form, ("q1", NoAnswer.REFUSED)))["q1"].as_json() == {
        "no_answer": "refused"
    }


def test_what_is_not_asked_is_not_recorded() -> None:
    form = form_of(question("q1"), question("q2"), question("c", "calculated", expression="1"))
    assert refusal(form, "q2", "a") == "not_asked"
    assert refusal(form, "c", 1) == "no_such_question"
    assert refusal(form, "nobody", 1) == "no_such_question"


def test_a_rule_says_its_message_and_sees_earlier_answers() -> None:
    form = form_of(
        question("adults", "number"),
        question(
            "workers",
            "number",
            valid_if="value <= adults",
            valid_message={"en": "Not more than adults", "ru": "Не больше взрослых"},
        ),
    )
    answers = answered(form, ("adults", 2))
    refused = record(form, answers, "workers", 3)
    assert not isinstance(refused, Answers)
    assert refused.facts["texts"]["ru"] == "Не больше взрослых"
    both = answered(form, ("adults", 2), ("workers", 2))
    fewer = record(form, both, "adults", 1)
    assert isinstance(fewer, Answers)
    again = walk(form, fewer).next
    assert again is not None
    assert again.code == "workers", "an answer that fits no more is asked for again"
    assert "workers" not in result_answers(form, fewer)


def test_screening_out_ends_the_interview() -> None:
    form = form_of(question("q1", screen_out_if="q1 = 'c'"), question("q2"))
    out = answered(form, ("q1", "c"))
    assert walk(form, out).ending is Ending.SCREENED_OUT
    assert walk(form, out).progress == 1
    assert set(result_answers(form, out)) == {"q1"}


def test_skips_lead_on_to_questions_sections_and_the_end() -> None:
    skips = [
        {"when": "q1 = 'a'", "to": "q3"},
        {"when": "q1 = 'b'", "to": "end"},
        {"when": "q1 = 'c'", "to": "q1"},
    ]
    form = form_of(question("q1", skips=skips), question("q2"), question("q3"))

    def follows(value: str) -> str | None:
        now = walk(form, answered(form, ("q1", value)))
        return now.next.code if now.next else None

    assert [follows(value) for value in "abc"] == ["q3", None, "q2"]


def test_calculations_are_results_and_never_asked() -> None:
    form = form_of(
        question("price", "money"),
        question("pieces", "number"),
        question("sum", "calculated", expression="round(price * pieces / 3, 2)"),
        question("size", "calculated", expression="if(sum > 100, 'large', 'small')"),
        question("none", "calculated", expression="price / 0"),
        question("thanks", "note", show_if="size = 'large'"),
    )
    answers = answered(form, ("price", "99.99"), ("pieces", 4))
    result = result_answers(form, answers)
    assert result["sum"].value == Decimal("133.32")
    assert result["size"].value == "large"
    assert "none" not in result
    assert walk(form, answers).next == form.by_code["thanks"]
    assert "thanks" not in result_answers(
        form, answered(form, ("price", "99.99"), ("pieces", 4), ("thanks", True))
    )


def test_answers_cannot_be_changed_behind_ones_back() -> None:
    answers = answered(form_of(question("q1")), ("q1", "a"))
    with pytest.raises(TypeError):
        answers.by_code["q1"] = None  # type: ignore[index]  # that is the test
