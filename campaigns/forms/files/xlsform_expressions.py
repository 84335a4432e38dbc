"""Conditions between our language and the XPath of XLSForm."""

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet

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
from campaigns.forms.expressions.parsing import FUNCTIONS, BadExpression, parse
from campaigns.forms.expressions.writing import literal as write_literal

_OUT = {"count": "count-selected", "length": "string-length", "coalesce": "coalesce", "if": "if"}
_OUT |= {word: word for word in ("round", "min", "max", "date", "today")}
_IN = {name: word for word, name in _OUT.items()}
_READ = FUNCTIONS | {"selected": (2, 2)}
_PIECE = re.compile(
    r"(?P<text>'[^']*'|\"[^\"]*\")|(?P<reference>\$\{\s*(?P<name>[\w.-]+)\s*\})"
    r"|(?P<truth>(?:true|false)\(\))|(?P<word>[A-Za-z][\w-]*)|(?P<number>\d+(?:\.\d+)?)|(?P<dot>\.)"
)


class Untold(ValueError):
    """Something one of the languages has no word for."""


def to_xpath(node: Node) -> str:
    """Return an expression as XPath.

    Raises:
        Untold: XPath has no word for it.
    """
    match node:
        case Literal(value=value):
            return f"{write_literal(value)}()" if isinstance(value, bool) else write_literal(value)
        case Reference():
            return _reference_out(node)
        case Not(inside=Call(function="answered", arguments=(one,))):
            return f"{to_xpath(one)} = ''"
        case Not(inside=inside):
            return f"not({to_xpath(inside)})"
        case Logic(word=word, inside=several):
            return f" {word} ".join(_bracketed(one) for one in several)
        case Compare(sign="has", left=left, right=right):
            return f"selected({to_xpath(left)}, {to_xpath(right)})"
        case Compare(sign=sign, left=left, right=right):
            return f"{_bracketed(left)} {sign} {_bracketed(right)}"
        case OneOf(left=left, choices=choices):
            return " or ".join(f"{_bracketed(left)} = {to_xpath(one)}" for one in choices)
        case Arithmetic(sign=sign, left=left, right=right):
            return f"{_bracketed(left)} {'div' if sign == '/' else sign} {_bracketed(right)}"
        case Call():
            return _call_out(node)


def _call_out(call: Call) -> str:
    if call.function == "answered":
        return f"{to_xpath(call.arguments[0])} != ''"
    if call.function not in _OUT:
        raise Untold(f"XLSForm has no word for {call.function}()")
    return f"{_OUT[call.function]}({', '.join(to_xpath(one) for one in call.arguments)})"


def _bracketed(node: Node) -> str:
    text = to_xpath(node)
    return f"({text})" if isinstance(node, Logic | OneOf | Arithmetic | Compare) else text


def _reference_out(reference: Reference) -> str:
    if reference.name == "value" and not reference.contact:
        return "."
    return f"${{{flat_name(reference)}}}"


def flat_name(reference: Reference) -> str:
    """Return the name of a question, a row or a contact's field in XLSForm, where names have no parts."""
    name = f"{reference.name}_{reference.part}" if reference.part else reference.name
    return f"contact_{name}" if reference.contact else name


def from_xpath(
    text: str, resolve: Callable[[str], Reference | None], sets: AbstractSet[str]
) -> Node:
    """Return the expression that XPath says.

    Args:
        text: The XPath.
        resolve: What a flat name stands for; None: nothing has it.
        sets: Questions of which several options can be chosen: ``selected`` of others is ``=``.

    Raises:
        Untold: it uses what our language has no word for, or cannot be read.
    """
    for found in _PIECE.finditer(text):
        word = found["word"]
        following = text[found.end() :].lstrip()[:1]
        if (
            word
            and following == "("
            and word not in _IN
            and word not in ("selected", "not", "and", "or")
        ):
            raise Untold(f"the function {word}() is not known here")

    def ours(found: re.Match[str]) -> str:
        match found.lastgroup:
            case "word":
                word = found["word"]
                return "/" if word == "div" else _IN.get(word, word)
            case "truth":
                return found["truth"][:-2]
            case "dot":
                return "value"
            case "reference" | "name":
                target = resolve(found["name"])
                if target is None:
                    raise Untold(f"there is no question {found['name']}")
                return target.path()
            case _:
                return found[0]

    try:
        return _settled(parse(_PIECE.sub(ours, text), _READ), sets)
    except BadExpression as error:
        raise Untold(f"the condition cannot be read: {error.why}") from error


def _settled(node: Node, sets: AbstractSet[str]) -> Node:
    match node:
        case Compare(sign="=" | "!=" as sign, left=left, right=Literal(value="")):
            answered = Call("answered", (_settled(left, sets),))
            return answered if sign == "!=" else Not(answered)
        case Call(function="selected", arguments=(left, right)):
            several = not isinstance(left, Reference) or left.name in sets
            sign = "has" if several else "="
            return Compare(sign, _settled(left, sets), _settled(right, sets))
        case Not(inside=inside):
            return Not(_settled(inside, sets))
        case Logic(word=word, inside=several):
            return Logic(word, tuple(_settled(one, sets) for one in several))
        case Compare(sign=sign, left=left, right=right):
            return Compare(sign, _settled(left, sets), _settled(right, sets))
        case Arithmetic(sign=sign, left=left, right=right):
            return Arithmetic(sign, _settled(left, sets), _settled(right, sets))
        case Call(function=function, arguments=arguments):
            return Call(function, tuple(_settled(one, sets) for one in arguments))
        case _:
            return node
