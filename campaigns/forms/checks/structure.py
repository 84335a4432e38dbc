"""Codes, limits, skips, rotation: what can be seen without reading an expression."""

from collections import Counter
from collections.abc import Iterator

from campaigns.forms.checks.findings import Finding
from campaigns.forms.expressions.parsing import RESERVED
from campaigns.forms.form import Form
from campaigns.forms.question_parts import MOST_POINTS, Asking
from campaigns.forms.questions import (
    Address,
    DateQuestion,
    Matrix,
    Money,
    Multiple,
    NumberQuestion,
    Question,
    Ranking,
    Scale,
    Single,
    TextQuestion,
)
from campaigns.forms.words import FindingCode


def check_structure(form: Form) -> Iterator[Finding]:
    """Yield what is wrong with codes, limits, skips and rotation."""
    if not any(isinstance(question, Asking) for question in form.questions()):
        yield Finding(FindingCode.EMPTY, "form", "The form asks nothing.", "Add a question.")
    yield from _codes(form)
    for question in form.questions():
        yield from _listed(question)
        yield from _limits(question)
    yield from _skips(form)
    yield from _blocks(form)


def _codes(form: Form) -> Iterator[Finding]:
    codes = [section.code for section in form.sections]
    codes += [question.code for question in form.questions()]
    # Results become columns of files and tables that do not tell Q1 from q1.
    counted = Counter(code.lower() for code in codes)
    for code in dict.fromkeys(codes):
        if counted[code.lower()] > 1:
            yield Finding(
                FindingCode.DUPLICATE_CODE,
                code,
                f"The code {code} is there {counted[code.lower()]} times (capitals do not count).",
                "Give each section and each question a code of its own.",
            )
        if code.lower() in RESERVED or code.lower() == "end":
            yield Finding(
                FindingCode.RESERVED_CODE,
                code,
                f"{code} is a word of the language of conditions.",
                "Choose another code.",
            )


def _listed(question: Question) -> Iterator[Finding]:
    listed: dict[str, list[str]] = {}
    if isinstance(question, Single | Multiple | Ranking | Matrix):
        listed["options"] = [option.code for option in question.options]
    if isinstance(question, Matrix):
        listed["rows"] = [row.code for row in question.rows]
    if isinstance(question, Address):
        listed["parts"] = [part.code for part in question.parts]
    for name, codes in listed.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield Finding(
                    FindingCode.DUPLICATE_OPTION,
                    f"{question.code}.{name}",
                    f"{code} is there {times} times.",
                    "Give each a code of its own.",
                )
    if isinstance(question, Single | Multiple) and sum(o.other for o in question.options) > 1:
        yield Finding(
            FindingCode.DUPLICATE_OPTION,
            f"{question.code}.options",
            "More than one option asks for words, and an answer has room for one text.",
            "Leave `other` on one option.",
        )


def _limits(question: Question) -> Iterator[Finding]:
    for sentence in _wrong_limits(question):
        yield Finding(
            FindingCode.BAD_LIMITS,
            question.code,
            sentence,
            "Change the limits so that some answer fits.",
        )


def _wrong_limits(question: Question) -> Iterator[str]:
    match question:
        case NumberQuestion(least=least, most=most) | Money(least=least, most=most):
            if least is not None and most is not None and least > most:
                yield f"No number is at least {least:f} and at most {most:f}."
        case DateQuestion(earliest=earliest, latest=latest):
            if earliest is not None and latest is not None and earliest > latest:
                yield f"No day is after {earliest} and before {latest}."
        case Scale(first=first, last=last):
            if not first < last or last - first >= MOST_POINTS:
                yield f"A scale from {first} to {last} needs 2 to {MOST_POINTS} points."
        case TextQuestion():
            shortest, longest = question.shortest, question.longest
            if shortest > longest or (
                question.mask and not shortest <= len(question.mask) <= longest
            ):
                yield "No text is long enough and short enough."
        case Multiple():
            yield from _wrong_counts(question)
        case Single() | Matrix() | Ranking():
            yield from _wrong_options(question)
        case _:
            return


def _wrong_options(question: Single | Matrix | Ranking) -> Iterator[str]:
    if isinstance(question, Ranking) and (question.top or 0) > len(question.options):
        yield f"{question.top} options are ranked and there are {len(question.options)}."
    if any(option.exclusive for option in question.options):
        yield "Only a multiple question has exclusive options."
    if not isinstance(question, Single) and any(option.other for option in question.options):
        yield "Only single and multiple questions have an option with words."
    if isinstance(question, Single) and question.refreshes:
        words = {option.code: option.other for option in question.options}
        if words not in ({"confirmed": False}, {"confirmed": False, "corrected": True}):
            yield "A refreshed field has the option confirmed, and corrected with words if it may change."


def _wrong_counts(question: Multiple) -> Iterator[str]:
    together = sum(not option.exclusive for option in question.options)
    alone = len(question.options) - together
    if question.most is not None and question.least > question.most:
        yield f"Nobody chooses at least {question.least} and at most {question.most}."
    elif question.least > together and not alone:
        yield f"At least {question.least} are wanted and there are {together}."


def _skips(form: Form) -> Iterator[Finding]:
    places = {question.code: at for at, question in enumerate(form.questions())}
    in_rotated: set[str] = set()
    first_of: dict[str, int] = {}
    at = 0
    for section in form.sections:
        first_of[section.code] = at
        at += len(section.questions)
        if section.rotate:
            in_rotated |= {question.code for question in section.questions}
    blocks = {section.code for section in form.sections if section.block}
    for section in form.sections:
        for question in section.questions:
            for number, skip in enumerate(getattr(question, "skips", ()), start=1):
                place = f"{question.code}.skips.{number}"
                here = places[question.code]
                target = places.get(skip.to, first_of.get(skip.to))
                if skip.to == "end":
                    continue
                yield from _skip(place, skip.to, target, here)
                if skip.to in in_rotated or skip.to in blocks or section.rotate or section.block:
                    yield Finding(
                        FindingCode.BAD_SKIP,
                        place,
                        "A skip from or into what rotates leads somewhere else for everybody.",
                        "Use `show_if` on the questions instead, or do not rotate.",
                    )


def _skip(place: str, to: str, target: int | None, here: int) -> Iterator[Finding]:
    if target is None:
        yield Finding(
            FindingCode.BAD_SKIP,
            place,
            f"There is no question or section {to} to skip to.",
            "Name a later question or section, or `end`.",
        )
    elif target <= here:
        yield Finding(
            FindingCode.LOOP,
            place,
            f"The skip to {to} leads back: the interview would go round in circles.",
            "Name a later question or section, or `end`.",
        )


def _blocks(form: Form) -> Iterator[Finding]:
    counted = Counter(section.block for section in form.sections if section.block)
    for block, times in counted.items():
        if times == 1:
            yield Finding(
                FindingCode.BAD_ROTATION,
                f"block {block}",
                "The block has one section: nothing changes places.",
                "Name the block in another section too, or leave it out.",
            )
    for section in form.sections:
        if section.rotate and len(section.questions) < 2:
            yield Finding(
                FindingCode.BAD_ROTATION,
                f"section {section.code}",
                "The section rotates and has fewer than two questions.",
                "Leave `rotate` out.",
            )
