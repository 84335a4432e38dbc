"""A fresh question of each kind, and a question made into one of another kind."""

from collections.abc import Mapping
from typing import Any, get_args

from campaigns.forms.question_parts import Asking
from campaigns.forms.questions import (
    Calculated,
    Matrix,
    Money,
    Multiple,
    Question,
    Ranking,
    Single,
)

#: Each kind by the word for it in files.
KINDS: Mapping[str, type[Question]] = {
    kind.model_fields["type"].default: kind for kind in get_args(Question)
}
#: A question with options begins with two: one alone is no choice.
_FIRST_CODES = ("1", "2")
#: What a kind does not take over from another, though it has a field of that name.
_OWN = frozenset({"type", "least", "most", "places"})


def fresh(kind: str, code: str, *, currency: str = "EUR") -> Question:
    """Return an empty question; ``currency`` (ISO 4217) is that of money.

    Raises:
        KeyError: there is no such kind.
    """
    return _made(kind, {"code": code}, currency)


def as_kind(question: Question, kind: str, *, currency: str = "EUR") -> Question:
    """Return the question as one of another kind, with all that both kinds have.

    Raises:
        KeyError: there is no such kind.
    """
    if question.type == kind:
        return question
    return _made(kind, _taken_over(question, kind), currency)


def _taken_over(question: Question, kind: str) -> dict[str, Any]:
    model = KINDS[kind]
    kept = {
        name: getattr(question, name)
        for name in model.model_fields
        if name in type(question).model_fields and name not in _OWN
    }
    if issubclass(model, Asking) and "options" in kept:
        plain = {} if model is Multiple else {"exclusive": False}
        plain |= {} if model in (Single, Multiple) else {"other": False}
        kept["options"] = tuple(one.model_copy(update=plain) for one in kept["options"])
    return kept


def _made(kind: str, said: dict[str, Any], currency: str) -> Question:
    model = KINDS[kind]
    empty = tuple({"code": code, "text": ""} for code in _FIRST_CODES)
    if model in (Single, Multiple, Ranking, Matrix):
        said.setdefault("options", empty)
    if model is Matrix:
        said.setdefault("rows", empty)
    if model is Money:
        said.setdefault("currency", currency)
    if model is Calculated:
        said.setdefault("expression", "")
    made: Question = model.model_validate(said)
    return made
