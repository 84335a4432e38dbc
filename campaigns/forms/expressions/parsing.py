"""Text -> nodes, by descent: ``or``, ``and``, ``not``, comparison, sum, product, sign, operand."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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

#: Each function, with how many arguments it takes at least and at most.
FUNCTIONS: dict[str, tuple[int, int]] = {
    "answered": (1, 1),
    "dont_know": (1, 1),
    "refused": (1, 1),
    "count": (1, 1),
    "rank": (2, 2),
    "length": (1, 1),
    "round": (1, 2),
    "min": (1, 20),
    "max": (1, 20),
    "coalesce": (2, 20),
    "if": (3, 3),
    "date": (1, 1),
    "days": (2, 2),
    "today": (0, 0),
}
WORDS = frozenset({"and", "or", "not", "in", "has", "true", "false"})
#: Names that no question may have.
RESERVED = WORDS | FUNCTIONS.keys() | {"contact", "answers", "value"}
LONGEST = 2_000  #: characters
DEEPEST = 40  #: brackets, signs and ``not`` within each other

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<name>[^\W\d]\w*(?:\.\w+)*)|(?P<sign><=|>=|!=|[=<>()+\-*/,]))"
)
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">=", "has"})


class BadExpression(ValueError):
    """An expression that cannot be read; ``position`` counts characters from 1."""

    def __init__(self, why: str, position: int) -> None:
        """Keep what is wrong and where."""
        self.why = why
        self.position = position
        super().__init__(f"{why} (at character {position})")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


@dataclass(slots=True)
class _Reader:
    tokens: list[_Token]
    functions: Mapping[str, tuple[int, int]]
    at: int = 0
    depth: int = field(default=0)

    def peek(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *texts: str) -> _Token | None:
        token = self.peek()
        if token.kind in ("sign", "name") and token.text in texts:
            self.at += 1
            return token
        return None

    def need(self, text: str) -> None:
        token = self.peek()
        if not self.take(text):
            raise BadExpression(f"{text!r} is wanted here", token.position)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadExpression(
                "too deep: split it over calculated questions", self.peek().position
            )


def parse(text: str, functions: Mapping[str, tuple[int, int]] = FUNCTIONS) -> Node:
    """Return the nodes of an expression; ``functions`` are the known ones, with their arguments.

    Raises:
        BadExpression: it cannot be read, is too long or too deep.
    """
    if len(text) > LONGEST:
        raise BadExpression(f"longer than {LONGEST} characters", LONGEST)
    reader = _Reader(_tokens(text), functions)
    node = _either(reader)
    rest = reader.peek()
    if rest.kind != "end":
        raise BadExpression(f"{rest.text!r} is not expected here", rest.position)
    return node


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise BadExpression(f"{text[start]!r} is not expected here", start + 1)
        kind = match.lastgroup
        found.append(_Token(kind, match[kind], match.start(kind) + 1))
        at = match.end()
    return [*found, _Token("end", "the end", len(text) + 1)]


def _either(reader: _Reader) -> Node:
    reader.deeper()
    node = _series(reader, "or", lambda: _series(reader, "and", lambda: _negation(reader)))
    reader.depth -= 1
    return node


def _series(reader: _Reader, word: str, inner: Callable[[], Node]) -> Node:
    found = [inner()]
    while reader.take(word):
        found.append(inner())
    return found[0] if len(found) == 1 else Logic(word, tuple(found))


def _negation(reader: _Reader) -> Node:
    if not reader.take("not"):
        return _comparison(reader)
    reader.deeper()
    node = Not(_negation(reader))
    reader.depth -= 1
    return node


def _comparison(reader: _Reader) -> Node:
    left = _chain(reader, ("+", "-"))
    if reader.take("in"):
        reader.need("(")
        return OneOf(left, tuple(_arguments(reader)))
    sign = reader.take(*_COMPARISONS)
    if sign is None:
        return left
    node = Compare(sign.text, left, _chain(reader, ("+", "-")))
    if reader.peek().text in _COMPARISONS and reader.peek().kind != "text":
        raise BadExpression("join comparisons by `and`", reader.peek().position)
    return node


def _chain(reader: _Reader, signs: tuple[str, ...]) -> Node:
    """Read a sum, or a product within it."""

    def inner() -> Node:
        return _chain(reader, ("*", "/")) if "+" in signs else _operand(reader)

    node = inner()
    while sign := reader.take(*signs):
        node = Arithmetic(sign.text, node, inner())
    return node


def _operand(reader: _Reader) -> Node:
    token = reader.peek()
    if reader.take("-"):
        reader.deeper()
        inside = _operand(reader)
        reader.depth -= 1
        if isinstance(inside, Literal) and isinstance(inside.value, Decimal):
            return Literal(-inside.value)
        return Arithmetic("-", Literal(Decimal(0)), inside)
    if reader.take("("):
        node = _either(reader)
        reader.need(")")
        return node
    reader.at += 1
    match token.kind:
        case "number":
            return Literal(Decimal(token.text))
        case "text":
            return Literal(token.text[1:-1])
        case "name":
            return _named(reader, token)
        case _:
            raise BadExpression(f"{token.text!r} is not expected here", token.position)


def _named(reader: _Reader, token: _Token) -> Node:
    if token.text in ("true", "false"):
        return Literal(token.text == "true")
    if reader.take("("):
        return _call(reader, token)
    if token.text in WORDS or token.text in FUNCTIONS:
        raise BadExpression(f"{token.text!r} is a word of the language", token.position)
    first, *rest = token.text.split(".")
    is_contact = first == "contact"
    if first in ("contact", "answers"):
        if not rest:
            raise BadExpression(f"{first}. must be followed by a name", token.position)
        first, *rest = rest
    if len(rest) > (0 if is_contact else 1):
        raise BadExpression(f"{token.text!r} has too many parts", token.position)
    return Reference(first, rest[0] if rest else "", contact=is_contact)


def _call(reader: _Reader, token: _Token) -> Node:
    if token.text not in reader.functions:
        raise BadExpression(f"there is no function {token.text!r}", token.position)
    arguments = [] if reader.take(")") else _arguments(reader)
    least, most = reader.functions[token.text]
    if not least <= len(arguments) <= most:
        raise BadExpression(f"{token.text} takes {least} to {most} arguments", token.position)
    return Call(token.text, tuple(arguments))


def _arguments(reader: _Reader) -> list[Node]:
    found = [_either(reader)]
    while reader.take(","):
        found.append(_either(reader))
    reader.need(")")
    return found
