"""Virtual people's answers fit the questions, follow branches, and are the same for the same seed."""

import random
from collections import Counter
from datetime import date
from typing import Any

from campaigns.forms.answering.answers import Answers, Refused
from campaigns.forms.answering.engine import record, walk
from campaigns.forms.form import Form
from campaigns.forms.words import Ending, NoAnswer
from campaigns.models import Disposition
from campaigns.setup.pretending import pretended
from tests.questionnaires import form_of, question
from workers.jobs.virtual_answers import Filled, chosen

TODAY = date(2026, 11, 23)
FORM = form_of(
    question("consent", screen_out_if="consent = 'c'"),
    question("some", "multiple", least=2, most=2, show_if="consent = 'a'"),
    question("order", "ranking"),
    question("table", "matrix"),
    question("grade", "nps"),
    question("scale", "scale", first=-2, last=2),
    question("age", "number", least=18, most=99, valid_if="value > 20"),
    question("sum", "money", currency="EUR", least="0.5", most=3),
    question("day", "date", earliest="2026-01-01", latest="2026-01-03"),
    question("why", "text", shortest=30, dont_know=True, refused=True, required=False),
    question("plate", "text", mask="@##-?x"),
    question("phone", "phone", region="RU"),
    question("mail", "email"),
    question("home", "address"),
    question("read", "note"),
)


def _filled(form: Form, seed: int) -> Answers:
    rng, answers = random.Random(seed), Answers()
    while (asked := walk(form, answers).next) is not None:
        for _ in range(8):
            given = pretended(asked, rng, region="RU", language="ru", today=TODAY)
            taken = record(form, answers, asked.code, given)
            if not isinstance(taken, Refused):
                break
            assert asked.code == "age", (asked.code, given, taken)
        assert not isinstance(taken, Refused)
        answers = taken
    return answers


def test_every_kind_of_question_gets_answers_that_are_taken() -> None:
    filled = [_filled(FORM, seed) for seed in range(150)]
    endings = Counter(walk(FORM, answers).ending for answers in filled)
    assert endings[Ending.COMPLETE] > endings[Ending.SCREENED_OUT] > 0
    branches = {answers.get("some") is None for answers in filled}
    assert branches == {True, False}
    silences = {one.no_answer for answers in filled if (one := answers.get("why"))}
    assert silences == {None, *NoAnswer}
    assert _filled(FORM, 3).by_code == filled[3].by_code


def _code(code: str, **facts: Any) -> Disposition:
    return Disposition(code=code, label=code, **facts)


def test_the_forms_ending_chooses_the_result_and_nobody_refuses() -> None:
    codes = [
        _code("done", success=True),
        _code("partial", retry_after_s=60),
        _code("refused", refuses=True),
        _code("never", suppresses=True),
        _code("wrong"),
    ]
    drawn = [random.Random(seed) for seed in range(150)]
    assert {chosen(codes, Filled("wrong"), rng) for rng in drawn} == {"wrong"}
    assert {chosen(codes, Filled(broken_off=True), rng) for rng in drawn} == {"partial"}
    assert {chosen(codes, Filled("refused"), rng) for rng in drawn} == {"done", "partial"}
    assert {chosen(codes, None, rng) for rng in drawn} == {"done", "partial", "wrong"}
    assert chosen(codes[2:4], None, drawn[0]) is None
