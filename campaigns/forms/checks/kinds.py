"""What expressions compare: a number with a number, a choice with an option that is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from campaigns.forms.answering.compiled import parsed
from campaigns.forms.checks.findings import Finding, Usage, usages
from campaigns.forms.expressions.evaluating import date_in
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
    walk,
)
from campaigns.forms.form import Form
from campaigns.forms.questions import (
    Address,
    Calculated,
    DateQuestion,
    Matrix,
    Money,
    Multiple,
    Nps,
    NumberQuestion,
    Question,
    Ranking,
    Scale,
    Single,
)
from campaigns.forms.words import FindingCode


class Sort(Enum):
    """What a value is."""

    NUMBER = auto()
    TEXT = auto()
    DATE = auto()
    TRUTH = auto()
    SET = auto()  #: several options
    PARTS = auto()  #: a whole matrix or address
    ANY = auto()  #: a contact's field: a text that may say a number or a date


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is, and which options it may be; None: anything."""

    sort: Sort
    options: frozenset[str] | None = None


_ANY = Kind(Sort.ANY)
_NUMERIC = frozenset({"count", "rank", "length", "round", "days"})
_ORDERED = frozenset({Sort.NUMBER, Sort.DATE, Sort.ANY})


def kind_of(node: Node, form: Form, own: Question | None = None, depth: int = 0) -> Kind:
    """Return what an expression gives; ``own`` is the question whose ``value`` is meant."""
    match node:
        case Literal(value=bool()) | Not() | Logic() | Compare() | OneOf():
            return Kind(Sort.TRUTH)
        case Literal(value=Decimal()) | Arithmetic():
            return Kind(Sort.NUMBER)
        case Literal():
            return Kind(Sort.TEXT)
        case Reference(contact=True):
            return _ANY
        case Reference(name=name, part=part):
            target = own if name == "value" and own is not None else form.by_code.get(name)
            return _answer_kind(target, part, form, depth)
        case Call(function=function, arguments=arguments):
            return _call_kind(function, arguments, form, own, depth)


def _answer_kind(question: Question | None, part: str, form: Form, depth: int) -> Kind:
    match question:
        case _ if part == "other":
            return Kind(Sort.TEXT)
        case Single(options=options):
            return Kind(Sort.TEXT, frozenset(option.code for option in options))
        case Multiple(options=options) | Ranking(options=options):
            return Kind(Sort.SET, frozenset(option.code for option in options))
        case Matrix(options=options):
            codes = frozenset(option.code for option in options)
            return Kind(Sort.TEXT, codes) if part else Kind(Sort.PARTS)
        case Address():
            return Kind(Sort.TEXT if part else Sort.PARTS)
        case Scale() | Nps() | NumberQuestion() | Money():
            return Kind(Sort.NUMBER)
        case DateQuestion():
            return Kind(Sort.DATE)
        case Calculated() if depth < 10:
            return kind_of(parsed(question.expression), form, None, depth + 1)
        case None | Calculated():
            return _ANY
        case _:
            return Kind(Sort.TEXT)


def _call_kind(
    function: str, arguments: tuple[Node, ...], form: Form, own: Question | None, depth: int
) -> Kind:
    if function in _NUMERIC:
        return Kind(Sort.NUMBER)
    if function in ("date", "today"):
        return Kind(Sort.DATE)
    if function in ("answered", "dont_know", "refused"):
        return Kind(Sort.TRUTH)
    chosen = arguments[1:] if function == "if" else arguments
    kinds = {kind_of(argument, form, own, depth) for argument in chosen}
    sorts = {kind.sort for kind in kinds}
    if len(kinds) == 1:
        return kinds.pop()
    return Kind(sorts.pop()) if len(sorts) == 1 else _ANY


def check_kinds(form: Form) -> Iterator[Finding]:
    """Yield comparisons that can never hold for what the values are."""
    for usage in usages(form):
        node = usage.node()
        if usage.is_condition and kind_of(node, form, usage.question).sort is not Sort.TRUTH:
            yield _mismatch(
                usage, "A condition must be true or false.", "Compare it with something."
            )
        for one in walk(node):
            yield from _checked(one, usage, form)


