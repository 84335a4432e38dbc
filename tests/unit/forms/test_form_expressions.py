"""The language of conditions: read, written, evaluated."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.forms.expressions.evaluating import Facts, evaluate, is_true
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
from campaigns.forms.expressions.parsing import FUNCTIONS, BadExpression, parse
from campaigns.forms.expressions.writing import write
from campaigns.forms.words import NoAnswer

FACTS = Facts(
    values={
        "q1": "a",
        "n": Decimal(7),
        "m": ("a", "c"),
        "rank1": ("c", "a"),
        "mx": Parts((("r1", "b"),)),
        "day": date(2026, 11, 22),
        "five": "5",
        "q1.other": "words",
    },
    no_answers={"dk": NoAnswer.DONT_KNOW, "rf": NoAnswer.REFUSED},
    contact={"city": "Kyiv", "age": "42", "empty": ""},
    today=date(2026, 11, 23),
)
KNOWN: list[tuple[str, Value]] = [
    ("q1 = 'a'", True),
    ("answers.q1 = 'a'", True),
    ("q1 != 'a'", False),
    ("q1 in ('b', 'a')", True),
    ("nobody in ('b')", None),
    ("nobody = 'a'", None),
    ("nobody != 'a'", None),
    ("not nobody = 'a'", None),
    ("nobody = 'a' or q1 = 'a'", True),
    ("nobody = 'a' and q1 = 'b'", False),
    ("nobody = 'a' and q1 = 'a'", None),
    ("n > 6 and n <= 7", True),
    ("n > 'six'", None),
    ("five = 5", True),
    ("q1 < 'b'", None),
    ("m has 'c'", True),
    ("m has 'b'", False),
    ("q1 has 'a'", None),
    ("count(m)", Decimal(2)),
    ("count(mx)", Decimal(1)),
    ("rank(rank1, 'a')", Decimal(2)),
    ("rank(rank1, 'b')", None),
    ("mx.r1 = 'b'", True),
    ("mx.r2 = 'b'", None),
    ("q1.other = 'words'", True),
    ("contact.city = 'Kyiv'", True),
    ("contact.age >= 18", True),
    ("answered(contact.empty)", False),
    ("answered(dk)", False),
    ("dont_know(dk)", True),
    ("refused(dk)", False),
    ("refused(rf)", True),
    ("1 + 2 * 3", Decimal(7)),
    ("(1 + 2) * 3", Decimal(9)),
    ("7 - 2 - 1", Decimal(4)),
    ("-n", Decimal(-7)),
    ("1 / 0", None),
    ("0 / 0", None),
    ("1 / 3 * 3 = 1", False),
    ("round(2.5)", Decimal(3)),
    ("round(2.345, 2)", Decimal("2.35")),
    ("round(2.345, 99)", None),
    ("min(n, 3)", Decimal(3)),
    ("max(day, date('2027-01-01'))", date(2027, 1, 1)),
    ("min(n, day)", None),
    ("coalesce(nobody, n, 1)", Decimal(7)),
    ("if(q1 = 'a', 'yes', 'no')", "yes"),
    ("if(nobody = 1, 'yes', 'no')", None),
    ("length(q1)", Decimal(1)),
    ("day < today()", True),
    ("day = '2026-11-22'", True),
    ("day > 'never'", None),
    ("days(day, today())", Decimal(1)),
    ("date('2026-02-30')", None),
    ("true and not false", True),
    ("9" * 30 + " * " + "9" * 30 + " > 1", True),
    ('q1 = "a"', True),
]


@pytest.mark.parametrize(("text", "expected"), KNOWN)
def test_an_expression_has_a_value(text: str, expected: Value) -> None:
    assert evaluate(parse(text), FACTS) == expected


def test_every_function_is_tried() -> None:
    assert not {name for name in FUNCTIONS if not any(f"{name}(" in text for text, _ in KNOWN)}


@pytest.mark.parametrize(
    ("text", "why", "position"),
    [
        ("", "'the end' is not expected", 1),
        ("q1 =", "'the end' is not expected", 5),
        ("q1 = 'a", '"\'" is not expected', 6),
        ("q1 == 'a'", "'=' is not expected", 5),
        ("q1 = 'a' q2", "'q2' is not expected", 10),
        ("1 < n < 3", "join comparisons by `and`", 7),
        ("(q1 = 'a'", "')' is wanted", 10),
        ("__import__('os')", "no function '__import__'", 1),
        ("q1.__class__.__mro__ = 1", "too many parts", 1),
        ("contact = 'a'", "must be followed by a name", 1),
        ("and = 1", "a word of the language", 1),
        ("count()", "count takes 1 to 1", 1),
        ("q1 ; q2", "';' is not expected", 4),
        ("(" * 60 + "1" + ")" * 60, "too deep", None),
        ("not " * 60 + "true", "too deep", None),
        ("-" * 60 + "1", "too deep", None),
        ("1 + " * 1000 + "1", "longer than 2000", 2000),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, why: str, position: Any) -> None:
    with pytest.raises(BadExpression) as refused:
        parse(text)
    assert why in str(refused.value)
    assert position in (None, refused.value.position)


literals = st.one_of(
    st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-999, max_value=999),
    st.text("abcé '<{", max_size=4),
).map(Literal)
names = st.sampled_from(["q1", "n", "m", "rank1", "mx", "day", "dk", "nobody"])
refs = names.map(Reference) | st.sampled_from(
    [Reference("mx", "r1"), Reference("city", contact=True)]
)


def branches(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Not, inner),
        st.builds(Logic, st.sampled_from(["and", "or"]), several),
        st.builds(Compare, st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "has"]), inner, inner),
        st.builds(OneOf, inner, several),
        st.builds(Arithmetic, st.sampled_from("+-*/"), inner, inner),
        st.builds(Call, st.sampled_from(["min", "max", "coalesce"]), several),
        st.builds(Call, st.just("if"), st.tuples(inner, inner, inner)),
        st.builds(Call, st.sampled_from(["round", "count", "length"]), st.tuples(inner)),
    )


nodes = st.recursive(literals | refs, branches, max_leaves=12)


@given(nodes)
def test_what_is_written_is_read_as_it_was(node: Node) -> None:
    text = write(node)
    if len(text) < 2000:
        assert parse(text) == node


@given(nodes)
def test_evaluating_never_fails(node: Node) -> None:
    value = evaluate(node, FACTS)
    assert value is None or isinstance(value, str | Decimal | bool | date | tuple | Parts)
    assert is_true(node, FACTS) == (value is True)


@given(nodes, nodes)
def test_not_equal_is_not_equal(left: Node, right: Node) -> None:
    different = evaluate(Compare("!=", left, right), FACTS)
    assert different == evaluate(Not(Compare("=", left, right)), FACTS)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(BadExpression):
        evaluate(parse(text), FACTS)
