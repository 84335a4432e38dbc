"""The kinds of questions: one immutable class each, told apart by ``type`` in files."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from campaigns.forms.question_parts import (
    NPS_POINTS,
    Asking,
    Base,
    Expression,
    Number,
    OptionCode,
    Options,
    Region,
    Rows,
    Strict,
)
from campaigns.forms.texts import Text


class Correction(StrEnum):
    """What the new value of a field of the client's record must be."""

    TEXT = "text"
    PHONE = "phone"
    EMAIL = "email"
    DATE = "date"
    NUMBER = "number"


class Single(Asking):
    """One of several options.

    With ``refreshes`` it asks whether a field of the client's record is right: its options are
    ``confirmed`` and, unless the field is locked, ``corrected``, whose words are the new value.
    """

    type: Literal["single"] = "single"
    options: Options
    rotate: bool = False
    refreshes: Annotated[str, Field(pattern=r"^([^\W\d]\w{0,63})?$")] = ""  #: a contact's field
    correction: Correction = Correction.TEXT


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
