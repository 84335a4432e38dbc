"""A scorecard's sheet: weighted questions, some of them critical, and the score of a call by them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dialer.errors import Invalid

MOST_ITEMS = 60
MOST_TEXT = 300
MOST_WORDS = 2_000
#: Points of the finest scale.
MOST_POINTS = 10
_TENTH = Decimal("0.1")


class SheetWrong(Invalid):
    """The scorecard cannot be used as it is."""

    code = "sheet_wrong"
    message = "The scorecard cannot be used as it is."


class AnswersWrong(Invalid):
    """The answers do not fit the scorecard."""

    code = "answers_wrong"
    message = "Answer every question of the scorecard."


class Item(BaseModel):
    """One question about a call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[a-z0-9_]{1,20}$")
    text: str = Field(min_length=1, max_length=MOST_TEXT)
    weight: int = Field(default=1, ge=0, le=100)
    points: int = Field(default=1, ge=1, le=MOST_POINTS)  #: 1: yes or no
    critical: bool = False  #: a no fails the whole call
    may_not_apply: bool = False


class Sheet(BaseModel):
    """The questions, and how many per cent a call needs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: tuple[Item, ...] = Field(max_length=MOST_ITEMS)
    pass_percent: int = Field(default=80, ge=0, le=100)

    @model_validator(mode="after")
    def _codes_differ(self) -> Self:
        if len({item.code for item in self.items}) < len(self.items):
            raise ValueError("two questions have one code")
        if any(item.critical and item.points != 1 for item in self.items):
            raise ValueError("a critical question is answered by yes or no")
        return self

    def require_usable(self) -> None:
        """Refuse a sheet by which nothing can be scored.

        Raises:
            SheetWrong: there is no question that counts.
        """
        if not any(item.weight for item in self.items):
            raise SheetWrong("At least one question must have a weight.")


def sheet_of(content: Mapping[str, Any]) -> Sheet:
    """Return a stored or sent sheet.

    Raises:
        SheetWrong: it breaks a rule of sheets.
    """
    try:
        return Sheet.model_validate(content)
    except ValidationError as error:
        places = [".".join(str(part) for part in one["loc"]) for one in error.errors()]
        raise SheetWrong(places=places) from error


#: Points by the item's code; None: the question does not apply to this call.
Answers = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Score:
    """What a call reached."""

    percent: Decimal  #: 0 to 100, one decimal; 0 when a critical question failed
    failed: tuple[str, ...]  #: codes of critical questions that were answered by no
    passed: bool


def score(sheet: Sheet, answers: Answers) -> Score:
    """Return a call's score: earned weight / weight of the questions that apply.

    Raises:
        AnswersWrong: an answer is missing, unknown or out of its scale, or nothing that counts applies.
    """
    _require_fit(sheet, answers)
    earned = whole = Fraction(0)
    for item in sheet.items:
        points = answers[item.code]
        if points is not None:
            earned += Fraction(item.weight * points, item.points)
            whole += item.weight
    if not whole:
        raise AnswersWrong("At least one question with a weight must apply.")
    failed = tuple(item.code for item in sheet.items if item.critical and answers[item.code] == 0)
    share = Fraction(0) if failed else 100 * earned / whole
    # A call that does not reach the limit exactly has not passed, whatever the rounded figure says.
    return Score(_rounded(share), failed, not failed and share >= sheet.pass_percent)


def _rounded(share: Fraction) -> Decimal:
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return exact.quantize(_TENTH, ROUND_HALF_UP)


def _require_fit(sheet: Sheet, answers: Answers) -> None:
    wrong = [item.code for item in sheet.items if not _fits(item, answers)]
    if wrong or set(answers) - {item.code for item in sheet.items}:
        raise AnswersWrong(items=wrong)


def _fits(item: Item, answers: Answers) -> bool:
    if item.code not in answers:
        return False
    points = answers[item.code]
    return item.may_not_apply if points is None else 0 <= points <= item.points


def mean(scores: Sequence[Decimal]) -> Decimal | None:
    """Return the mean of scores, one decimal; None of none."""
    if not scores:
        return None
    return (sum(scores, Decimal(0)) / len(scores)).quantize(_TENTH, ROUND_HALF_UP)
