"""An answer in a page: what was sent -> what was given; what stands -> words."""

from collections.abc import Callable, Sequence
from typing import Any

from api.builder.listed import Fields
from api.builder.words import NO_ANSWERS
from campaigns.forms.answering.answers import Answer, Given, Refused, json_of
from campaigns.forms.expressions.nodes import Parts
from campaigns.forms.question_parts import Option
from campaigns.forms.questions import (
    Address,
    Matrix,
    Multiple,
    Question,
    Ranking,
    Single,
)
from campaigns.forms.words import AnswerRefusal, NoAnswer

#: Buttons that stand in the place of a value.
_NO_ANSWERS = {one.value: one for one in NoAnswer}


def given_in(fields: Fields, question: Question) -> Given | Refused:
    """Return what somebody entered for a question."""
    button = fields.get("do", "")
    if button in _NO_ANSWERS:
        return Given(no_answer=_NO_ANSWERS[button])
    match question:
        case Single(options=options):
            chosen = fields.get("answer")
            return Given(chosen, other=_other(options, {chosen or ""}, fields))
        case Multiple(options=options):
            codes = [one.code for one in options if f"answer.{one.code}" in fields]
            return Given(codes, other=_other(options, set(codes), fields))
        case Ranking(options=options):
            return _ranked(fields, [one.code for one in options])
        case Matrix(rows=rows):
            return Given(_parts(fields, [one.code for one in rows]))
        case Address(parts=parts):
            return Given(_parts(fields, [one.code for one in parts]))
        case _:
            return Given(fields.get("answer"))


def _other(options: tuple[Option, ...], chosen: set[str], fields: Fields) -> str:
    takes = any(one.other and one.code in chosen for one in options)
    return fields.get("other", "") if takes else ""


def _parts(fields: Fields, codes: list[str]) -> dict[str, Any]:
    return {code: said for code in codes if (said := fields.get(f"answer.{code}", "").strip())}


def _ranked(fields: Fields, codes: list[str]) -> Given | Refused:
    places = {code: fields.get(f"answer.{code}", "") for code in codes}
    said = {code: int(place) for code, place in places.items() if place.isdecimal()}
    if len(set(said.values())) < len(said):
        return Refused(AnswerRefusal.DOUBLE_OPTION, "Two options have the same place.")
    return Given(sorted(said, key=said.__getitem__))


def answer_words(
    question: Question, answer: Answer, language: str, say: Callable[[str], str]
) -> str:
    """Return an answer in words."""
    if answer.no_answer is not None:
        return say(NO_ANSWERS[answer.no_answer])
    words = _words(question, answer.value, language)
    return f"{words}: {answer.other}" if answer.other else words


def _words(question: Question, value: Any, language: str) -> str:
    options: Sequence[Option] = getattr(question, "options", ())
    named = {one.code: one.text.within(language) or one.code for one in options}
    match value:
        case Parts(items=items):
            lines = (*getattr(question, "rows", ()), *getattr(question, "parts", ()))
            rows = {str(one.code): str(one.text.within(language) or one.code) for one in lines}
            return "; ".join(f"{rows.get(row, row)}: {named.get(to, to)}" for row, to in items)
        case tuple():
            return ", ".join(named.get(str(one), str(one)) for one in value)
        case bool() | None:
            return ""
        case str():
            return str(named.get(value, value))
        case _:
            return str(json_of(value))
