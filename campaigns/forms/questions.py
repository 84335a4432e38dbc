"""The kinds of questions: one immutable class each, told apart by ``type`` in files."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

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


class Single(Asking):
    """One of several options."""

    type: Literal["single"] = "single"
    options: Options
    rotate: bool = False


class Multiple(Asking):
    """Some of several options."""

    type: Literal["multiple"] = "multiple"
    options: Options
    rotate: bool = False
    least: Annotated[int, Field(ge=0)] = 1
    most: Annotated[int, Field(ge=1)] | None = None


class Ranking(Asking):
    """Options put in order, the first the best."""

    type: Literal["ranking"] = "ranking"
    options: Options
    rotate: bool = False
    top: Annotated[int, Field(ge=1)] | None = None  #: how many are ranked; None: all


class Scale(Asking):
    """A whole number between two ends that have a name."""

    type: Literal["scale"] = "scale"
    first: int = 1
    last: int = 5
    first_text: Text = Text()
    last_text: Text = Text()


class Nps(Asking):
    """How likely somebody would recommend: 0 to 10."""

    type: Literal["nps"] = "nps"


class Matrix(Asking):
    """The same options for several rows; one option a row."""

    type: Literal["matrix"] = "matrix"
    rows: Rows
    options: Options
    rotate: bool = False  #: the rows


class NumberQuestion(Asking):
    """A number in a range."""

    type: Literal["number"] = "number"
    least: Number | None = None
    most: Number | None = None
    places: Annotated[int, Field(ge=0, le=6)] = 0  #: digits after the point
    unit: Text = Text()


class Money(Asking):
    """An amount in one currency, exact."""

    type: Literal["money"] = "money"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]  #: ISO 4217
    least: Number | None = None
    most: Number | None = None
    places: Annotated[int, Field(ge=0, le=4)] = 2


class DateQuestion(Asking):
    """A day."""

    type: Literal["date"] = "date"
    earliest: date | None = None
    latest: date | None = None


class TextQuestion(Asking):
    """Words."""

    type: Literal["text"] = "text"
    shortest: Annotated[int, Field(ge=0)] = 0
    longest: Annotated[int, Field(ge=1, le=10_000)] = 2_000
    lines: Annotated[int, Field(ge=1, le=50)] = 1
    #: ``#`` a digit, ``@`` a letter, ``?`` anything, the rest itself. No regular expressions: some
    #: of them take hours.
    mask: Annotated[str, Field(max_length=100)] = ""


class PhoneQuestion(Asking):
    """A telephone number, kept in E.164."""

    type: Literal["phone"] = "phone"
    region: Region = ""  #: assumed without a country code; empty: the form's


class EmailQuestion(Asking):
    """An e-mail address."""

    type: Literal["email"] = "email"


_USUAL_PARTS = (("postcode", False), ("city", True), ("street", True), ("house", False))


class AddressPart(Strict):
    """One line of an address."""

    code: OptionCode
    text: Text = Text()
    required: bool = False


class Address(Asking):
    """A postal address in parts."""

    type: Literal["address"] = "address"
    parts: Annotated[tuple[AddressPart, ...], Field(min_length=1, max_length=20)] = tuple(
        AddressPart(code=code, required=required) for code, required in _USUAL_PARTS
    )


class Note(Base):
    """Words to be read aloud; gone on with, not answered."""

    type: Literal["note"] = "note"
    asks: ClassVar[bool] = False


class Prompt(Base):
    """A picture or a recording, shown or played; gone on with, not answered."""

    type: Literal["prompt"] = "prompt"
    image: str = ""  #: a file's name
    audio: str = ""
    asks: ClassVar[bool] = False


class Calculated(Base):
    """A value worked out of answers; never asked."""

    type: Literal["calculated"] = "calculated"
    expression: Expression
    asks: ClassVar[bool] = False


Question = (
    Single
    | Multiple
    | Ranking
    | Scale
    | Nps
    | Matrix
    | NumberQuestion
    | Money
    | DateQuestion
    | TextQuestion
    | PhoneQuestion
    | EmailQuestion
    | Address
    | Note
    | Prompt
    | Calculated
)
Choosing = Single | Multiple | Ranking


def range_of(question: Scale | Nps) -> tuple[int, int]:
    """Return the first and the last point."""
    return (0, NPS_POINTS - 1) if isinstance(question, Nps) else (question.first, question.last)
