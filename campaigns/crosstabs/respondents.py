"""Respondents as tables count them: alike ones together, each with what was said of each variable. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Missing(StrEnum):
    """Why there is no value."""

    DONT_KNOW = "dont_know"
    REFUSED = "refused"
    BLANK = "blank"  #: passed over
    NOT_ASKED = "not_asked"  #: their path, or their version of the form, did not lead there


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one variable: one value, several of a multiple one, or why there is none."""

    values: tuple[str, ...] = ()
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """Respondents who said the same of all variables of a table."""

    said: tuple[Said, ...]  #: in the order of the table's variables
    count: int
    weight: float = 1.0  #: of each of them


@dataclass(frozen=True, slots=True)
class Category:
    """A value of a variable."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A question or a column of contacts, over all versions of a form."""

    key: str
    label: str
    categories: Sequence[Category]
    is_multiple: bool = False
