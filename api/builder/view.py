"""What the builder's page shows: the outline, the piece that is being edited, findings, a preview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from api.builder.conditions import ConditionView, Left, condition_view, lefts_of, shortened
from api.builder.listed import Fields, items_of
from campaigns.forms.answering.answers import Answers, Person
from campaigns.forms.answering.engine import walk
from campaigns.forms.answering.showing import shown
from campaigns.forms.checks.checking import check
from campaigns.forms.checks.findings import Finding
from campaigns.forms.form import Form, Section
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Calculated, Question

#: Of a few forms, so that turning from question to question costs nothing.
_REMEMBERED = 32


@dataclass(frozen=True, slots=True)
class Line:
    """A question in the outline."""

    code: str
    kind: str
    words: str
    bars: int  #: findings that bar the form
    has_logic: bool


@dataclass(frozen=True, slots=True)
class SectionLines:
    """A section in the outline."""

    code: str
    title: str
    bars: int
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The piece that is being edited: ``question``, ``section`` or ``settings``."""

    sort: str = "settings"
    code: str = ""


@dataclass(frozen=True, slots=True)
class Editor:
    """The form of the chosen piece."""

    fields: Fields
    conditions: Mapping[str, ConditionView] = field(default_factory=dict)
    targets: Sequence[tuple[str, str]] = ()  #: where a jump may lead


@lru_cache(maxsize=_REMEMBERED)
def findings_of(form: Form) -> Sequence[Finding]:
    """Return what the checks find; pure, and remembered for the next look at the same form."""
    return check(form)


def owner_of(finding: Finding) -> str:
    """Return the code of the question or section that a finding is about, ``form`` for the form."""
    place = finding.place.removeprefix("section ")
    return place.partition(".")[0]


def part_of(finding: Finding) -> str:
    """Return the part of a question that a finding is about: ``show_if``."""
    return finding.place.removeprefix("section ").partition(".")[2].partition(".")[0]


def outline(form: Form, findings: Sequence[Finding], language: str) -> list[SectionLines]:
    """Return the form's questions by section."""
    barring = [owner_of(one) for one in findings if one.bars]
    return [
        SectionLines(
            section.code,
            section.title.within(language),
            barring.count(section.code),
            [_line(question, barring, language) for question in section.questions],
        )
        for section in form.sections
    ]


def _line(question: Question, barring: Sequence[str], language: str) -> Line:
    logic = bool(question.show_if)
    if isinstance(question, Asking):
        logic = logic or bool(question.skips or question.screen_out_if)
    words = shortened(question.text.within(language))
    return Line(question.code, question.type, words, barring.count(question.code), logic)


def chosen_in(form: Form, question: str, section: str) -> Chosen:
    """Return the piece that an address names; without one the settings."""
    if question in form.by_code:
        return Chosen("question", question)
    if section and any(one.code == section for one in form.sections):
        return Chosen("section", section)
    return Chosen()


def question_editor(
    form: Form, question: Question, fields: Fields, language: str, answer: str
) -> Editor:
    """Return the form of a question; ``answer`` are the words for its own answer."""
    code = question.code
    earlier = lefts_of(form, language, before=code)
    rule = lefts_of(form, language, before=code, rule=answer)
    own = lefts_of(form, language, upto=code)
    names: dict[str, Sequence[Left]] = {"show_if": earlier}
    if isinstance(question, Asking):
        names |= {"valid_if": rule, "screen_out_if": own}
        skips = range(len(items_of(fields, "skips")))
        names |= {f"skips.{number}.when": own for number in skips}
    views = {
        name: condition_view(fields, name, form, question, lefts, language)
        for name, lefts in names.items()
    }
    return Editor(fields, views, _targets(form, code, language))


def _targets(form: Form, code: str, language: str) -> list[tuple[str, str]]:
    """Return what lies behind a question: later questions, and the sections that begin later."""
    found: list[tuple[str, str]] = []
    is_behind = False
    for section in form.sections:
        if is_behind:
            found.append((section.code, section.title.within(language) or section.code))
        for question in section.questions:
            if is_behind:
                words = shortened(question.text.within(language))
                found.append((question.code, f"{question.code} {words}"))
            is_behind = is_behind or question.code == code
    return found


def section_editor(form: Form, section: Section, fields: Fields, language: str) -> Editor:
    """Return the form of a section."""
    first = section.questions[0].code if section.questions else ""
    lefts = lefts_of(form, language, before=first)
    return Editor(
        fields, {"show_if": condition_view(fields, "show_if", form, None, lefts, language)}
    )


def preview(form: Form, question: Question, language: str) -> dict[str, Any] | None:
    """Return the question as an operator sees it before anything is answered."""
    if isinstance(question, Calculated):
        return None
    person = Person()
    return shown(form, question, walk(form, Answers(), person), person, language)
