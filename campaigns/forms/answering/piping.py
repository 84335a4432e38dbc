"""Texts with answers and contact's fields put in. What is put in is data: never markup, never a template."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import escape

from campaigns.forms.answering.engine import Walk
from campaigns.forms.expressions.nodes import Parts, Value
from campaigns.forms.form import Form
from campaigns.forms.question_parts import Option
from campaigns.forms.questions import Address, Matrix, Multiple, Question, Ranking, Single
from campaigns.forms.texts import Slot, Text, pieces

#: Texts of options may hold slots of their own, and those again; a form that goes round in circles ends here.
_DEEPEST = 3


def as_plain(text: Text, language: str, form: Form, walk: Walk) -> str:
    """Return a text in words: for the terminal, files, speech."""
    return _rendered(text.within(language), language, form, walk, 0)


def as_html(text: Text, language: str, form: Form, walk: Walk) -> str:
    """Return a text as HTML: everything is escaped, the author's words too; lines are broken."""
    return escape(as_plain(text, language, form, walk), quote=True).replace("\n", "<br>")


def default_for(template: str, walk: Walk) -> str:
    """Return what a question is filled with beforehand; a default has no languages."""
    said = (
        piece if isinstance(piece, str) else walk.facts.contact.get(piece.name) or piece.fallback
        for piece in pieces(template)
        if isinstance(piece, str) or piece.source == "contact"
    )
    return "".join(said)


def _rendered(template: str, language: str, form: Form, walk: Walk, depth: int) -> str:
    if depth > _DEEPEST:
        return ""
    said: list[str] = []
    for piece in pieces(template):
        if isinstance(piece, str):
            said.append(piece)
            continue

        def inner(text: Text) -> str:
            return _rendered(text.within(language), language, form, walk, depth + 1)

        said.append(_value(piece, form, walk, inner) or piece.fallback)
    return "".join(said)


def _value(slot: Slot, form: Form, walk: Walk, inner: Callable[[Text], str]) -> str:
    if slot.source == "contact":
        return walk.facts.contact.get(slot.name, "")
    answer = walk.counted.get(slot.name)
    question = form.by_code.get(slot.name)
    if answer is None or answer.value is None or question is None:
        return ""
    if slot.part == "other":
        return answer.other
    value: Value = answer.value
    if slot.part:
        value = value.get(slot.part) if isinstance(value, Parts) else None
    return _said(question, value, answer.other, inner)


def _said(question: Question, value: Value, other: str, inner: Callable[[Text], str]) -> str:
    options = question.options if isinstance(question, Single | Multiple | Ranking | Matrix) else ()
    match value:
        case None | bool():
            return ""
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case tuple():
            return ", ".join(_option(options, code, other, inner) for code in value)
        case Parts(items=items) if isinstance(question, Address):
            return ", ".join(text for _, text in items)
        case Parts():
            return ""  # a whole matrix is no word of a sentence
        case str() if options:
            return _option(options, value, other, inner)
        case _:
            return value


def _option(
    options: tuple[Option, ...], code: str, other: str, inner: Callable[[Text], str]
) -> str:
    found = next((option for option in options if option.code == code), None)
    if found is None:
        return code
    return other if found.other and other else inner(found.text)
