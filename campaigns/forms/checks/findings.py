"""A finding, and the places of a form where expressions stand."""

from collections.abc import Iterator
from dataclasses import dataclass

from campaigns.forms.answering.compiled import parsed
from campaigns.forms.expressions.nodes import Node
from campaigns.forms.form import Form, Section
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Calculated, Question
from campaigns.forms.words import FindingCode


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or that nobody can decide."""

    code: FindingCode
    place: str  #: ``q3.show_if``, ``section intro``, ``form``
    sentence: str
    remedy: str

    @property
    def bars(self) -> bool:
        """Return whether the form cannot be published with it."""
        return self.code is not FindingCode.UNDECIDED


@dataclass(frozen=True, slots=True)
class Usage:
    """An expression at its place."""

    place: str
    text: str
    at: int  #: the index of the question it belongs to; a section's: of its first question
    section: Section
    question: Question | None  #: None: the section's own
    sees_itself: bool = False  #: it is looked at when the question is answered
    rule: bool = False  #: ``value`` is the answer
    is_condition: bool = True

    def node(self) -> Node:
        """Return the nodes; what cannot be read is reported elsewhere, and false."""
        return parsed(self.text)


def usages(form: Form) -> Iterator[Usage]:
    """Yield every expression of a form in order."""
    at = 0
    for section in form.sections:
        if section.show_if:
            yield Usage(f"section {section.code}.show_if", section.show_if, at, section, None)
        for question in section.questions:
            yield from _of(question, at, section)
            at += 1


def _of(question: Question, at: int, section: Section) -> Iterator[Usage]:
    code = question.code
    if question.show_if:
        yield Usage(f"{code}.show_if", question.show_if, at, section, question)
    if isinstance(question, Calculated):
        yield Usage(
            f"{code}.expression", question.expression, at, section, question, is_condition=False
        )
    if not isinstance(question, Asking):
        return
    if question.valid_if:
        yield Usage(f"{code}.valid_if", question.valid_if, at, section, question, rule=True)
    if question.screen_out_if:
        yield Usage(
            f"{code}.screen_out_if", question.screen_out_if, at, section, question, sees_itself=True
        )
    for number, skip in enumerate(question.skips, start=1):
        yield Usage(f"{code}.skips.{number}", skip.when, at, section, question, sees_itself=True)
