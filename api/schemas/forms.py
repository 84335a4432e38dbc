"""Forms and interviews as JSON."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.forms.answering.showing import shown
from campaigns.forms.interviews import Sitting
from campaigns.forms.models import FormRow, FormVersion
from campaigns.forms.words import Ending, NoAnswer


class FormIn(BaseModel):
    """A form as the text of a YAML file; docs/forms.md tells the format."""

    model_config = ConfigDict(extra="forbid")

    yaml: Annotated[str, Field(max_length=5 * 2**20)]


class FormVersionOut(BaseModel):
    """A version of a form; without ``published_at`` it is the draft."""

    code: str
    number: int
    created_at: datetime
    published_at: datetime | None

    @classmethod
    def of(cls, form: FormRow, version: FormVersion) -> "FormVersionOut":
        """Return a version as it is shown."""
        return cls.told(form.code, version)

    @classmethod
    def told(cls, code: str, version: FormVersion) -> "FormVersionOut":
        """Return a version of the form of that code."""
        return cls(
            code=code,
            number=version.number,
            created_at=version.created_at,
            published_at=version.published_at,
        )


class FindingOut(BaseModel):
    """Something that is wrong with a form, or could not be decided."""

    code: str
    place: str
    sentence: str
    remedy: str
    bars: bool


class ChangeOut(BaseModel):
    """A difference between two versions."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    kind: str
    detail: str


class InterviewIn(BaseModel):
    """Whom an interview is with; the contact's open one is resumed."""

    model_config = ConfigDict(extra="forbid")

    contact_id: UUID | None = None
    attempt_id: UUID | None = None
    language: Annotated[str, Field(max_length=20)] = ""


class AnswerIn(BaseModel):
    """One answer: a value, or why there is none."""

    model_config = ConfigDict(extra="forbid")

    sequence: Annotated[int, Field(ge=0, le=2**62)]
    value: Any = None
    no_answer: NoAnswer | None = None
    other: Annotated[str, Field(max_length=10_000)] = ""


class InterviewOut(BaseModel):
    """Where an interview is: what was gone through, what comes next, what counts."""

    id: UUID
    form: str
    language: str
    path: list[str]
    next: dict[str, Any] | None
    progress: float
    ending: Ending | None
    ended_at: datetime | None
    answers: dict[str, Any]  #: what counts: the result so far

    @classmethod
    def of(cls, sitting: Sitting) -> "InterviewOut":
        """Return an interview as it is shown."""
        now = sitting.walk()
        counted = {code: answer.as_json() for code, answer in now.counted.items()}
        return cls(
            id=sitting.row.id,
            form=sitting.form.code,
            language=sitting.row.language,
            path=list(now.path),
            next=shown_question(sitting),
            progress=now.progress,
            ending=now.ending,
            ended_at=sitting.row.ended_at,
            answers=counted,
        )


class SavedOut(BaseModel):
    """Whether the answer was the newest one, and where the interview is now."""

    stored: bool
    interview: InterviewOut


def shown_question(sitting: Sitting) -> dict[str, Any] | None:
    """Return the next question in the interview's language, texts filled in, options in order."""
    now = sitting.walk()
    if now.next is None:
        return None
    return shown(sitting.form, now.next, now, sitting.person, sitting.row.language)
