"""Nodes -> text: the one way to write each expression."""

from decimal import Decimal

from campaigns.forms.expressions.nodes import (
    Arithmetic,
    Call,
    Compare,
    Literal,
    Logic,
    Node,
    Not,
    OneOf,
    Reference,
)

#: How tightly each kind binds; what binds less than its surroundings gets brackets.
_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _OPERAND = range(7)


def write(node: Node) -> str:
    """Return the text of an expression; parsing it gives the same nodes."""
    return _written(node, _OR)


def _written(node: Node, around: int) -> str:
    text, binding = _plain(node)
    return f"({text})" if binding < around else text


def _plain(node: Node) -> tuple[str, int]:
    match node:
        case Literal(value=value):
            return literal(value), _OPERAND
        case Reference():
            return node.path(), _OPERAND
        case Not(inside=inside):
            return f"not {_written(inside, _NOT)}", _NOT
        case Logic(word=word, inside=several):
            binding = _OR if word == "or" else _AND
            return f" {word} ".join(_written(one, binding + 1) for one in several), binding
        case Compare(sign=sign, left=left, right=right):
            return f"{_written(left, _SUM)} {sign} {_written(right, _SUM)}", _COMPARE
        case OneOf(left=left, choices=choices):
            listed = ", ".join(_written(choice, _OR) for choice in choices)
            return f"{_written(left, _SUM)} in ({listed})", _COMPARE
        case Arithmetic(sign=sign, left=left, right=right):
            binding = _SUM if sign in "+-" else _PRODUCT
            return f"{_written(left, binding)} {sign} {_written(right, binding + 1)}", binding
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(_written(one, _OR) for one in arguments)})", _OPERAND


def literal(value: str | Decimal | bool) -> str:
    """Return a literal as it is written; a text with both kinds of quotes loses the double ones."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return f'"{value.replace(chr(34), "")}"' if "'" in value else f"'{value}'"
