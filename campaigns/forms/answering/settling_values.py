"""Answers that are written: numbers, dates, texts, phones, e-mail, addresses."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import phonenumbers

from campaigns.forms.answering.answers import Answer, Refused
from campaigns.forms.expressions.evaluating import date_in, number_in
from campaigns.forms.expressions.nodes import Parts
from campaigns.forms.questions import (
    Address,
    DateQuestion,
    Money,
    Nps,
    NumberQuestion,
    Scale,
    TextQuestion,
    range_of,
)
from campaigns.forms.words import AnswerRefusal

LONGEST_PART = 300
#: Source: RFC 5321, 4.5.3.1.1 and 4.5.3.1.3: 64 octets before the @, 256 of a path with its brackets.
_LONGEST_EMAIL, _LONGEST_LOCAL = 254, 64
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_DOMAIN = re.compile(r"([^\W_]([\w-]{0,61}[^\W_])?\.)+[^\W\d_]([\w-]{0,61}[^\W_])?")
_ENTERED = re.compile(r"[+-]?\d{1,3}([ \u00a0\u202f]\d{3})+([.,]\d+)?|[+-]?\d{1,18}([.,]\d{1,12})?")


def settle_points(question: Scale | Nps, value: Any) -> Answer | Refused:
    """Return a point of a scale."""
    number = _number(value)
    if number is None or number != number.to_integral_value():
        return Refused(AnswerRefusal.NOT_A_NUMBER, "The answer must be a whole number.")
    first, last = range_of(question)
    return _in_range(number, Decimal(first), Decimal(last)) or Answer(Decimal(int(number)))


def settle_number(question: NumberQuestion | Money, value: Any) -> Answer | Refused:
    """Return a number in range; ``1 234,5`` is read as well as ``1234.5``."""
    number = _number(value)
    if number is None:
        return Refused(AnswerRefusal.NOT_A_NUMBER, "The answer must be a number.")
    step = Decimal(1).scaleb(-question.places)
    if number != number.quantize(step):
        sentence = f"At most {question.places} digits after the point."
        return Refused(AnswerRefusal.TOO_MANY_DECIMALS, sentence, {"places": question.places})
    return _in_range(number, question.least, question.most) or Answer(number.quantize(step))


def _number(value: Any) -> Decimal | None:
    match value:
        case bool():
            return None
        case int() | float() | Decimal():
            number = number_in(str(value))
        case str() if _ENTERED.fullmatch(value.strip()):
            plain = re.sub(r"[ \u00a0\u202f]", "", value).replace(",", ".")
            number = number_in(plain)
        case _:
            return None
    return number if number is not None and abs(number) <= Decimal("1e18") else None


def _in_range(number: Decimal, least: Decimal | None, most: Decimal | None) -> Refused | None:
    if least is not None and number < least:
        return Refused(AnswerRefusal.TOO_SMALL, f"At least {least:f}.", {"least": f"{least:f}"})
    if most is not None and number > most:
        return Refused(AnswerRefusal.TOO_LARGE, f"At most {most:f}.", {"most": f"{most:f}"})
    return None


def settle_date(question: DateQuestion, value: Any) -> Answer | Refused:
    """Return a day; ISO 8601 as text."""
    if isinstance(value, datetime):
        value = value.date()
    day = date_in(value) if isinstance(value, str) else value
    if not isinstance(day, date):
        return Refused(AnswerRefusal.NOT_A_DATE, "The answer must be a date such as 2026-11-22.")
    earliest, latest = question.earliest, question.latest
    if earliest is not None and day < earliest:
        facts = {"earliest": earliest.isoformat()}
        return Refused(AnswerRefusal.TOO_EARLY, f"Not before {earliest}.", facts)
    if latest is not None and day > latest:
        facts = {"latest": latest.isoformat()}
        return Refused(AnswerRefusal.TOO_LATE, f"Not after {latest}.", facts)
    return Answer(day)


def settle_text(question: TextQuestion, value: Any) -> Answer | Refused:
    """Return words without blanks around them."""
    text = _text(value, question.longest)
    if isinstance(text, Refused):
        return text
    if len(text) < question.shortest:
        facts = {"least": question.shortest}
        return Refused(AnswerRefusal.TOO_SHORT, f"At least {question.shortest} characters.", facts)
    if question.mask and not fits(question.mask, text):
        facts_ = {"mask": question.mask}
        return Refused(AnswerRefusal.WRONG_PATTERN, f"It must look like {question.mask}.", facts_)
    return Answer(text)


def fits(mask: str, text: str) -> bool:
    """Return whether a text looks like a mask: ``#`` a digit, ``@`` a letter, ``?`` anything."""
    return len(mask) == len(text) and all(map(_fits, mask, text))


def _fits(wanted: str, letter: str) -> bool:
    match wanted:
        case "#":
            return letter.isdecimal()
        case "@":
            return letter.isalpha()
        case "?":
            return True
        case _:
            return wanted == letter


def _text(value: Any, longest: int) -> str | Refused:
    if not isinstance(value, str):
        return Refused(AnswerRefusal.WRONG_SHAPE, "The answer must be words.")
    text = value.strip()
    if len(text) > longest or "\0" in text:
        sentence = f"At most {longest} characters."
        return Refused(AnswerRefusal.TOO_LONG, sentence, {"most": longest})
    return text


def settle_phone(value: Any, region: str) -> Answer | Refused:
    """Return a number in E.164; ``region`` is assumed without a country code."""
    wrong = Refused(AnswerRefusal.NOT_A_PHONE, "This is no telephone number.")
    if not isinstance(value, str) or len(value) > 50:
        return wrong
    try:
        number = phonenumbers.parse(value, region or None)
    except phonenumbers.NumberParseException:
        return wrong
    if not phonenumbers.is_valid_number(number):
        return wrong
    return Answer(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def settle_email(value: Any) -> Answer | Refused:
    """Return an e-mail address; whether somebody reads it only a message can show."""
    text = value.strip() if isinstance(value, str) else ""
    local, _, domain = text.rpartition("@")
    right = (
        len(text) <= _LONGEST_EMAIL
        and 0 < len(local) <= _LONGEST_LOCAL
        and _LOCAL.fullmatch(local)
        and _DOMAIN.fullmatch(domain)
    )
    if not right:
        return Refused(AnswerRefusal.NOT_AN_EMAIL, "This is no e-mail address.")
    return Answer(f"{local}@{domain.lower()}")


def settle_address(question: Address, value: Any) -> Answer | Refused:
    """Return an address in parts; empty ones are left out."""
    if not isinstance(value, Mapping | Parts):
        return Refused(AnswerRefusal.WRONG_SHAPE, "The answer must be an address in parts.")
    pairs = dict(value.items) if isinstance(value, Parts) else dict(value)
    said: dict[str, str] = {}
    known = {part.code for part in question.parts}
    for name, raw in pairs.items():
        if name not in known:
            facts = {"part": str(name)[:80]}
            return Refused(AnswerRefusal.UNKNOWN_PART, "An address has no such part here.", facts)
        text = _text(raw, LONGEST_PART)
        if isinstance(text, Refused):
            return text
        said[name] = text
    missing = [part.code for part in question.parts if part.required and not said.get(part.code)]
    if missing:
        sentence = f"The address lacks: {', '.join(missing)}."
        return Refused(AnswerRefusal.PART_MISSING, sentence, {"parts": missing})
    items = ((part.code, said.get(part.code, "")) for part in question.parts)
    return Answer(Parts(tuple((name, text) for name, text in items if text)))
