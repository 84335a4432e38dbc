"""Values: what the text of a custom column means, in Python and in SQL alike.

A contact keeps the client's text as it came, so an export gives it back unchanged. Its meaning is
worked out when it is asked for: by :func:`typed` here, by :func:`typed_sql` in a filter.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Date, Numeric, case, cast, false, func, null, true

from campaigns.lists.columns.fields import ValueType

#: What a typed cell is; None when the text does not fit its type.
Value = str | int | Decimal | date | bool | None

_YES = frozenset({"1", "true", "yes", "y", "да", "так", "д", "истина"})
_NO = frozenset({"0", "false", "no", "n", "нет", "ні", "немає", "н", "ложь"})
#: What may stand around and inside an amount: blanks, a currency sign, its code or short name.
_AROUND_AMOUNT = (
    r"[\s\u00a0\u202f'₽$€£¥₴₸]|(?:rub|usd|eur|gbp|uah|kzt|руб(?:лей|\.)?|р\.|грн\.?|тг\.?)"
)
_BLANKS = r"[\s\u00a0\u202f]"
_GROUPED = {  # shape -> marks to drop; a comma that is left is the decimal one
    r"^[+-]?\d+$": "",
    r"^[+-]?\d{1,3}(,\d{3})+\.\d+$": ",",
    r"^[+-]?\d{1,3}(\.\d{3})+,\d+$": ".",
    r"^[+-]?\d{1,3}(,\d{3}){2,}$": ",",
    r"^[+-]?\d{1,3}(\.\d{3}){2,}$": ".",
}
#: One mark and three digits: thousands of money, but decimals of a measure.
_MONEY = _GROUPED | {r"^[+-]?[1-9]\d{0,2},\d{3}$": ",", r"^[+-]?[1-9]\d{0,2}\.\d{3}$": "."}
_PLAIN = r"^[+-]?\d+[.,]\d+$"
_INTEGER = r"^[+-]?\d{1,18}$"
#: Shapes of a date and how its year, month and day stand in it; a time of day after it is dropped.
_DATES = {
    r"^(\d{4})-(\d{1,2})-(\d{1,2})([ T].*)?$": r"\1-\2-\3",
    r"^(\d{1,2})[./](\d{1,2})[./](\d{4})([ T].*)?$": r"\3-\2-\1",
}
#: The share of filled cells that must fit a type for a column to be guessed as of that type.
_GUESS_SHARE = 0.95
#: A code such as 0042 is no number: it would lose its zeros.
_CODE = re.compile(r"^[+-]?0\d")
_CURRENCY = re.compile(r"[₽$€£¥₴₸]|(?:rub|usd|eur|руб|грн)\b", re.IGNORECASE)


def typed(text: str, value_type: ValueType) -> Value:
    """Return what ``text`` means; None when it is empty or does not fit the type.

    Decimals may have a comma, dates are ISO 8601 or day.month.year.
    """
    cleaned = text.strip()
    if not cleaned:
        return None
    match value_type:
        case ValueType.TEXT:
            return cleaned
        case ValueType.BOOLEAN:
            word = cleaned.casefold()
            return True if word in _YES else False if word in _NO else None
        case ValueType.DATE:
            return _date(cleaned)
        case ValueType.INTEGER:
            digits = re.sub(_BLANKS, "", cleaned)
            return int(digits) if re.match(_INTEGER, digits, re.ASCII) else None
        case ValueType.DECIMAL | ValueType.MONEY:
            return _number(cleaned, _MONEY if value_type is ValueType.MONEY else _GROUPED)


def typed_sql(text: ColumnElement[str], value_type: ValueType) -> ColumnElement[Value]:
    """Return SQL that means what :func:`typed` means; NULL where the text does not fit the type."""
    cleaned = func.nullif(func.btrim(text, " \t\n\r\u00a0"), "")
    match value_type:
        case ValueType.TEXT:
            return cleaned
        case ValueType.BOOLEAN:
            word = func.lower(cleaned)
            return case((word.in_(sorted(_YES)), true()), (word.in_(sorted(_NO)), false()))
        case ValueType.DATE:
            return _date_sql(cleaned)
        case ValueType.INTEGER:
            digits = func.regexp_replace(cleaned, _BLANKS, "", "g")
            return case((digits.regexp_match(_INTEGER), cast(digits, Numeric)), else_=null())
        case ValueType.DECIMAL | ValueType.MONEY:
            return _number_sql(cleaned, _MONEY if value_type is ValueType.MONEY else _GROUPED)


def guess_type(cells: Sequence[str]) -> ValueType:
    """Return the narrowest type that nearly all filled cells fit; text when in doubt."""
    filled = [cell for cell in map(str.strip, cells) if cell]
    if not filled or any(_CODE.match(cell) for cell in filled if "." not in cell):
        return ValueType.TEXT
    order = [ValueType.INTEGER, ValueType.DATE, ValueType.DECIMAL, ValueType.BOOLEAN]
    if any(_CURRENCY.search(cell) for cell in filled):
        order = [ValueType.MONEY]
    for value_type in order:
        fits = sum(typed(cell, value_type) is not None for cell in filled)
        if fits >= _GUESS_SHARE * len(filled):
            return value_type
    return ValueType.TEXT


def _number(text: str, shapes: dict[str, str]) -> Decimal | None:
    bare = re.sub(_AROUND_AMOUNT, "", text.lower())
    for shape, dropped in shapes.items():
        if re.match(shape, bare, re.ASCII):
            for mark in dropped:
                bare = bare.replace(mark, "")
            return Decimal(bare.replace(",", "."))
    return Decimal(bare.replace(",", ".")) if re.match(_PLAIN, bare, re.ASCII) else None


def _number_sql(text: ColumnElement[str], shapes: dict[str, str]) -> ColumnElement[Value]:
    bare = func.regexp_replace(func.lower(text), _AROUND_AMOUNT, "", "g")
    whens = [
        (
            bare.regexp_match(shape),
            cast(func.translate(func.translate(bare, dropped, ""), ",", "."), Numeric),
        )
        for shape, dropped in (shapes | {_PLAIN: ""}).items()
    ]
    return case(*whens, else_=null())


def _date(text: str) -> date | None:
    for shape, order in _DATES.items():
        if re.match(shape, text, re.ASCII):
            year, month, day = re.sub(shape, order, text, flags=re.ASCII).split("-")
            try:
                return date(int(year), int(month), int(day))
            except ValueError:
                return None
    return None


def _date_sql(text: ColumnElement[str]) -> ColumnElement[Value]:
    whens = []
    for shape, order in _DATES.items():
        iso = func.regexp_replace(text, shape, order)
        valid = func.pg_input_is_valid(iso, "date")
        whens.append((text.regexp_match(shape) & valid, cast(iso, Date)))
    return case(*whens, else_=null())
