"""Conditions as rows: a question, a sign, a value; joined by "all" or "any". The rest stays an expression."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from campaigns.forms.checks.kinds import Kind, Sort, kind_of
from campaigns.forms.expressions.evaluating import date_in
from campaigns.forms.expressions.nodes import (
    Call,
    Compare,
    Literal,
    Logic,
    Node,
    Not,
    Reference,
)
from campaigns.forms.expressions.parsing import BadExpression, parse
from campaigns.forms.expressions.writing import literal
from campaigns.forms.form import Form
from campaigns.forms.questions import Question


class Sign(StrEnum):
    """How a row compares."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    HAS = "has"
    HAS_NOT = "has_not"
    ANSWERED = "answered"
    NOT_ANSWERED = "not_answered"
    DONT_KNOW = "dont_know"
    REFUSED = "refused"


#: Signs that need no value.
ALONE = frozenset({Sign.ANSWERED, Sign.NOT_ANSWERED, Sign.DONT_KNOW, Sign.REFUSED})
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,12})?")
_ORDERING = (Sign.EQUAL, Sign.UNEQUAL, Sign.LESS, Sign.AT_MOST, Sign.MORE, Sign.AT_LEAST)
_ASKED = (Sign.ANSWERED, Sign.NOT_ANSWERED, Sign.DONT_KNOW, Sign.REFUSED)


class BadValue(ValueError):
    """A value that its question can never have: words where a number is wanted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison."""

    left: str  #: a reference as it is written: ``q1``, ``m.row``, ``contact.city``, ``value``
    sign: Sign
    value: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """A condition: all of its rows hold, or any of them."""

    rows: tuple[Row, ...] = ()
    any_of: bool = False


def reference_in(written: str) -> Reference:
    """Return the reference that ``q1``, ``m.row`` or ``contact.city`` means."""
    first, _, rest = written.partition(".")
    return Reference(rest, contact=True) if first == "contact" else Reference(first, rest)


def kind_at(form: Form, written: str, own: Question | None = None) -> Kind:
    """Return what a reference is worth; ``own`` is the question whose ``value`` is meant."""
    return kind_of(reference_in(written), form, own)


def signs_for(kind: Kind) -> tuple[Sign, ...]:
    """Return the signs that make sense for what a value is."""
    match kind.sort:
        case Sort.SET:
            return (Sign.HAS, Sign.HAS_NOT, *_ASKED)
        case Sort.PARTS:
            return _ASKED
        case Sort.NUMBER | Sort.DATE:
            return (*_ORDERING, *_ASKED)
        case Sort.ANY:
            return (*_ORDERING, Sign.ANSWERED, Sign.NOT_ANSWERED)
        case _:
            return (Sign.EQUAL, Sign.UNEQUAL, *_ASKED)


def rows_of(expression: str) -> Rows | None:
    """Return an expression as rows, None when it says more than rows can."""
    if not expression.strip():
        return Rows()
    try:
        node = parse(expression)
    except BadExpression:
        return None
    several = node.inside if isinstance(node, Logic) else (node,)
    rows = tuple(_row(one) for one in several)
    known = tuple(row for row in rows if row is not None)
    if len(known) < len(rows):
        return None
    return Rows(known, any_of=isinstance(node, Logic) and node.word == "or")


def _row(node: Node) -> Row | None:
    match node:
        case Compare(sign=sign, left=Reference() as left, right=Literal(value=value)) if not (
            isinstance(value, bool)
        ):
            return Row(
                left.path(), Sign(sign), f"{value:f}" if isinstance(value, Decimal) else value
            )
        case Not(
            inside=Compare(sign="has", left=Reference() as left, right=Literal(value=str(of)))
        ):
            return Row(left.path(), Sign.HAS_NOT, of)
        case Call(function=("answered" | "dont_know" | "refused") as word, arguments=(only,)):
            return Row(only.path(), Sign(word)) if isinstance(only, Reference) else None
        case Not(inside=Call(function="answered", arguments=(Reference() as left,))):
            return Row(left.path(), Sign.NOT_ANSWERED)
        case _:
            return None


def expression_of(rows: Rows, form: Form, own: Question | None = None) -> str:
    """Return rows as an expression.

    Raises:
        BadValue: a value that its question can never have.
    """
    word = " or " if rows.any_of else " and "
    return word.join(_written(row, kind_at(form, row.left, own)) for row in rows.rows)


def _written(row: Row, kind: Kind) -> str:
    match row.sign:
        case Sign.ANSWERED | Sign.DONT_KNOW | Sign.REFUSED:
            return f"{row.sign.value}({row.left})"
        case Sign.NOT_ANSWERED:
            return f"not answered({row.left})"
        case Sign.HAS_NOT:
            return f"not {row.left} has {_value(row, kind)}"
        case _:
            return f"{row.left} {row.sign.value} {_value(row, kind)}"


def _value(row: Row, kind: Kind) -> str:
    text = row.value.strip()
    if row.sign in (Sign.HAS, Sign.HAS_NOT):
        return literal(text)
    number = _number(text)
    orders = row.sign not in (Sign.EQUAL, Sign.UNEQUAL)
    if kind.sort is Sort.NUMBER or (kind.sort is Sort.ANY and orders and number is not None):
        if number is None:
            raise BadValue(text)
        return literal(number)
    if kind.sort is Sort.DATE and date_in(text) is None:
        raise BadValue(text)
    return literal(text)


def _number(text: str) -> Decimal | None:
    """Return the number that words say, None when they say none; a decimal comma is read too."""
    plain = text.replace(",", ".").replace(" ", "")
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None
