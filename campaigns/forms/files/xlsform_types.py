"""The kinds of questions in the words of XLSForm, and what those words leave out."""

from collections.abc import Iterator

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
    Prompt,
    Question,
    Ranking,
    Scale,
    Single,
    TextQuestion,
    range_of,
)

Row = dict[str, str]
#: Digits after the point that a decimal of XLSForm is read with.
DECIMAL_PLACES = 6


def type_of(question: Question) -> Row:
    """Return the cells that say what kind of question it is."""
    match question:
        case Single() | Multiple() | Ranking():
            return _choosing(question)
        case Matrix():
            return {"type": "begin_group", "appearance": "table-list"}
        case Scale() | Nps():
            first, last = range_of(question)
            return {"type": "range", "parameters": f"start={first} end={last} step=1"}
        case NumberQuestion(places=0):
            return {"type": "integer"}
        case NumberQuestion() | Money():
            return {"type": "decimal"}
        case DateQuestion():
            return {"type": "date"}
        case TextQuestion(lines=lines):
            return {"type": "text", "appearance": "multiline" if lines > 1 else ""}
        case PhoneQuestion():
            return {"type": "text", "appearance": "numbers"}
        case EmailQuestion() | Address():
            return {"type": "text"}
        case _:
            return {"type": "note" if question.type in ("note", "prompt") else "calculate"}


def _choosing(question: Single | Multiple | Ranking) -> Row:
    word = {"single": "select_one", "multiple": "select_multiple", "ranking": "rank"}
    row = {"type": f"{word[question.type]} {question.code}"}
    return row | ({"parameters": "randomize=true"} if question.rotate else {})


def constraint_of(question: Asking) -> Iterator[str]:
    """Yield the limits of a question as conditions."""
    match question:
        case NumberQuestion(least=least, most=most) | Money(least=least, most=most):
            ends = (f"{end:f}" if end is not None else None for end in (least, most))
            yield from _between(".", *ends)
        case DateQuestion(earliest=earliest, latest=latest):
            days = (f"date('{day}')" if day is not None else None for day in (earliest, latest))
            yield from _between(".", *days)
        case Multiple(least=least, most=most):
            fewest = str(least) if least > 1 else None
            yield from _between("count-selected(.)", fewest, str(most) if most else None)
            for option in question.options:
                if option.exclusive:
                    yield f"(not(selected(., '{option.code}')) or count-selected(.) = 1)"
        case TextQuestion(shortest=shortest, longest=longest):
            usual = TextQuestion.model_fields["longest"].default
            most_ = str(longest) if longest != usual else None
            yield from _between("string-length(.)", str(shortest) if shortest else None, most_)
        case _:
            return


def _between(what: str, least: str | None = None, most: str | None = None) -> Iterator[str]:
    if least is not None:
        yield f"{what} >= {least}"
    if most is not None:
        yield f"{what} <= {most}"


def losses_of(question: Question) -> Iterator[str]:
    """Yield a sentence for everything a question says that XLSForm cannot."""
    if isinstance(question, Asking) and (question.dont_know or question.refused):
        yield "Don't know and refused as answers."
    if isinstance(question, Single | Multiple) and any(
        o.other or o.pinned for o in question.options
    ):
        yield "Words of one's own for an option, and options that keep their places."
    yield from _kind_lost(question)
    match question:
        case Single(refreshes=field) if field:
            yield f"That it refreshes the contact's field {field}."
        case Scale() if question.first_text or question.last_text:
            yield "The names of the ends of the scale."
        case NumberQuestion(places=places) if places not in (0, DECIMAL_PLACES):
            yield f"That there are {places} digits after the point."
        case NumberQuestion() if question.unit:
            yield "The unit."
        case TextQuestion(mask=mask) if mask:
            yield "The mask."
        case Ranking(top=top) if top is not None:
            yield "How many are ranked: in XLSForm all are."
        case Matrix(rotate=True):
            yield "The rotation of the rows."
        case _:
            return


def _kind_lost(question: Question) -> Iterator[str]:
    match question:
        case Nps():
            yield "That it is a Net Promoter Score: it becomes a range of 0 to 10."
        case Money():
            yield f"The currency {question.currency}: it becomes a decimal number."
        case PhoneQuestion() | EmailQuestion():
            yield f"That it is checked as {question.type}: it becomes a text."
        case Address():
            yield "The parts of the address: it becomes a text."
        case Prompt():
            yield "That it is a prompt: it becomes a note with media."
        case _:
            return
