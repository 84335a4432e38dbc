"""Database refresh: a field of the client's record is confirmed, or corrected by a value that fits it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from campaigns.forms.answering.answers import Answer, Given, Refused, json_of
from campaigns.forms.answering.settling_choices import settle_single
from campaigns.forms.answering.settling_values import (
    settle_date,
    settle_email,
    settle_number,
    settle_phone,
)
from campaigns.forms.form import Form
from campaigns.forms.questions import Correction, DateQuestion, NumberQuestion, Single
from campaigns.forms.words import NoAnswer, RefreshState

#: Digits after the point that a corrected number may have.
_PLACES = 6


def settle_refresh(form: Form, question: Single, given: Given) -> Answer | Refused:
    """Return the option, and the new value as such values are kept: a telephone number in E.164."""
    answer = settle_single(question, given)
    if isinstance(answer, Refused) or not (question.refreshes and answer.other):
        return answer
    fitting = _fitting(form, question, answer.other)
    if isinstance(fitting, Refused):
        return fitting
    return replace(answer, other=str(json_of(fitting.value)))


def _fitting(form: Form, question: Single, words: str) -> Answer | Refused:
    match question.correction:
        case Correction.PHONE:
            return settle_phone(words, form.region)
        case Correction.EMAIL:
            return settle_email(words)
        case Correction.DATE:
            return settle_date(DateQuestion(code=question.code), words)
        case Correction.NUMBER:
            found = settle_number(NumberQuestion(code=question.code, places=_PLACES), words)
            return found if isinstance(found, Refused) else _shortest(found)
        case Correction.TEXT:
            return Answer(words)


def _shortest(found: Answer) -> Answer:
    """Return a number without the zeros at its end that nobody said."""
    number = found.value
    if not isinstance(number, Decimal):
        return found
    plain = f"{number:f}"
    return Answer(plain.rstrip("0").rstrip(".") if "." in plain else plain)


def refreshing(form: Form) -> Iterator[Single]:
    """Yield the questions that refresh a field, in the order of the file."""
    for question in form.questions():
        if isinstance(question, Single) and question.refreshes:
            yield question


def refreshed(
    question: Single, counted: Mapping[str, Answer], record: Mapping[str, str]
) -> tuple[RefreshState, str, str]:
    """Return what became of a field, its value as it stood, and as it is now.

    A value that was "corrected" to what stood there before is confirmed. The new value is empty where nobody
    said one.
    """
    old = record.get(question.refreshes, "")
    answer = counted.get(question.code)
    if answer is None or answer.no_answer is NoAnswer.BLANK:
        return RefreshState.NOT_ASKED, old, ""
    if answer.no_answer is not None:
        return RefreshState.REFUSED, old, ""
    if answer.other and answer.other != old:
        return RefreshState.CORRECTED, old, answer.other
    return RefreshState.CONFIRMED, old, old
