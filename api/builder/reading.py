"""The fields of a page's form -> a question, a section, a form's settings; or what is wrong, by field."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from api.builder.conditions import condition_in
from api.builder.fields import CONDITIONS, FLAGS, LISTS, PLAIN, TEXTS, text_fields
from api.builder.listed import Fields, items_of
from campaigns.forms.editing.conditions import BadValue
from campaigns.forms.editing.kinds import KINDS, as_kind
from campaigns.forms.form import Form, Section
from campaigns.forms.questions import Question
from campaigns.forms.texts import Text

_M = TypeVar("_M", bound=BaseModel)
#: Numbers with a decimal comma are read too.
_NUMBERS = frozenset({"least", "most"})
#: The longest field; texts and expressions have limits of their own.
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field: pydantic's name for it, or ``bad_value``, and its limits."""

    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read(Generic[_M]):
    """What fields say: a model, or the problems by field."""

    value: _M | None
    problems: Mapping[str, Problem] = field(default_factory=dict)


def cleaned_fields(sent: Iterable[tuple[str, object]], longest: int = LONGEST) -> dict[str, str]:
    """Return what a browser sent as texts that can be stored; lines end as they do everywhere else."""
    fields: dict[str, str] = {}
    for name, value in sent:
        if isinstance(value, str):
            plain = value[:longest].replace("\0", "").replace("\r\n", "\n")
            fields[name] = plain.encode("utf-8", "ignore").decode("utf-8")
    return fields


def question_in(fields: Fields, old: Question, form: Form, *, currency: str = "EUR") -> Read[Any]:
    """Return the question that fields say; what they do not name stays as it was."""
    kind = fields.get("kind", old.type)
    base = as_kind(old, kind if kind in KINDS else old.type, currency=currency)
    # Fields that only the new kind has were not in the page yet.
    names = type(base).model_fields.keys() & type(old).model_fields.keys()
    raw: dict[str, Any] = base.model_dump() | {"type": base.type}
    problems: dict[str, Problem] = {}
    raw["code"] = fields.get("code", "").strip() or old.code
    for name in names & set(TEXTS):
        raw[name] = _text(fields, name, getattr(base, name), form)
    for name in names & set(FLAGS):
        raw[name] = name in fields
    for name in names & set(PLAIN) & fields.keys():
        _take(raw, name, fields[name])
    for name in names & set(LISTS):
        raw[name] = _listed(fields, name, base, form) or raw[name]
    for name in names & set(CONDITIONS):
        raw[name] = _condition(fields, name, form, base, getattr(base, name), problems)
    if "skips" in names:
        raw["skips"] = _skips(fields, form, base, problems)
    return _validated(type(base), raw, form, problems)


def _take(raw: dict[str, Any], name: str, value: str) -> None:
    text = value.strip()
    if name == "expression" or text:
        raw[name] = text.replace(",", ".").replace(" ", "") if name in _NUMBERS else text
        if name in ("currency", "region"):
            raw[name] = text.upper()
    else:
        raw.pop(name, None)


def _text(fields: Fields, name: str, old: Text, form: Form) -> Any:
    shown = text_fields(name, old, form.languages)
    given = {key: fields[key] for key in shown if key in fields}
    if not given or {**shown, **given} == shown:
        return old
    others = {lang: said for lang, said in old.by_language if lang and lang not in form.languages}
    said = {key.rpartition(".")[2]: text for key, text in {**shown, **given}.items()}
    return others | {lang: text for lang, text in said.items() if text.strip()}


def _listed(fields: Fields, name: str, base: Question, form: Form) -> list[dict[str, Any]]:
    old = {item.code: item.text for item in getattr(base, name)}
    return [
        {
            "code": (code := item.get("code", "").strip()),
            "text": _text(item, "text", old.get(code, Text()), form),
            **{flag: flag in item for flag in LISTS[name]},
        }
        for item in items_of(fields, name)
    ]


def _condition(
    fields: Fields,
    name: str,
    form: Form,
    own: Question | None,
    old: str,
    problems: dict[str, Problem],
) -> str:
    try:
        return condition_in(fields, name, form, own, old)
    except BadValue as error:
        problems[name] = Problem("bad_value", {"value": str(error)})
        return old


def _skips(
    fields: Fields, form: Form, base: Question, problems: dict[str, Problem]
) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    old = getattr(base, "skips", ())
    for number, item in enumerate(items_of(fields, "skips")):
        name = f"skips.{number}.when"
        before = old[number].when if number < len(old) else ""
        when = _condition(fields, name, form, base, before, problems)
        if when:  # one without a condition is unfinished
            found.append({"when": when, "to": item.get("to", "end")})
    return found


def _validated(
    model: type[_M], raw: dict[str, Any], form: Form, problems: dict[str, Problem]
) -> Read[_M]:
    made: _M | None = None
    try:
        made = model.model_validate(raw)
    except ValidationError as error:
        for one in error.errors():
            problems.setdefault(_place(one, form), _problem(one))
    return Read(None if problems else made, problems)


def _place(error: ErrorDetails, form: Form) -> str:
    place = ".".join(str(part) for part in error["loc"])
    is_text = re.search(r"(^|\.)(text|hint|title|unit|\w+_(text|message))$", place)
    return f"{place}.{form.languages[0]}" if is_text else place


def _problem(error: ErrorDetails) -> Problem:
    facts = {name: str(value) for name, value in error.get("ctx", {}).items() if name != "error"}
    return Problem(error["type"], facts)


def section_in(fields: Fields, old: Section, form: Form) -> Read[Section]:
    """Return the section that fields say, with its questions."""
    problems: dict[str, Problem] = {}
    raw: dict[str, Any] = {
        "code": fields.get("code", "").strip() or old.code,
        "title": _text(fields, "title", old.title, form),
        "show_if": _condition(fields, "show_if", form, None, old.show_if, problems),
        "rotate": "rotate" in fields,
        "block": fields.get("block", old.block).strip(),
        "questions": old.questions,
    }
    return _validated(Section, raw, form, problems)


def settings_in(fields: Fields, old: Form) -> Read[Form]:
    """Return the form with other settings; its sections stay as they are."""
    added = fields.get("add_language", "").strip()
    said = [*fields.get("languages", "").split(), *([added] if added else [])]
    gone = {name.partition(".")[2] for name in fields if name.startswith("without.")}
    languages = list(dict.fromkeys(one for one in said if one not in gone))
    headings = re.split(r"[\n,;]+", fields.get("contact_fields", ""))
    named = (re.sub(r"\W+", "_", one.strip().lower()).strip("_") for one in headings)
    raw: dict[str, Any] = {
        "code": old.code,
        "title": _text(fields, "title", old.title, old),
        "languages": languages or list(old.languages),
        "region": fields.get("region", old.region),
        "contact_fields": list(dict.fromkeys(one for one in named if one)),
        "sections": old.sections,
    }
    return _validated(Form, raw, old, {})
