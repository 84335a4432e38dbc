"""A form with its expressions parsed once and its rotated order known: what the engine walks over."""

from dataclasses import dataclass
from functools import lru_cache

from campaigns.forms.answering.rotation import questions_for, sections_for
from campaigns.forms.expressions.nodes import Literal, Node
from campaigns.forms.expressions.parsing import BadExpression, parse
from campaigns.forms.form import Form, Section
from campaigns.forms.questions import Question

#: What stands for an expression that cannot be read: never true. Publishing refuses such forms.
NEVER = Literal(value=False)


@lru_cache(maxsize=4_096)
def parsed(text: str) -> Node:
    """Return the nodes of an expression; one that cannot be read is never true."""
    try:
        return parse(text)
    except BadExpression:
        return NEVER


@dataclass(frozen=True, slots=True)
class Step:
    """A question in the person's order."""

    section: Section
    question: Question


def steps(form: Form, seed: str) -> tuple[Step, ...]:
    """Return the questions in the person's order."""
    return tuple(
        Step(section, question)
        for section in sections_for(form, seed)
        for question in questions_for(section, seed)
    )


def landing(ordered: tuple[Step, ...], target: str, after: int) -> int | None:
    """Return the place a skip leads to, None when it is not ahead of ``after``.

    ``end`` leads behind the last question, a section to its first question in this order.
    """
    if target == "end":
        return len(ordered)
    for at in range(after + 1, len(ordered)):
        step = ordered[at]
        if step.question.code == target:
            return at
        if step.section.code == target and ordered[after].section.code != target:
            return at
    return None
