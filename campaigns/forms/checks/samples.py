"""Answers that stand for all others: where no expression tells two answers apart, one of them is enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, permutations, product

from campaigns.forms.answering.answers import Answer
from campaigns.forms.checks.mentions import Mentions
from campaigns.forms.expressions.evaluating import date_in, number_in
from campaigns.forms.expressions.nodes import Parts
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import (
    Address,
    DateQuestion,
    Matrix,
    Money,
    Multiple,
    Nps,
    NumberQuestion,
    Question,
    Ranking,
    Scale,
    Single,
    TextQuestion,
    range_of,
)
from campaigns.forms.words import NoAnswer

_ALL_SETS_OF = 6  #: options of which all sets are tried
_ALL_ORDERS_OF = 4
_MOST_ROWS = 200
#: Stands for the day of an interview. What it proves possible is possible; it proves nothing else.
SOME_DAY = date(2026, 1, 15)
_FRESH = "\x02"  #: a text nobody wrote


@dataclass(frozen=True, slots=True)
class Samples:
    """Answers to try. ``complete``: where none of them does, no answer does."""

    answers: tuple[Answer, ...]
    complete: bool = True


def samples_of_field(said: Mentions) -> Samples:
    """Return values of a contact's field that stand for all."""
    texts: dict[str | None, None] = {None: None, _FRESH: None}
    numbers: list[Decimal] = []
    for value in said.values:
        match value:
            case Decimal():
                numbers.append(value)
            case str():
                texts[value] = None
                day = date_in(value)
                texts |= {near.isoformat(): None for near in (_around(day) if day else ())}
            case _:
                pass
    numbers.sort()
    for number, following in zip(numbers, [*numbers[1:], *numbers[-1:]], strict=True):
        between = (number - 1, number, (number + following) / 2, number + 1)
        texts |= {f"{near:f}": None for near in between}
    return Samples(tuple(Answer(text) for text in texts), said.simple)


def samples_of(question: Question, said: Mentions) -> Samples:
    """Return answers to a question that stand for all, ways not to answer too."""
    chosen = _values(question, said)
    if not isinstance(question, Asking):
        return chosen
    without = [
        word
        for word, allowed in (
            (NoAnswer.DONT_KNOW, question.dont_know),
            (NoAnswer.REFUSED, question.refused),
            (NoAnswer.BLANK, not question.required),
        )
        if allowed
    ]
    return Samples(
        (*chosen.answers, *(Answer(no_answer=word) for word in without)), chosen.complete
    )


def _values(question: Question, said: Mentions) -> Samples:
    match question:
        case Single(options=options):
            other = "other" not in said.parts
            answers = tuple(Answer(o.code, other=_FRESH if o.other else "") for o in options)
            return Samples(answers, other)
        case Multiple():
            return _sets(question, said)
        case Ranking(options=options, top=top):
            codes = [option.code for option in options]
            few = len(codes) <= _ALL_ORDERS_OF
            orders = permutations(codes, top) if few else _turned(codes, top or len(codes))
            return Samples(tuple(Answer(order) for order in orders), few)
        case Scale() | Nps():
            first, last = range_of(question)
            return _numbers(said, Decimal(first), Decimal(last), Decimal(1))
        case NumberQuestion() | Money():
            step = Decimal(1).scaleb(-question.places)
            return _numbers(said, question.least, question.most, step)
        case DateQuestion():
            return _days(question, said)
        case Matrix():
            return _rows(question, said)
        case Address(parts=parts):
            answer = Answer(Parts(tuple((part.code, _FRESH) for part in parts)))
            return Samples((answer,), not said.parts)
        case TextQuestion(longest=longest):
            texts = [text for text in said.values if isinstance(text, str) and len(text) <= longest]
            return _texts(texts, said)
        case _:
            return _texts([text for text in said.values if isinstance(text, str)], said)


