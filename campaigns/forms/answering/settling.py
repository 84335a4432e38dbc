"""What somebody entered -> an answer that fits the question, or the reason why not."""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.forms.answering.answers import Answer, Given, Refused
from campaigns.forms.answering.characters import well_formed
from campaigns.forms.answering.refreshing import settle_refresh
from campaigns.forms.answering.settling_choices import (
    settle_matrix,
    settle_multiple,
    settle_ranking,
)
from campaigns.forms.answering.settling_values import (
    settle_address,
    settle_date,
    settle_email,
    settle_number,
    settle_phone,
    settle_points,
    settle_text,
)
from campaigns.forms.form import Form
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import (
    Address,
    DateQuestion,
    EmailQuestion,
    Matrix,
    Money,
    Multiple,
    Nps,
    NumberQuestion,
    PhoneQuestion,
    Question,
    Ranking,
    Scale,
    Single,
    TextQuestion,
)
from campaigns.forms.words import AnswerRefusal, NoAnswer


def settle(form: Form, question: Question, given: Given) -> Answer | Refused:
    """Return the answer that was meant, or why it is not taken. ``valid_if`` is not looked at here."""
    given = Given(well_formed(given.value), given.no_answer, well_formed(given.other))
    if not isinstance(question, Asking):
        # Notes and prompts are gone on with: the answer says that they were read or played.
        return Answer(value=True)
    if given.no_answer is not None:
        return _no_answer(question, given.no_answer)
    if _is_nothing(given.value):
        return _no_answer(question, NoAnswer.BLANK)
    if given.other and not isinstance(question, Single | Multiple):
        return Refused(AnswerRefusal.OTHER_NOT_ALLOWED, "This question takes no words of its own.")
    return _value(form, question, given)


def _is_nothing(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    empty = isinstance(value, Sequence | Mapping) and not value
    return value is None or empty


def _no_answer(question: Asking, wanted: NoAnswer) -> Answer | Refused:
    match wanted:
        case NoAnswer.BLANK if question.required:
            return Refused(AnswerRefusal.REQUIRED, "This question needs an answer.")
        case NoAnswer.DONT_KNOW if not question.dont_know:
            return Refused(
                AnswerRefusal.NO_ANSWER_NOT_ALLOWED, "Here 'don't know' is not an answer."
            )
        case NoAnswer.REFUSED if not question.refused:
            return Refused(AnswerRefusal.NO_ANSWER_NOT_ALLOWED, "Here refusing is not an answer.")
        case _:
            return Answer(no_answer=wanted)


def _value(form: Form, question: Asking, given: Given) -> Answer | Refused:
    match question:
        case Single():
            return settle_refresh(form, question, given)
        case Multiple():
            return settle_multiple(question, given)
        case Ranking():
            return settle_ranking(question, given.value)
        case Matrix():
            return settle_matrix(question, given.value)
        case Scale() | Nps():
            return settle_points(question, given.value)
        case NumberQuestion() | Money():
            return settle_number(question, given.value)
        case DateQuestion():
            return settle_date(question, given.value)
        case PhoneQuestion():
            return settle_phone(given.value, question.region or form.region)
        case EmailQuestion():
            return settle_email(given.value)
        case Address():
            return settle_address(question, given.value)
        case TextQuestion():
            return settle_text(question, given.value)
        case _:
            return Refused(AnswerRefusal.NO_SUCH_QUESTION, "This kind of question is not known.")
