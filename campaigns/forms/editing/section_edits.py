"""What a step does to a form's sections: added, replaced, moved, taken out."""

from campaigns.forms.editing.edits import (
    CodeTaken,
    codes_of,
    free_code,
    rebuilt,
    section_of,
    swapped,
)
from campaigns.forms.editing.renaming import renamed
from campaigns.forms.form import Form, Section
from dialer.errors import Conflict


class LastSection(Conflict):
    """A form keeps one section at least."""

    code = "last_section"
    message = "This is the only section: a form has one at least."


def section_added(form: Form) -> tuple[Form, str]:
    """Return the form with one more section at its end, and the section's code."""
    code = free_code(form, "s")
    return rebuilt(form, (*form.sections, Section(code=code))), code


def section_replaced(form: Form, code: str, section: Section) -> Form:
    """Return the form with a section changed; its questions stay as they are.

    Raises:
        SectionGone: there is no such section.
        CodeTaken: the new code is somebody else's.
    """
    old = section_of(form, code)
    if section.code != code and section.code in codes_of(form):
        raise CodeTaken(code=section.code)
    changed = swapped(form, old, section.model_copy(update={"questions": old.questions}))
    return changed if section.code == code else renamed(changed, code, section.code)


def section_shifted(form: Form, code: str, by: int) -> Form:
    """Return the form with a section one place up (-1) or down (1).

    Raises:
        SectionGone: there is no such section.
    """
    sections = list(form.sections)
    at = sections.index(section_of(form, code))
    if not 0 <= at + by < len(sections):
        return form
    sections.insert(at + by, sections.pop(at))
    return rebuilt(form, sections)


def section_removed(form: Form, code: str) -> Form:
    """Return the form without a section; its questions go to the one before, else to the one behind.

    Raises:
        SectionGone: there is no such section.
        LastSection: it is the only one.
    """
    sections = list(form.sections)
    gone = section_of(form, code)
    at = sections.index(gone)
    if len(sections) == 1:
        raise LastSection
    if at:
        heir = sections[at - 1]
        questions = heir.questions + gone.questions
    else:
        heir = sections[1]
        questions = gone.questions + heir.questions
    kept = heir.model_copy(update={"questions": questions})
    return rebuilt(form, (kept if one is heir else one for one in sections if one is not gone))
