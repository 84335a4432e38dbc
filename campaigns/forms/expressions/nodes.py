"""The nodes of an expression, and the values they may have."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Parts:
    """A value in named parts: the rows of a matrix, the lines of an address."""

    items: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str | None:
        """Return a part, None when it is not there."""
        return dict(self.items).get(name)


#: What an answer or an expression may be worth; None: nothing is known.
Value = str | Decimal | bool | date | tuple[str, ...] | Parts | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text or a truth as it is written."""

    value: str | Decimal | bool


@dataclass(frozen=True, slots=True)
class Reference:
    """An answer (``q1``, ``q1.row``), a contact's field (``contact.city``) or the ``value`` in a rule."""

    name: str
    part: str = ""
    contact: bool = False

    def path(self) -> str:
        """Return the reference as it is written."""
        dotted = f"{self.name}.{self.part}" if self.part else self.name
        return f"contact.{dotted}" if self.contact else dotted


@dataclass(frozen=True, slots=True)
class Not:
    """True when its inside is false."""

    inside: "Node"


@dataclass(frozen=True, slots=True)
class Logic:
    """``and`` or ``or`` between two or more nodes."""

    word: str
    inside: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values against each other: ``= != < <= > >= has``."""

    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class OneOf:
    """``x in (a, b)``."""

    left: "Node"
    choices: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers: ``+ - * /``."""

    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """One of the functions of the language."""

    function: str
    arguments: tuple["Node", ...]


Node = Literal | Reference | Not | Logic | Compare | OneOf | Arithmetic | Call


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes right below one."""
    match node:
        case Literal() | Reference():
            return ()
        case Not(inside=inside):
            return (inside,)
        case Logic(inside=several):
            return several
        case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
            return (left, right)
        case OneOf(left=left, choices=choices):
            return (left, *choices)
        case Call(arguments=arguments):
            return arguments


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(children(one)))


def references(node: Node) -> frozenset[Reference]:
    """Return every answer and field an expression looks at."""
    return frozenset(one for one in walk(node) if isinstance(one, Reference))
