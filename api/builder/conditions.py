"""A condition in the page: rows of question, sign and value, or an expression as text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.builder.listed import Fields, items_of
from campaigns.forms.checks.kinds import Kind, Sort
from campaigns.forms.editing.conditions import (
    ALONE,
    Row,
    Rows,
    Sign,
    expression_of,
    kind_at,
    rows_of,
    signs_for,
)
from campaigns.forms.form import Form
from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import Calculated, Matrix, Multiple, Question, Ranking, Single

#: Characters of a question's words in a list of questions.
_SHORT = 60
_SIGNS = frozenset(sign.value for sign in Sign)


@dataclass(frozen=True, slots=True)
class Left:
    """What a row may look at."""

    written: str
    code: str  #: shown before the words
    words: str


@dataclass(frozen=True, slots=True)
class RowView:
    """One row as the page shows it."""

    left: str
    sign: str
    value: str
    signs: tuple[Sign, ...] = ()
    values: Sequence[tuple[str, str]] | None = None  #: options by code, where there are some
    input_type: str = "text"
    wants_value: bool = True


@dataclass(frozen=True, slots=True)
class ConditionView:
    """A condition as the page shows it."""

    name: str
    lefts: Sequence[Left]
    rows: Sequence[RowView] = ()
    any_of: bool = False
    as_text: bool = False
    text: str = ""
    can_be_rows: bool = True


def condition_fields(name: str, expression: str) -> dict[str, str]:
    """Return the fields of a condition; what rows cannot say stays text."""
    rows = rows_of(expression)
    if rows is None:
        return {f"{name}.as": "text", f"{name}.text": expression}
    fields = {f"{name}.as": "rows", f"{name}.text": expression}
    fields[f"{name}.join"] = "any" if rows.any_of else "all"
    for number, row in enumerate(rows.rows):
        fields |= {
            f"{name}.{number}.left": row.left,
            f"{name}.{number}.sign": row.sign.value,
            f"{name}.{number}.value": row.value,
        }
    return fields


def condition_in(fields: Fields, name: str, form: Form, own: Question | None, old: str) -> str:
    """Return the condition that fields say; while a row is unfinished, the old one stands.

    Raises:
        BadValue: a value that its question can never have.
    """
    if f"{name}.as" not in fields:
        return old
    if fields[f"{name}.as"] == "text":
        return fields.get(f"{name}.text", "").strip()
    items = items_of(fields, name)
    any_of = fields.get(f"{name}.join") == "any"
    before = rows_of(old)
    if before is not None and before == Rows(tuple(_as_it_stands(items)), any_of):
        return old  # even one that compares what cannot be compared: the checks tell so
    rows: list[Row] = []
    for item in items:
        if not item.get("left"):
            continue
        kind = kind_at(form, item["left"], own)
        sign = _sign(item.get("sign", ""), kind)
        value = item.get("value", "").strip()
        if sign not in ALONE and not value:
            return old
        rows.append(Row(item["left"], sign, value))
    return expression_of(Rows(tuple(rows), any_of), form, own)


def _as_it_stands(items: list[dict[str, str]]) -> Iterator[Row]:
    """Yield the rows as they were sent, unfinished ones left out."""
    for item in items:
        if item.get("left") and item.get("sign") in _SIGNS:
            yield Row(item["left"], Sign(item["sign"]), item.get("value", ""))


def _sign(wanted: str, kind: Kind) -> Sign:
    known = signs_for(kind)
    return next((sign for sign in known if sign.value == wanted), known[0])


def condition_view(
    fields: Fields,
    name: str,
    form: Form,
    own: Question | None,
    lefts: Sequence[Left],
    language: str,
) -> ConditionView:
    """Return what the page shows of a condition."""
    text = fields.get(f"{name}.text", "")
    if fields.get(f"{name}.as") == "text":
        can = rows_of(text) is not None
        return ConditionView(name, lefts, as_text=True, text=text, can_be_rows=can)
    saved = rows_of(text) or Rows()
    rows = [_row_view(item, form, own, language, saved) for item in items_of(fields, name)]
    return ConditionView(name, lefts, rows, any_of=fields.get(f"{name}.join") == "any", text=text)


def _row_view(
    item: dict[str, str], form: Form, own: Question | None, language: str, saved: Rows
) -> RowView:
    left = item.get("left", "")
    if not left:
        return RowView("", "", "")
    kind = kind_at(form, left, own)
    signs = signs_for(kind)
    sign = _sign(item.get("sign", ""), kind)
    odd = next((row.sign for row in _as_it_stands([item]) if row in saved.rows), sign)
    if odd not in signs:  # from a file: shown as it is, until somebody mends it
        signs, sign = (*signs, odd), odd
    types = {Sort.DATE: "date", Sort.NUMBER: "number"}
    return RowView(
        left,
        sign.value,
        item.get("value", ""),
        signs,
        options_at(form, left, own, language) if kind.options is not None else None,
        types.get(kind.sort, "text"),
        sign not in ALONE,
    )


def options_at(
    form: Form, written: str, own: Question | None, language: str
) -> list[tuple[str, str]]:
    """Return the options of what a reference names, by code, in words."""
    code = written.partition(".")[0]
    question = own if code == "value" else form.by_code.get(code)
    if not isinstance(question, Single | Multiple | Ranking | Matrix):
        return []
    return [(one.code, one.text.within(language) or one.code) for one in question.options]


def lefts_of(
    form: Form, language: str, *, before: str = "", upto: str = "", rule: str = ""
) -> list[Left]:
    """Return what a condition may look at: answers in order, then the contact's fields.

    Args:
        form: The form.
        language: In which questions are named.
        before: The code of the question whose earlier ones are meant; empty: all.
        upto: The same, with the question itself.
        rule: The words for the question's own answer, where a rule may look at it.
    """
    found = [Left("value", "", rule)] if rule else []
    for question in form.questions():
        if question.code == before:
            break
        found += _lefts(question, language)
        if question.code == upto:
            break
    return found + [Left(f"contact.{one}", "", one) for one in form.contact_fields]


def _lefts(question: Question, language: str) -> Iterator[Left]:
    if not isinstance(question, Asking | Calculated):
        return
    words = shortened(question.text.within(language))
    yield Left(question.code, question.code, words)
    if isinstance(question, Matrix):
        for row in question.rows:
            said = shortened(row.text.within(language))
            yield Left(f"{question.code}.{row.code}", question.code, f"{words} {said}")


def shortened(text: str, most: int = _SHORT) -> str:
    """Return the beginning of a text in one line, with … for what is put into it."""
    line = re.sub(r"\{\{[^{}]*\}\}", "…", " ".join(text.split()))
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