def _texts(texts: Sequence[str], said: Mentions) -> Samples:
    numbers = any(isinstance(value, Decimal) for value in said.values)
    return Samples(tuple(Answer(text) for text in (*texts, _FRESH)), said.simple and not numbers)


def _sets(question: Multiple, said: Mentions) -> Samples:
    codes = [option.code for option in question.options]
    alone = {option.code for option in question.options if option.exclusive}
    named = {str(value) for value in said.values}
    few = len(codes) <= _ALL_SETS_OF
    tried = codes if few else [code for code in codes if code in named][:_ALL_SETS_OF]
    filling = [code for code in codes if code not in tried and code not in alone]
    most = question.most or len(codes)
    found: dict[tuple[str, ...], None] = {}
    for size in range(len(tried) + 1):
        for some in combinations(tried, size):
            whole = set(some)
            if not whole & alone:
                whole |= (
                    set(filling[: max(question.least, 1) - size])
                    if size < max(question.least, 1)
                    else set()
                )
            right = (
                len(whole) == 1 if whole & alone else max(question.least, 1) <= len(whole) <= most
            )
            if right:
                found[tuple(code for code in codes if code in whole)] = None
    left_out = alone - set(tried)
    found |= {(code,): None for code in sorted(left_out)[:1]}
    complete = few or (said.simple and len(named & set(codes)) <= _ALL_SETS_OF)
    return Samples(tuple(Answer(some) for some in found), complete and "other" not in said.parts)


def _turned(codes: list[str], top: int) -> list[tuple[str, ...]]:
    return [tuple((codes[at:] + codes[:at])[:top]) for at in range(len(codes))]


def _numbers(said: Mentions, least: Decimal | None, most: Decimal | None, step: Decimal) -> Samples:
    ends = [end for end in (least, most) if end is not None]
    points: set[Decimal] = set(ends) or {Decimal(0)}
    for value in said.values:
        number = number_in(value) if isinstance(value, str) else value
        if isinstance(number, Decimal):
            # The values next to it that an answer may have: a bound may have more digits than answers.
            below = (number / step).to_integral_value("ROUND_FLOOR") * step
            points |= {below - step, below, below + step}
    allowed = sorted(
        point
        for point in points
        if (least is None or point >= least) and (most is None or point <= most)
    )
    whole = least is not None and most is not None and (most - least) / step <= 101
    if not said.simple and whole and least is not None and most is not None:
        count = int((most - least) / step) + 1
        return Samples(tuple(Answer(least + step * at) for at in range(count)))
    return Samples(tuple(Answer(point) for point in allowed), said.simple)


def _around(day: date) -> list[date]:
    edges = (date.min, date.max)
    return [day] if day in edges else [day - timedelta(1), day, day + timedelta(1)]


def _days(question: DateQuestion, said: Mentions) -> Samples:
    earliest, latest = question.earliest or date.min, question.latest or date.max
    days = {question.earliest or question.latest or SOME_DAY, earliest, latest, *_around(SOME_DAY)}
    for value in said.values:
        day = date_in(value) if isinstance(value, str) else None
        days |= set(_around(day)) if day else set()
    right = sorted(day for day in days if earliest <= day <= latest)
    return Samples(tuple(Answer(day) for day in right), said.simple)


def _rows(question: Matrix, said: Mentions) -> Samples:
    options: list[str | None] = [option.code for option in question.options]
    if not question.required:
        options.append(None)
    named = [row.code for row in question.rows if row.code in said.parts]
    complete = len(options) ** len(named) <= _MOST_ROWS
    tried = named if complete else named[:1]
    found = []
    for choice in product(options, repeat=len(tried)):
        said_of = dict(zip(tried, choice, strict=True))
        pairs = ((row.code, said_of.get(row.code, options[0])) for row in question.rows)
        found.append(Answer(Parts(tuple((row, code) for row, code in pairs if code is not None))))
    return Samples(tuple(found), complete and said.simple)
