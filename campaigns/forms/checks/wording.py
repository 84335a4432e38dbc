"""Languages and slots: every text in every language, and nothing put in that nobody knows."""

from collections.abc import Iterator

from campaigns.forms.checks.findings import Finding
from campaigns.forms.form import Form
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import (
    Address,
    Calculated,
    Matrix,
    Multiple,
    NumberQuestion,
    Prompt,
    Question,
    Ranking,
    Scale,
    Single,
)
from campaigns.forms.texts import ANY, BadTemplate, Slot, Text, slots
from campaigns.forms.words import FindingCode


def texts_of(question: Question) -> Iterator[tuple[str, Text]]:
    """Yield every text of a question with its place below the question."""
    yield "text", question.text
    yield "hint", question.hint
    if isinstance(question, Asking):
        yield "valid_message", question.valid_message
    match question:
        case Scale():
            yield "first_text", question.first_text
            yield "last_text", question.last_text
        case NumberQuestion():
            yield "unit", question.unit
        case _:
            pass
    if isinstance(question, Single | Multiple | Ranking | Matrix):
        for option in question.options:
            yield f"options.{option.code}", option.text
    if isinstance(question, Matrix):
        for row in question.rows:
            yield f"rows.{row.code}", row.text
    if isinstance(question, Address):
        for part in question.parts:
            yield f"parts.{part.code}", part.text


def check_wording(form: Form) -> Iterator[Finding]:
    """Yield missing translations and slots that stay empty for everybody."""
    yield from _translated(form, "form.title", form.title, wanted=False)
    for section in form.sections:
        yield from _translated(form, f"section {section.code}.title", section.title, wanted=False)
        yield from _slots(form, f"section {section.code}.title", section.title, None)
    for question in form.questions():
        for name, text in texts_of(question):
            must = name == "text" and not isinstance(question, Calculated | Prompt)
            wanted = must or name.startswith(("options.", "rows."))
            place = f"{question.code}.{name}"
            yield from _translated(form, place, text, wanted=wanted)
            yield from _slots(form, place, text, question)
        if isinstance(question, Asking) and question.default:
            yield from _default(form, question)
        if isinstance(question, Single) and question.refreshes:
            yield from _field(form, f"{question.code}.refreshes", question.refreshes)


def _translated(form: Form, place: str, text: Text, *, wanted: bool) -> Iterator[Finding]:
    said = text.languages()
    if ANY in said or not (said or wanted):
        return
    missing = [language for language in form.languages if language not in said]
    if missing:
        yield Finding(
            FindingCode.MISSING_TRANSLATION,
            place,
            f"The text is missing in: {', '.join(missing)}.",
            "Write it in each language of the form, or take the language out of `languages`.",
        )
    strange = sorted(said - set(form.languages))
    if strange:
        yield Finding(
            FindingCode.MISSING_TRANSLATION,
            place,
            f"The form does not speak: {', '.join(strange)}.",
            "Add the language to `languages`, or take the text out.",
        )


def _read(place: str, template: str) -> list[Slot] | Finding:
    try:
        return slots(template)
    except BadTemplate as error:
        return Finding(
            FindingCode.BAD_TEMPLATE,
            place,
            f"{error}.",
            'Write {{ contact.field }}, {{ answers.code }} or {{ contact.field or "words" }}.',
        )


def _slots(form: Form, place: str, text: Text, question: Question | None) -> Iterator[Finding]:
    for _, template in text.by_language:
        found = _read(place, template)
        if isinstance(found, Finding):
            yield found
            continue
        for slot in found:
            if slot.source == "contact":
                yield from _field(form, place, slot.name)
            elif question is not None:
                yield from _earlier(form, place, slot, question)
            else:
                yield from _known(form, place, slot)


def _field(form: Form, place: str, name: str) -> Iterator[Finding]:
    if name not in form.contact_fields:
        yield Finding(
            FindingCode.UNKNOWN_FIELD,
            place,
            f"The form does not know the contact's field {name}.",
            "Add it to `contact_fields`, or mend the name.",
        )


def _known(form: Form, place: str, slot: Slot) -> Iterator[Finding]:
    target = form.by_code.get(slot.name)
    if target is None or not isinstance(target, Asking | Calculated):
        yield Finding(
            FindingCode.UNKNOWN_REFERENCE,
            place,
            f"There is no answer {slot.name} to put in.",
            "Name the code of an earlier question.",
        )


def _earlier(form: Form, place: str, slot: Slot, question: Question) -> Iterator[Finding]:
    yield from _known(form, place, slot)
    codes = list(form.by_code)
    if slot.name in codes and codes.index(slot.name) >= codes.index(question.code):
        yield Finding(
            FindingCode.FORWARD_REFERENCE,
            place,
            f"{slot.name} is not answered yet when this is said.",
            "Put the question later, or take the slot out.",
        )


def _default(form: Form, question: Asking) -> Iterator[Finding]:
    place = f"{question.code}.default"
    found = _read(place, question.default)
    if isinstance(found, Finding):
        yield found
        return
    for slot in found:
        if slot.source == "contact":
            yield from _field(form, place, slot.name)
        else:
            yield Finding(
                FindingCode.BAD_TEMPLATE,
                place,
                "A default comes from the contact's fields alone.",
                "Write {{ contact.field }}.",
            )
