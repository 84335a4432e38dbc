"""What somebody who is not there would answer: seeded, plausible, of every kind of question.

The same call gives the same answers again, so that a round that was cut short goes on where it was.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from campaigns.forms.answering.answers import Given
from campaigns.forms.question_parts import Asking, Option
from campaigns.forms.questions import (
    Address,
    Correction,
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
    range_of,
)
from campaigns.forms.words import NoAnswer

#: Shares of answers: "don't know", "no answer", passed over where that is allowed, and of the fields of a
#: record that are asked about, which were wrong.
DONT_KNOW_RATE, REFUSED_RATE, BLANK_RATE, CORRECTED_RATE = 0.04, 0.03, 0.05, 0.25
#: A number without limits lies between these.
_LEAST, _MOST = Decimal(1), Decimal(100)
_DAYS = 3 * 365
_BY_LANGUAGE: Mapping[str, tuple[str, ...]] = {
    "en": ("All is well", "The price", "I waited too long", "Friendly people", "Nothing special"),
    "ru": ("Всё хорошо", "Цена", "Долго ждал ответа", "Вежливые люди", "Ничего особенного"),
    "uk": ("Усе добре", "Ціна", "Довго чекав", "Привітні люди", "Нічого особливого"),
}


def pretended(
    question: Question, rng: random.Random, *, region: str = "", language: str = "", today: date
) -> Given:
    """Return what a virtual person answers to a question.

    A rule of the question's own (``valid_if``) is not looked at: whoever records the answer asks again.

    Args:
        question: What is asked.
        rng: Where chance comes from.
        region: ISO 3166-1, whose numbers are given where a telephone is asked for.
        language: In which words are said; English where there are none.
        today: The day of the interview.
    """
    if not isinstance(question, Asking):
        return Given(True)
    if (none := _no_answer(question, rng)) is not None:
        return Given(no_answer=none)
    if isinstance(question, Single | Multiple | Ranking | Matrix):
        return _chosen(question, rng, region, language, today)
    return Given(_written(question, rng, region, language, today))


def _no_answer(question: Asking, rng: random.Random) -> NoAnswer | None:
    drawn = rng.random()
    if question.dont_know and drawn < DONT_KNOW_RATE:
        return NoAnswer.DONT_KNOW
    if question.refused and 0 <= drawn - DONT_KNOW_RATE < REFUSED_RATE:
        return NoAnswer.REFUSED
    passed = DONT_KNOW_RATE + REFUSED_RATE
    refreshes = isinstance(question, Single) and question.refreshes
    if not question.required and not refreshes and 0 <= drawn - passed < BLANK_RATE:
        return NoAnswer.BLANK
    return None


def _chosen(
    question: Single | Multiple | Ranking | Matrix,
    rng: random.Random,
    region: str,
    language: str,
    today: date,
) -> Given:
    match question:
        case Single():
            option = _liked(question.options, rng)
            if question.refreshes:
                wrong = [one for one in question.options if one.other]
                right = [one for one in question.options if not one.other]
                either = wrong if rng.random() < CORRECTED_RATE or not right else right
                option = (either or list(question.options))[0]
            words = _corrected(question, rng, region, language, today) if option.other else ""
            return Given(option.code, other=words)
        case Multiple():
            some = _several(question, rng)
            words = _words(rng, language) if any(one.other for one in some) else ""
            return Given([one.code for one in some], other=words)
        case Ranking():
            count = min(question.top or len(question.options), len(question.options))
            return Given([one.code for one in rng.sample(question.options, count)])
        case Matrix():
            return Given({row.code: _liked(question.options, rng).code for row in question.rows})


def _liked(options: Sequence[Option], rng: random.Random) -> Option:
    """Return an option; people choose the first ones more often, and seldom say something of their own."""
    weights = [(0.3 if one.other else 1.0) / (1 + 0.4 * at) for at, one in enumerate(options)]
    return rng.choices(options, weights)[0]


def _several(question: Multiple, rng: random.Random) -> list[Option]:
    alone = [one for one in question.options if one.exclusive]
    others = [one for one in question.options if not one.exclusive]
    if alone and (not others or rng.random() < 0.1):
        return [rng.choice(alone)]
    most = min(question.most or len(others), len(others))
    count = rng.randint(min(max(question.least, 1), most), most)
    return rng.sample(others, count)


def _corrected(
    question: Single, rng: random.Random, region: str, language: str, today: date
) -> str:
    """Return the words beside an option: of a question that refreshes a field its new value."""
    if not question.refreshes:
        return _words(rng, language)
    match question.correction:
        case Correction.PHONE:
            return _telephone(region, rng)
        case Correction.EMAIL:
            return f"person{rng.randrange(10_000)}@example.com"
        case Correction.DATE:
            return (today - timedelta(days=rng.randrange(_DAYS))).isoformat()
        case Correction.NUMBER:
            return str(rng.randrange(1, 100))
        case Correction.TEXT:
            return _new_words(rng, language)


def _written(
    question: Asking, rng: random.Random, region: str, language: str, today: date
) -> object:
    match question:
        case Scale() | Nps():
            first, last = range_of(question)
            return round(rng.triangular(first, last, first + 0.75 * (last - first)))
        case NumberQuestion() | Money():
            return str(_number(question, rng))
        case DateQuestion():
            return _day(question, rng, today)
        case PhoneQuestion():
            return _telephone(question.region or region, rng)
        case EmailQuestion():
            return f"person{rng.randrange(10_000)}@example.com"
        case Address():
            return {one.code: _new_words(rng, language) for one in question.parts}
        case TextQuestion():
            return _text(question, rng, language)
        case _:
            return None


def _number(question: NumberQuestion | Money, rng: random.Random) -> Decimal:
    least = question.least if question.least is not None else min(_LEAST, question.most or _LEAST)
    most = question.most if question.most is not None else max(least, _MOST)
    step = Decimal(1).scaleb(-question.places)
    steps = int((most - least) / step)
    return (least + step * rng.randint(0, max(0, steps))).quantize(step)


def _day(question: DateQuestion, rng: random.Random, today: date) -> str:
    latest = question.latest or max(today, question.earliest or today)
    earliest = question.earliest or latest - timedelta(days=_DAYS)
    return (earliest + timedelta(days=rng.randint(0, (latest - earliest).days))).isoformat()


def _text(question: TextQuestion, rng: random.Random, language: str) -> str:
    if question.mask:
        kinds = {"#": "0123456789", "@": "abcdefghkmnprst", "?": "abc123"}
        return "".join(rng.choice(kinds.get(one, one)) for one in question.mask)
    words = _words(rng, language)
    while len(words) < question.shortest:
        words = f"{words}. {_words(rng, language)}"
    return words[: question.longest]


def _words(rng: random.Random, language: str) -> str:
    return rng.choice(_BY_LANGUAGE.get(language.partition("-")[0], _BY_LANGUAGE["en"]))


def _new_words(rng: random.Random, language: str) -> str:
    """Return a new value for a field: it is seen at once that nobody real said it."""
    new = {"ru": "Новое значение", "uk": "Нове значення"}.get(language.partition("-")[0])
    return f"{new or 'New value'} {rng.randrange(1, 1000)}"


def _telephone(region: str, rng: random.Random) -> str:
    """Return a number that a plan has, in E.164; of an unknown region an American one."""
    shapes = {"RU": "+7925{:07d}", "UA": "+38067{:07d}", "GB": "+4477009{:05d}"}
    shape = shapes.get(region)
    if shape is None:
        return f"+1201555{rng.randrange(100, 200):04d}"
    return shape.format(rng.randrange(10**5 if region == "GB" else 10**7))
