"""What expressions compare a question or a contact's field with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from campaigns.forms.expressions.nodes import (
    Call,
    Compare,
    Literal,
    Node,
    OneOf,
    Reference,
    children,
    references,
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """What expressions compare a question or a field with."""

    values: tuple[str | Decimal | bool, ...] = ()
    parts: frozenset[str] = frozenset()
    simple: bool = True  #: compared with what is written there only, not added or counted


def mentions(name: str, contact: bool, nodes: Sequence[Node]) -> Mentions:
    """Return what ``nodes`` compare a question (or a contact's field) with."""
    values: dict[str | Decimal | bool, None] = {}
    parts: set[str] = set()
    simple = True
    for node in nodes:
        for reference in references(node):
            if _is(reference, name, contact) and reference.part:
                parts.add(reference.part)
        for found in _found(node, name, contact):
            if found is None:
                simple = False
            else:
                values[found] = None
    return Mentions(tuple(values), frozenset(parts), simple)


def _is(node: Node, name: str, contact: bool) -> bool:
    return isinstance(node, Reference) and node.name == name and node.contact is contact


def _found(node: Node, name: str, contact: bool) -> Iterator[str | Decimal | bool | None]:
    """Yield each literal that the name is compared with; None for any other use of it."""
    match node:
        case Compare(left=left, right=right):
            pair = [(left, right), (right, left)]
            for one, other in pair:
                if _is(one, name, contact):
                    yield _literal(other)
                else:
                    yield from _found(one, name, contact)
        case OneOf(left=left, choices=choices):
            for choice in choices:
                if _is(left, name, contact):
                    yield _literal(choice)
                yield from _found(choice, name, contact)
            if not _is(left, name, contact):
                yield from _found(left, name, contact)
        case Call(function="answered" | "dont_know" | "refused"):
            return
        case Reference() if _is(node, name, contact):
            yield None
        case _:
            for child in children(node):
                yield from _found(child, name, contact)


def _literal(node: Node) -> str | Decimal | bool | None:
    match node:
        case Literal(value=value):
            return value
        case Call(function="date", arguments=(Literal(value=str() as text),)):
            return text
        case _:
            return None
