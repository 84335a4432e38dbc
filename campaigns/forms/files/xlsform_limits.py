"""The limits that an XLSForm's constraint says, taken out of it: what is left is the question's rule."""

from datetime import date
from decimal import Decimal
from typing import Any

from campaigns.forms.expressions.evaluating import date_in
from campaigns.forms.expressions.nodes import Call, Compare, Literal, Logic, Node, Not, Reference

_OWN = Reference("value")
_NAMES: dict[tuple[str, str], str] = {
    ("number", ">="): "least",
    ("number", "<="): "most",
    ("date", ">="): "earliest",
    ("date", "<="): "latest",
    ("count", ">="): "least",
    ("count", "<="): "most",
    ("length", ">="): "shortest",
    ("length", "<="): "longest",
}


def take_limits(made: dict[str, Any], node: Node | None) -> Node | None:
    """Put the limits of a constraint into a question, and return the rest of it."""
    if node is None:
        return None
    parts = node.inside if isinstance(node, Logic) and node.word == "and" else (node,)
    left = tuple(part for part in parts if not _taken(made, part))
    if not left:
        return None
    return left[0] if len(left) == 1 else Logic("and", left)


def _taken(made: dict[str, Any], part: Node) -> bool:
    if made["type"] == "multiple" and (code := _alone(part)):
        for option in made["options"]:
            if option["code"] == code:
                option["exclusive"] = True
                return True
        return False
    match part:
        case Compare(sign=sign, left=left, right=right):
            limit = _limit(made["type"], left, right)
            name = _NAMES.get((limit[0], sign)) if limit else None
            if limit is None or name is None or name in made:
                return False
            made[name] = limit[1]
            return True
        case _:
            return False


def _limit(kind: str, left: Node, right: Node) -> tuple[str, Decimal | date] | None:
    match left, right:
        case Reference(), Literal(value=Decimal() as value) if left == _OWN and kind == "number":
            return "number", value
        case Reference(), Call(function="date", arguments=(Literal(value=str() as text),)):
            day = date_in(text)
            return ("date", day) if day and left == _OWN and kind == "date" else None
        case Call(function="count" | "length" as word, arguments=(one,)), Literal(
            value=Decimal() as n
        ):
            fits = (word, kind) in (("count", "multiple"), ("length", "text"))
            return (word, n) if fits and one == _OWN and n == n.to_integral_value() else None
        case _:
            return None


def _alone(part: Node) -> str:
    """Return the option that ``not(selected(., 'x')) or count-selected(.) = 1`` lets stand alone."""
    match part:
        case Logic(
            word="or",
            inside=(
                Not(inside=Compare(sign="has", left=one, right=Literal(value=str() as code))),
                Compare(sign="=", left=Call(function="count", arguments=(other,)), right=n),
            ),
        ) if one == other == _OWN and n == Literal(Decimal(1)):
            return code
        case _:
            return ""
