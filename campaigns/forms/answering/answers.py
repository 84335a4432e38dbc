"""An answer, the answers of an interview, and the person who gives them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from campaigns.forms.expressions.nodes import Parts, Value
from campaigns.forms.words import AnswerRefusal, NoAnswer


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody entered, before anybody looked at it; ``value`` is JSON or a Python value."""

    value: Any = None
    no_answer: NoAnswer | None = None
    other: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that fits its question: a value, or why there is none."""

    value: Value = None
    no_answer: NoAnswer | None = None
    other: str = ""  #: the words of the option that asks for some

    def as_json(self) -> dict[str, Any]:
        """Return the answer as it is stored; ``given_from`` reads it again."""
        if self.no_answer is not None:
            return {"no_answer": self.no_answer.value}
        stored: dict[str, Any] = {"value": json_of(self.value)}
        return stored | ({"other": self.other} if self.other else {})


def json_of(value: Value) -> Any:
    """Return a value as JSON says it; numbers are texts, so that they stay exact."""
    match value:
        case bool() | None:
            return value
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case Parts(items=items):
            return dict(items)
        case _:
            return value


def given_from(stored: Mapping[str, Any]) -> Given:
    """Return what a stored answer, or the JSON of a request, says.

    Raises:
        ValueError: ``no_answer`` is not one of the words.
    """
    if stored.get("no_answer") is not None:
        return Given(no_answer=NoAnswer(stored["no_answer"]))
    return Given(stored.get("value"), other=str(stored.get("other") or ""))


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers by question code. Adding one makes new answers; the old ones stay as they were."""

    by_code: Mapping[str, Answer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Guard the mapping against changes."""
        object.__setattr__(self, "by_code", MappingProxyType(dict(self.by_code)))

    def __iter__(self) -> Iterator[str]:
        """Iterate over the codes."""
        return iter(self.by_code)

    def get(self, code: str) -> Answer | None:
        """Return the answer to a question, None when there is none."""
        return self.by_code.get(code)

    def having(self, code: str, answer: Answer) -> "Answers":
        """Return these answers and one more; it takes the place of an earlier one."""
        return Answers({**self.by_code, code: answer})


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asked; the same for the whole interview, so that it can be resumed."""

    contact: Mapping[str, str] = field(default_factory=dict)  #: fields by name
    seed: str = ""  #: the order of what rotates hangs on it
    today: date | None = None  #: the day the interview began


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that is not taken."""

    reason: AnswerRefusal
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)
