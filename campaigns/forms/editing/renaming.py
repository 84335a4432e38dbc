"""A question or section under another code: conditions, skips and texts follow."""

import re
from typing import Any

from campaigns.forms.checks.wording import texts_of
from campaigns.forms.expressions.nodes import (
    Arithmetic,
    Call,
    Compare,
    Logic,
    Node,
    Not,
    OneOf,
    Reference,
    references,
)
from campaigns.forms.expressions.parsing import BadExpression, parse
from campaigns.forms.expressions.writing import write
from campaigns.forms.form import Form, Section
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Calculated, Question
from campaigns.forms.texts import Text

_EXPRESSIONS = ("show_if", "valid_if", "screen_out_if", "expression")


def renamed(form: Form, old: str, new: str) -> Form:
    """Return the form in which all that names ``old`` names ``new``; what cannot be read stays."""
    sections = (_section(section, old, new) for section in form.sections)
    made = form.model_copy(update={"sections": tuple(sections)})
    made.__dict__.pop("by_code", None)
    return made


def _section(section: Section, old: str, new: str) -> Section:
    update = {
        "title": _text(section.title, old, new),
        "show_if": expression_renamed(section.show_if, old, new),
        "questions": tuple(_question(question, old, new) for question in section.questions),
    }
    return section.model_copy(update=update)


def _question(question: Question, old: str, new: str) -> Question:
    update: dict[str, Any] = {}
    for name in _EXPRESSIONS:
        said = getattr(question, name, "")
        if said and (isinstance(question, Asking | Calculated) or name == "show_if"):
            update[name] = expression_renamed(said, old, new)
    if isinstance(question, Asking):
        update["skips"] = tuple(
            skip.model_copy(
                update={
                    "when": expression_renamed(skip.when, old, new),
                    "to": new if skip.to == old else skip.to,
                }
            )
            for skip in question.skips
        )
    for name, text in texts_of(question):
        if "." not in name:
            update[name] = _text(text, old, new)
    for name in ("options", "rows", "parts"):
        if hasattr(question, name):
            update[name] = tuple(
                one.model_copy(update={"text": _text(one.text, old, new)})
                for one in getattr(question, name)
            )
    return question.model_copy(update=update)


def expression_renamed(text: str, old: str, new: str) -> str:
    """Return an expression that names ``new`` instead of ``old``; others stay as they are written."""
    try:
        node = parse(text)
    except BadExpression:
        return text
    if not any(one.name == old and not one.contact for one in references(node)):
        return text
    return write(_node(node, old, new))


def _node(node: Node, old: str, new: str) -> Node:
    def inner(one: Node) -> Node:
        return _node(one, old, new)

    match node:
        case Reference(name=name, part=part, contact=False) if name == old:
            return Reference(new, part)
        case Not(inside=inside):
            return Not(inner(inside))
        case Logic(word=word, inside=several):
            return Logic(word, tuple(map(inner, several)))
        case Compare(sign=sign, left=left, right=right):
            return Compare(sign, inner(left), inner(right))
        case Arithmetic(sign=sign, left=left, right=right):
            return Arithmetic(sign, inner(left), inner(right))
        case OneOf(left=left, choices=choices):
            return OneOf(inner(left), tuple(map(inner, choices)))
        case Call(function=function, arguments=arguments):
            return Call(function, tuple(map(inner, arguments)))
        case _:
            return node


def _text(text: Text, old: str, new: str) -> Text:
    slot = re.compile(rf"(\{{\{{\s*answers\.){re.escape(old)}(?=[.\s}}])")
    return Text(tuple((lang, slot.sub(rf"\g<1>{new}", said)) for lang, said in text.by_language))