def _checked(node: Node, usage: Usage, form: Form) -> Iterator[Finding]:
    def kind(inner: Node) -> Kind:
        return kind_of(inner, form, usage.question if usage.rule else None)

    match node:
        case Reference(contact=False, part=part) if part:
            yield from _part(node, usage, form)
        case Not(inside=inside):
            yield from _truths(usage, [kind(inside)])
        case Logic(inside=several):
            yield from _truths(usage, [kind(one) for one in several])
        case Compare(sign="has", left=left, right=right):
            yield from _has(usage, kind(left), right)
        case Compare(sign=sign, left=left, right=right):
            yield from _pair(usage, sign, (left, kind(left)), (right, kind(right)))
        case OneOf(left=left, choices=choices):
            for choice in choices:
                yield from _pair(usage, "=", (left, kind(left)), (choice, kind(choice)))
        case Arithmetic(left=left, right=right):
            if not {kind(left).sort, kind(right).sort} <= {Sort.NUMBER, Sort.ANY}:
                yield _mismatch(usage, "Only numbers are added or multiplied.", "Use a number.")
        case Call(function=function, arguments=arguments) if arguments:
            yield from _called(usage, function, arguments, kind(arguments[0]))
        case _:
            return


def _has(usage: Usage, kind: Kind, option: Node) -> Iterator[Finding]:
    if kind.sort is Sort.SET:
        yield from _option(usage, kind, option)
    else:
        sentence = "`has` wants a question with several options on its left."
        yield _mismatch(usage, sentence, "Use `=`.")


def _called(
    usage: Usage, function: str, arguments: tuple[Node, ...], first: Kind
) -> Iterator[Finding]:
    if function in ("dont_know", "refused", "answered"):
        if not isinstance(arguments[0], Reference):
            sentence = f"{function} wants the code of a question."
            yield _mismatch(usage, sentence, "Name a question.")
    elif function == "rank":
        yield from _option(usage, first, arguments[1])


def _truths(usage: Usage, kinds: list[Kind]) -> Iterator[Finding]:
    if any(kind.sort is not Sort.TRUTH for kind in kinds):
        yield _mismatch(
            usage, "`and`, `or`, `not` join what is true or false.", "Compare it with something."
        )


def _pair(
    usage: Usage, sign: str, one: tuple[Node, Kind], other: tuple[Node, Kind]
) -> Iterator[Finding]:
    (left, left_kind), (right, right_kind) = one, other
    for kind, node in ((left_kind, right), (right_kind, left)):
        if kind.options is not None and kind.sort is Sort.TEXT and isinstance(node, Literal):
            yield from _option(usage, kind, node)
            return
    sorts = {left_kind.sort, right_kind.sort}
    if Sort.SET in sorts:
        yield _mismatch(usage, "Several options are no single value.", "Use `has` or `count`.")
        return
    if Sort.PARTS in sorts:
        sentence = "A whole matrix or address is no single value."
        yield _mismatch(usage, sentence, "Name a part: q.row.")
        return
    alike = sign in ("=", "!=") and (len(sorts) == 1 or Sort.ANY in sorts)
    written = sorts == {Sort.DATE, Sort.TEXT} and _is_day(left, right)
    ordered = sign not in ("=", "!=") and sorts <= _ORDERED and len(sorts - {Sort.ANY}) <= 1
    if not (alike or written or ordered):
        words = " and a ".join(sorted(sort.name.lower() for sort in sorts))
        yield _mismatch(
            usage, f"A {words} cannot be compared by {sign}.", "Compare like with like."
        )


def _is_day(left: Node, right: Node) -> bool:
    said = [one.value for one in (left, right) if isinstance(one, Literal)]
    return all(isinstance(text, str) and date_in(text) for text in said)


def _option(usage: Usage, kind: Kind, node: Node) -> Iterator[Finding]:
    if kind.options is None or not isinstance(node, Literal):
        return
    code = f"{node.value:f}" if isinstance(node.value, Decimal) else str(node.value)
    if code not in kind.options:
        yield Finding(
            FindingCode.UNKNOWN_OPTION,
            usage.place,
            f"There is no option {code}: it can never be chosen.",
            f"Options are: {', '.join(sorted(kind.options)[:10])}.",
        )


def _part(reference: Reference, usage: Usage, form: Form) -> Iterator[Finding]:
    question = form.by_code.get(reference.name)
    match question:
        case Matrix(rows=rows):
            known = {row.code for row in rows}
        case Address(parts=parts):
            known = {part.code for part in parts}
        case Single(options=options) | Multiple(options=options):
            known = {"other"} if any(option.other for option in options) else set()
        case _:
            known = set()
    if question is not None and reference.part not in known:
        yield Finding(
            FindingCode.UNKNOWN_REFERENCE,
            usage.place,
            f"{reference.name} has no part {reference.part}.",
            f"Parts are: {', '.join(sorted(known))}." if known else "Leave the part out.",
        )


def _mismatch(usage: Usage, sentence: str, remedy: str) -> Finding:
    return Finding(FindingCode.TYPE_MISMATCH, usage.place, sentence, remedy)
