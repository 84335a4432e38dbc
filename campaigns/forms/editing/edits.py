"""What a step does to a form's questions: added, replaced, moved, copied, taken out."""

import re
from collections.abc import Collection, Iterable

from campaigns.forms.editing.renaming import renamed
from campaigns.forms.form import MOST_QUESTIONS, Form, Section
from campaigns.forms.questions import Question
from dialer.errors import Conflict


class QuestionGone(Conflict):
    """Somebody deleted or renamed the question in the meantime."""

    code = "question_gone"
    message = "This question is not there any more: somebody deleted or renamed it."


class SectionGone(Conflict):
    """Somebody deleted or renamed the section in the meantime."""

    code = "section_gone"
    message = "This section is not there any more: somebody deleted or renamed it."


class CodeTaken(Conflict):
    """Another question or section has that code."""

    code = "code_taken"
    message = "Another question or section has this code already."


class TooManyQuestions(Conflict):
    """The form is full."""

    code = "too_many_questions"
    message = "The form has as many questions as a form can have."


def rebuilt(form: Form, sections: Iterable[Section]) -> Form:
    """Return the form with these sections; what was worked out of the old ones is forgotten."""
    made = form.model_copy(update={"sections": tuple(sections)})
    made.__dict__.pop("by_code", None)
    return made


def home_of(form: Form, code: str) -> Section:
    """Return the section a question is in.

    Raises:
        QuestionGone: there is no such question.
    """
    for section in form.sections:
        if any(question.code == code for question in section.questions):
            return section
    raise QuestionGone(question=code)


def section_of(form: Form, code: str) -> Section:
    """Return a section.

    Raises:
        SectionGone: there is no such section.
    """
    for section in form.sections:
        if section.code == code:
            return section
    raise SectionGone(section=code)


def free_code(form: Form, stem: str, taken: Collection[str] = ()) -> str:
    """Return a code that nothing has: the stem and the next number, ``q7``.

    ``taken`` are codes of published versions: answers merge by code, so a new question must not get the code
    of one that is gone.
    """
    taken = {code.lower() for code in (*codes_of(form), *taken)}
    numbers = [int(found[1]) for code in taken if (found := re.fullmatch(rf"{stem}(\d+)", code))]
    return f"{stem}{max(numbers, default=0) + 1}"


def codes_of(form: Form) -> list[str]:
    """Return every code that something has: sections, then questions."""
    return [section.code for section in form.sections] + [one.code for one in form.questions()]


def added(form: Form, question: Question, *, after: str = "", section: str = "") -> Form:
    """Return the form with one more question: behind ``after``, else at the end of ``section``.

    Without either, or where they are gone, it is the last one of the form.

    Raises:
        TooManyQuestions: the form is full.
        CodeTaken: the code is somebody else's.
    """
    if len(codes_of(form)) >= MOST_QUESTIONS:
        raise TooManyQuestions
    if question.code in codes_of(form):
        raise CodeTaken(code=question.code)
    if not form.sections:
        form = rebuilt(form, (Section(code=free_code(form, "s")),))
    for place in form.sections:
        codes = [one.code for one in place.questions]
        if after in codes:
            return _put(form, place, question, codes.index(after) + 1)
    named = next((one for one in form.sections if one.code == section), form.sections[-1])
    return _put(form, named, question, len(named.questions))


def _put(form: Form, section: Section, question: Question, at: int) -> Form:
    questions = [*section.questions[:at], question, *section.questions[at:]]
    return swapped(form, section, section.model_copy(update={"questions": tuple(questions)}))


def swapped(form: Form, old: Section, new: Section) -> Form:
    """Return the form with one section for another."""
    return rebuilt(form, (new if one is old else one for one in form.sections))


def replaced(form: Form, code: str, question: Question) -> Form:
    """Return the form with a question changed; where its code changed, all that names it follows.

    Raises:
        QuestionGone: there is no such question.
        CodeTaken: the new code is somebody else's.
    """
    home = home_of(form, code)
    if question.code != code and question.code in codes_of(form):
        raise CodeTaken(code=question.code)
    questions = tuple(question if one.code == code else one for one in home.questions)
    changed = swapped(form, home, home.model_copy(update={"questions": questions}))
    return changed if question.code == code else renamed(changed, code, question.code)


def removed(form: Form, code: str) -> Form:
    """Return the form without a question.

    Raises:
        QuestionGone: there is no such question.
    """
    home = home_of(form, code)
    left = tuple(one for one in home.questions if one.code != code)
    return swapped(form, home, home.model_copy(update={"questions": left}))


def copied(form: Form, code: str, taken: Collection[str] = ()) -> tuple[Form, str]:
    """Return the form with a copy right behind a question, and the copy's code; ``taken`` as above.

    Raises:
        QuestionGone: there is no such question.
        TooManyQuestions: the form is full.
    """
    home_of(form, code)
    fresh = free_code(form, "q", taken)
    copy = form.by_code[code].model_copy(update={"code": fresh})
    # What a copy says about its own answer is about the copy.
    alone = renamed(rebuilt(form, (Section(code="only", questions=(copy,)),)), code, fresh)
    return added(form, alone.sections[0].questions[0], after=code), fresh


def moved(form: Form, code: str, *, before: str = "", section: str = "") -> Form:
    """Return the form with a question before another one, or at the end of a section.

    Raises:
        QuestionGone: one of the questions is not there.
        SectionGone: the section is not there.
    """
    question = form.by_code.get(code)
    if question is None:
        raise QuestionGone(question=code)
    if before == code:
        return form
    without = removed(form, code)
    if not before:
        home = section_of(without, section)
        return _put(without, home, question, len(home.questions))
    home = home_of(without, before)
    return _put(without, home, question, [one.code for one in home.questions].index(before))


def shifted(form: Form, code: str, by: int) -> Form:
    """Return the form with a question one place up (-1) or down (1), into the next section at an edge.

    Raises:
        QuestionGone: there is no such question.
    """
    home = home_of(form, code)
    codes = [one.code for one in home.questions]
    at, sections = codes.index(code), list(form.sections)
    here = sections.index(home)
    if 0 <= at + by < len(codes):
        codes.insert(at + by, codes.pop(at))
        order = tuple(form.by_code[one] for one in codes)
        return swapped(form, home, home.model_copy(update={"questions": order}))
    if not 0 <= here + by < len(sections):
        return form
    question, target = form.by_code[code], sections[here + by]
    without = removed(form, code)
    landing = section_of(without, target.code)
    return _put(without, landing, question, 0 if by > 0 else len(landing.questions))
