"""A question, a section, a form's settings -> the fields of their forms in the page."""

from collections.abc import Mapping, Sequence

from api.builder.conditions import condition_fields
from campaigns.forms.form import Form, Section
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Calculated, Question
from campaigns.forms.texts import ANY, Text

#: Texts of a question, each with a field for each language.
TEXTS = ("text", "hint", "valid_message", "first_text", "last_text", "unit")
FLAGS = ("required", "dont_know", "refused", "rotate")
#: What is written in one field, the same in every language.
PLAIN = (
    *("default", "least", "most", "places", "top", "first", "last", "currency", "earliest"),
    *("latest", "shortest", "longest", "lines", "mask", "region", "image", "audio", "expression"),
)
LISTS: Mapping[str, Sequence[str]] = {
    "options": ("other", "exclusive", "pinned"),
    "rows": (),
    "parts": ("required",),
}
CONDITIONS = ("show_if", "valid_if", "screen_out_if")
ON = "on"


def text_fields(name: str, text: Text, languages: Sequence[str]) -> dict[str, str]:
    """Return a text's fields; words without a language stand in the first one's."""
    said = dict(text.by_language)
    fields = {f"{name}.{language}": said.get(language, "") for language in languages}
    first = f"{name}.{languages[0]}"
    fields[first] = fields[first] or said.get(ANY, "")
    return fields


def fields_of(question: Question, form: Form) -> dict[str, str]:
    """Return the fields of a question's form."""
    fields = {"code": question.code, "kind": question.type}
    for name in TEXTS:
        if hasattr(question, name):
            fields |= text_fields(name, getattr(question, name), form.languages)
    fields |= {name: ON for name in FLAGS if getattr(question, name, False)}
    for name in PLAIN:
        value = getattr(question, name, None)
        if hasattr(question, name):
            fields[name] = "" if value is None else f"{value}"
    for name, flags in LISTS.items():
        for number, item in enumerate(getattr(question, name, ())):
            place = f"{name}.{number}"
            fields[f"{place}.code"] = item.code
            fields |= text_fields(f"{place}.text", item.text, form.languages)
            fields |= {f"{place}.{flag}": ON for flag in flags if getattr(item, flag)}
    return fields | _logic(question)


def _logic(question: Question) -> dict[str, str]:
    fields = condition_fields("show_if", question.show_if)
    if isinstance(question, Calculated) or not isinstance(question, Asking):
        return fields
    fields |= condition_fields("valid_if", question.valid_if)
    fields |= condition_fields("screen_out_if", question.screen_out_if)
    for number, skip in enumerate(question.skips):
        fields[f"skips.{number}.to"] = skip.to
        fields |= condition_fields(f"skips.{number}.when", skip.when)
    return fields


def fields_of_section(section: Section, form: Form) -> dict[str, str]:
    """Return the fields of a section's form."""
    fields = {"code": section.code, "block": section.block}
    fields |= text_fields("title", section.title, form.languages)
    fields |= {"rotate": ON} if section.rotate else {}
    return fields | condition_fields("show_if", section.show_if)


def fields_of_form(form: Form) -> dict[str, str]:
    """Return the fields of a form's settings."""
    fields = text_fields("title", form.title, form.languages)
    fields |= {"region": form.region, "contact_fields": "\n".join(form.contact_fields)}
    return fields | {"languages": " ".join(form.languages), "add_language": ""}
