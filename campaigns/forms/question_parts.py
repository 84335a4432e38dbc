"""What questions are made of: codes, texts, options, and what every kind of them has."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from campaigns.forms.texts import Text

#: Points of a Net Promoter Score. Source: F. Reichheld, "The One Number You Need to Grow" (2003).
NPS_POINTS = 11
MOST_OPTIONS = 500
MOST_POINTS = 101


def _code(raw: object) -> object:
    """Files may write the code 1 without quotes."""
    return str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw


def _within_reason(number: Decimal) -> Decimal:
    if not number.is_finite() or abs(number) > Decimal("1e15"):
        raise ValueError("a number between -1e15 and 1e15 is wanted")
    return number


#: The name of a question or section, in files, expressions and results.
Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
#: The name of an option, a row or a part.
OptionCode = Annotated[
    str, BeforeValidator(_code), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
]
Expression = Annotated[str, Field(max_length=2_000)]
Number = Annotated[Decimal, AfterValidator(_within_reason)]


class Strict(BaseModel):
    """What is read from files: nothing unknown, nothing that changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Option(Strict):
    """One thing that can be chosen."""

    code: OptionCode
    text: Text
    other: bool = False  #: choosing it asks for words
    exclusive: bool = False  #: choosing it leaves no other choice
    pinned: bool = False  #: keeps its place when the options are rotated


class Row(Strict):
    """One line of a matrix, or one part of an address."""

    code: OptionCode
    text: Text


class Skip(Strict):
    """Where to go on after an answer."""

    when: Expression
    to: str  #: a later question or section, or ``end``


class Base(Strict):
    """What every question has."""

    code: Code
    text: Text = Text()
    hint: Text = Text()  #: for the operator, not to be read aloud
    show_if: Expression = ""
    #: Kinds that ask nothing have no answer.
    asks: ClassVar[bool] = True


class Asking(Base):
    """What every question has that wants an answer."""

    required: bool = True
    dont_know: bool = False  #: "don't know" is an answer
    refused: bool = False  #: "no answer" is an answer
    default: str = ""  #: a template of the contact's fields
    valid_if: Expression = ""  #: ``value`` is what was answered
    valid_message: Text = Text()
    screen_out_if: Expression = ""
    skips: tuple[Skip, ...] = ()


Options = Annotated[tuple[Option, ...], Field(min_length=1, max_length=MOST_OPTIONS)]
Rows = Annotated[tuple[Row, ...], Field(min_length=1, max_length=100)]
Region = Annotated[str, Field(pattern=r"^([A-Z]{2})?$")]
