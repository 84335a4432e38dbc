"""A form that refreshes a client's records: a question for each field, ready to be published or changed."""

import re
from typing import Annotated, Any

from pydantic import Field

from campaigns.forms.expressions.parsing import RESERVED
from campaigns.forms.form import Form, Language
from campaigns.forms.question_parts import Region, Strict
from campaigns.forms.questions import Correction

#: What is said, in the languages of the interface; a form in another one starts in English words.
_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "ask": "We have noted as {label}: {slot}. Is that right?",
        "confirmed": "Right as it stands",
        "corrected": "Another value",
    },
    "ru": {
        "ask": "У нас записано, {label}: {slot}. Всё верно?",
        "confirmed": "Верно",
        "corrected": "Другое значение",
    },
    "uk": {
        "ask": "У нас записано, {label}: {slot}. Усе правильно?",
        "confirmed": "Правильно",
        "corrected": "Інше значення",
    },
}
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


class RefreshField(Strict):
    """A field of the client's record."""

    heading: Annotated[str, Field(min_length=1, max_length=100)]  #: of the client's column
    label: Annotated[str, Field(max_length=200)] = ""  #: as it is said; empty: the heading
    correction: Correction = Correction.TEXT  #: what a new value must be
    locked: bool = False  #: it is read out and never changed


class RefreshPlan(Strict):
    """What is to be refreshed."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
    title: Annotated[str, Field(max_length=200)] = ""
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=20)] = ("en",)
    region: Region = ""  #: ISO 3166-1, for telephone numbers without a country code
    fields: Annotated[tuple[RefreshField, ...], Field(min_length=1, max_length=200)]


def field_name(heading: str) -> str:
    """Return the name by which forms know a client's column."""
    return re.sub(r"\W+", "_", heading.lower()).strip("_")


def refresh_form(plan: RefreshPlan) -> Form:
    """Return the form: each field is confirmed, corrected unless it is locked, refused or passed over."""
    questions = [_question(plan, at, field) for at, field in enumerate(plan.fields, start=1)]
    names = list(dict.fromkeys(field_name(field.heading) for field in plan.fields))
    return Form.model_validate(
        {
            "code": plan.code,
            "title": plan.title,
            "languages": plan.languages,
            "region": plan.region,
            "contact_fields": names,
            "sections": [{"code": "record", "questions": questions}],
        }
    )


def _question(plan: RefreshPlan, at: int, field: RefreshField) -> dict[str, Any]:
    name = field_name(field.heading)
    # A heading in another alphabet is no code of a question.
    is_code = _CODE.fullmatch(name) and name not in RESERVED and name not in ("end", "record")
    options: list[dict[str, Any]] = [{"code": "confirmed", "text": _said(plan, "confirmed")}]
    if not field.locked:
        options.append({"code": "corrected", "text": _said(plan, "corrected"), "other": True})
    slot = f'{{{{ contact.{name} or "–" }}}}'
    return {
        "code": name if is_code else f"field_{at}",
        "type": "single",
        "text": _said(plan, "ask", label=field.label or field.heading, slot=slot),
        "refreshes": name,
        "correction": field.correction,
        "required": False,
        "refused": True,
        "options": options,
    }


def _said(plan: RefreshPlan, what: str, **values: str) -> dict[str, str]:
    said = {}
    for language in plan.languages:
        words = _WORDS.get(language.partition("-")[0], _WORDS["en"])[what]
        for name, value in values.items():
            words = words.replace(f"{{{name}}}", value)
        said[language] = words
    return said
