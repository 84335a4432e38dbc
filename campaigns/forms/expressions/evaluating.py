"""The value of an expression. Total: whatever is compared with whatever, nothing is raised.

Three-valued after Kleene: what hangs on a missing answer is None, neither true nor false. So
``not (a = b)`` and ``a != b`` always agree, and a question is shown only where its condition is true.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from operator import ge, gt, le, lt

from campaigns.forms.expressions.nodes import (
    Arithmetic,
    Call,
    Compare,
    Literal,
    Logic,
    Node,
    Not,
    OneOf,
    Parts,
    Reference,
    Value,
)
from campaigns.forms.words import NoAnswer

#: Exact to 28 digits; what cannot be told (division by zero, overflow) is a missing value.
_EXACT = Context(prec=28, traps=[])
_MOST_PLACES = 10
_ORDERS = {"<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass(frozen=True, slots=True)
class Facts:
    """What an expression may look at."""

    values: Mapping[str, Value] = field(default_factory=dict)  #: by code; ``q1.other``: its text
    no_answers: Mapping[str, NoAnswer] = field(default_factory=dict)
    contact: Mapping[str, str] = field(default_factory=dict)
    today: date | None = None  #: the day the interview began

    def get(self, reference: Reference) -> Value:
        """Return what a reference stands for, None when it is missing."""
        if reference.contact:
            return self.contact.get(reference.name) or None
        if not reference.part:
            return self.values.get(reference.name)
        whole = self.values.get(reference.name)
        if isinstance(whole, Parts):
            return whole.get(reference.part)
        return self.values.get(f"{reference.name}.{reference.part}")


def is_true(node: Node, facts: Facts) -> bool:
    """Return whether an expression is true; false and unknown are not."""
    return evaluate(node, facts) is True


def evaluate(node: Node, facts: Facts) -> Value:
    """Return the value of an expression, None when it is not known."""
    match node:
        case Literal(value=value):
            return value
        case Reference():
            return facts.get(node)
        case Not(inside=inside):
            return _negated(evaluate(inside, facts))
        case Logic(word=word, inside=several):
            return _joined(word, several, facts)
        case Compare(sign=sign, left=left, right=right):
            return _compared(sign, evaluate(left, facts), evaluate(right, facts))
        case OneOf(left=left, choices=choices):
            one = evaluate(left, facts)
            return _any(_compared("=", one, evaluate(choice, facts)) for choice in choices)
        case Arithmetic(sign=sign, left=left, right=right):
            return _counted(sign, evaluate(left, facts), evaluate(right, facts))
        case Call():
            return _called(node, facts)


def _negated(value: Value) -> Value:
    return not value if isinstance(value, bool) else None


def _any(several: Iterable[Value]) -> Value:
    found = list(several)
    if any(one is True for one in found):
        return True
    return False if all(one is False for one in found) else None


def _joined(word: str, several: Sequence[Node], facts: Facts) -> Value:
    decisive = word == "or"
    unknown = False
    for node in several:
        value = evaluate(node, facts)
        if value is decisive:
            return decisive
        unknown = unknown or not isinstance(value, bool)
    return None if unknown else not decisive


def _compared(sign: str, left: Value, right: Value) -> Value:
    if sign == "has":
        known = isinstance(left, tuple) and isinstance(right, str)
        return right in left if known and isinstance(left, tuple) else None
    left, right = _alike(left, right), _alike(right, left)
    comparable = (str, Decimal, bool, date)
    if type(left) is not type(right) or not isinstance(left, comparable):
        return None
    if sign in ("=", "!="):
        return (left == right) is (sign == "=")
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return bool(_ORDERS[sign](left, right))
    if isinstance(left, date) and isinstance(right, date):
        return bool(_ORDERS[sign](left, right))
    return None


def _alike(value: Value, other: Value) -> Value:
    """Read a text as what it is compared with: contacts' fields and codes of options are texts."""
    if isinstance(value, str) and isinstance(other, Decimal):
        return number_in(value)
    if isinstance(value, str) and isinstance(other, date):
        return date_in(value)
    return value


def number_in(text: str) -> Decimal | None:
    """Return the finite number a text says, None when it says none."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def date_in(text: str) -> date | None:
    """Return the date a text says (``2026-11-22``), None when it says none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _counted(sign: str, left: Value, right: Value) -> Value:
    if isinstance(left, str):
        left = number_in(left)
    if isinstance(right, str):
        right = number_in(right)
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return None
    match sign:
        case "+":
            result = _EXACT.add(left, right)
        case "-":
            result = _EXACT.subtract(left, right)
        case "*":
            result = _EXACT.multiply(left, right)
        case _:
            result = _EXACT.divide(left, right)
    return result if result.is_finite() else None


def _called(call: Call, facts: Facts) -> Value:
    first = call.arguments[0] if call.arguments else None
    match call.function:
        case "today":
            return facts.today
        case "answered":
            return first is not None and evaluate(first, facts) is not None
        case "dont_know" | "refused":
            path = first.path() if isinstance(first, Reference) else ""
            return facts.no_answers.get(path) == call.function
        case "coalesce":
            tried = (evaluate(argument, facts) for argument in call.arguments)
            return next((value for value in tried if value is not None), None)
        case "if":
            condition, then, otherwise = call.arguments
            chosen = evaluate(condition, facts)
            if not isinstance(chosen, bool):
                return None
            return evaluate(then if chosen else otherwise, facts)
        case _:
            values = [evaluate(argument, facts) for argument in call.arguments]
            return None if None in values else _applied(call.function, values)


def _applied(function: str, values: list[Value]) -> Value:
    match function, values:
        case "count", [tuple() as several]:
            return Decimal(len(several))
        case "count", [Parts(items=items)]:
            return Decimal(len(items))
        case "rank", [tuple() as several, str() as option]:
            return Decimal(several.index(option) + 1) if option in several else None
        case "length", [str() as text]:
            return Decimal(len(text))
        case "date", [str() as text]:
            return date_in(text)
        case "days", [first, second]:
            return _days(first, second)
        case "round", [Decimal() as number, *places]:
            return _rounded(number, places)
        case ("min" | "max") as word, _:
            return _extreme(word, values)
        case _:
            return None


def _days(first: Value, second: Value) -> Value:
    first = date_in(first) if isinstance(first, str) else first
    second = date_in(second) if isinstance(second, str) else second
    if isinstance(first, date) and isinstance(second, date):
        return Decimal((second - first).days)
    return None


def _rounded(number: Decimal, places: list[Value]) -> Value:
    wanted = places[0] if places else Decimal(0)
    if not isinstance(wanted, Decimal) or not 0 <= wanted <= _MOST_PLACES:
        return None
    step = Decimal(1).scaleb(-int(wanted))
    result = number.quantize(step, ROUND_HALF_UP, _EXACT)
    return result if result.is_finite() else None


def _extreme(word: str, values: list[Value]) -> Value:
    chosen = min if word == "min" else max
    numbers = [value for value in values if isinstance(value, Decimal)]
    if len(numbers) == len(values):
        return chosen(numbers)
    dates = [value for value in values if isinstance(value, date)]
    return chosen(dates) if len(dates) == len(values) else None
