"""A script: steps with words to say, and what the person may answer. Immutable; a version holds one."""

from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from campaigns.forms.texts import ANY, Text

#: Three hundred answers are a book, not a script.
MOST_STEPS = 100
MOST_BRANCHES = 20

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Branch(_Part):
    """The person says this, so the talk goes on there: a button."""

    says: Text
    to: Annotated[str, Field(max_length=40)]  #: a step's code; whether it is there is checked


class Step(_Part):
    """Words to say at one point of the talk."""

    code: Code
    title: Text = Text()
    body: Text = Text()  #: a safe part of Markdown, with variables
    branches: Annotated[tuple[Branch, ...], Field(max_length=MOST_BRANCHES)] = ()
    ends: bool = False  #: here the talk may end; without a branch it must


class Script(_Part):
    """What operators say; the talk begins at the first step."""

    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=10)]
    steps: Annotated[tuple[Step, ...], Field(max_length=MOST_STEPS)] = ()

    @field_validator("languages")
    @classmethod
    def _a_language_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("a language is named twice")
        return value

    @field_validator("steps")
    @classmethod
    def _a_code_once(cls, value: tuple[Step, ...]) -> tuple[Step, ...]:
        codes = [step.code for step in value]
        double = next((code for code in codes if codes.count(code) > 1), None)
        if double is not None:
            raise ValueError(f"two steps have the code {double}")
        return value

    @cached_property
    def by_code(self) -> dict[str, Step]:
        """Return the steps by code."""
        return {step.code: step for step in self.steps}


def said_in(text: Text, language: str) -> bool:
    """Tell whether a text says something in a language; without languages it says it in all."""
    return language in text.languages() or ANY in text.languages()
