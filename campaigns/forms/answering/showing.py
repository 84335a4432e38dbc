"""A question as one person sees it: in a language, with texts filled in and options in order. JSON."""

from typing import Any

from campaigns.forms.answering.answers import Person
from campaigns.forms.answering.engine import Walk
from campaigns.forms.answering.piping import as_plain, default_for
from campaigns.forms.answering.rotation import options_for, rows_for
from campaigns.forms.checks.wording import texts_of
from campaigns.forms.form import Form
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Address, Matrix, Question

#: What the asking side needs not know, or gets in another shape.
_HIDDEN = frozenset(
    {"show_if", "screen_out_if", "skips", "valid_if", "rotate", "options", "rows", "default"}
)


def shown(
    form: Form, question: Question, walk: Walk, person: Person, language: str
) -> dict[str, Any]:
    """Return a question as JSON. Texts are plain: whoever puts them into HTML escapes them."""
    texts = {name: as_plain(text, language, form, walk) for name, text in texts_of(question)}
    said = question.model_dump(mode="json", exclude=set(_HIDDEN))
    said |= {name: text for name, text in texts.items() if "." not in name}
    options = options_for(question, person.seed)
    if options:
        said["options"] = [
            {
                "code": option.code,
                "text": texts[f"options.{option.code}"],
                "other": option.other,
                "exclusive": option.exclusive,
            }
            for option in options
        ]
    if isinstance(question, Matrix):
        rows = rows_for(question, person.seed)
        said["rows"] = [{"code": row.code, "text": texts[f"rows.{row.code}"]} for row in rows]
    if isinstance(question, Address):
        said["parts"] = [
            {"code": part.code, "text": texts[f"parts.{part.code}"], "required": part.required}
            for part in question.parts
        ]
    if isinstance(question, Asking):
        said["default"] = default_for(question.default, walk)
    return said
