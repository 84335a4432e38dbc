"""A version of a questionnaire: sections of questions in order, in one or more languages; immutable."""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated

from pydantic import Field

from campaigns.forms.question_parts import Code, Expression, Region, Strict
from campaigns.forms.questions import Question
from campaigns.forms.texts import Text

MOST_QUESTIONS = 2_000

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
#: A contact's field: the heading of a client's column in lower case, with ``_`` for what is no letter.
ContactField = Annotated[str, Field(pattern=r"^[^\W\d]\w{0,63}$")]
AnyQuestion = Annotated[Question, Field(discriminator="type")]


class Section(Strict):
    """Questions that belong together."""

    code: Code
    title: Text = Text()
    show_if: Expression = ""
    rotate: bool = False  #: its questions come in an order of the person's own
    block: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = (
        ""  #: sections of one block rotate
    )
    questions: Annotated[tuple[AnyQuestion, ...], Field(max_length=MOST_QUESTIONS)] = ()


class Form(Strict):
    """A version of a questionnaire."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
    title: Text = Text()
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=20)] = ("en",)
    region: Region = ""  #: ISO 3166-1, for telephone numbers without a country code
    contact_fields: tuple[ContactField, ...] = ()  #: what texts and conditions may use of a contact
    sections: Annotated[tuple[Section, ...], Field(max_length=MOST_QUESTIONS)] = ()

    def questions(self) -> Iterator[Question]:
        """Yield every question in the order of the file."""
        for section in self.sections:
            yield from section.questions

    @cached_property
    def by_code(self) -> dict[str, Question]:
        """The questions by code; do not change it."""
        return {question.code: question for question in self.questions()}
