"""Quality as JSON."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.quality.drawing import Why
from campaigns.quality.models import NoteKind
from campaigns.quality.notes import MOST_AT_S
from campaigns.quality.scorecard import MOST_WORDS, Sheet
from dialer.text import PlainText


class ScorecardOut(BaseModel):
    """A scorecard and the version that calls are scored by."""

    id: UUID
    name: str
    version_id: UUID | None = Field(description="Published; none: nothing can be scored by it yet.")
    number: int | None
    sheet: Sheet | None


class ReviewIn(BaseModel):
    """A call's score."""

    model_config = ConfigDict(extra="forbid")

    attempt_id: UUID
    version_id: UUID
    answers: dict[str, int | None] = Field(
        max_length=60, description="Points by the question's code; null: does not apply."
    )
    words: PlainText = Field(default="", max_length=MOST_WORDS)


class ReviewOut(BaseModel):
    """A scored call."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    attempt_id: UUID
    agent_id: UUID
    version_id: UUID
    reviewer_id: UUID
    talked_at: datetime
    reviewed_at: datetime
    answers: dict[str, int | None]
    words: str
    percent: Decimal
    failed: list[str]
    passed: bool


class ReviewsPage(BaseModel):
    """Scores, the latest first."""

    items: list[ReviewOut]
    next_offset: int | None


class NoteIn(BaseModel):
    """Words about a moment of a call."""

    model_config = ConfigDict(extra="forbid")

    kind: NoteKind = NoteKind.COMMENT
    at_s: float = Field(ge=0, le=MOST_AT_S, description="Seconds from the recording's beginning.")
    words: PlainText = Field(min_length=1, max_length=MOST_WORDS)


class NoteOut(BaseModel):
    """A note about a moment of a call."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: NoteKind
    at_s: float
    words: str
    author_id: UUID
    created_at: datetime
    acknowledged_at: datetime | None


class ExplainedOut(BaseModel):
    """Why a plan drew a call, or did not."""

    plan_id: UUID
    plan: str
    why: Why
    ticket: float
    calls: int | None = Field(description="Of the operator, that the draw compared.")
    drawn: int | None
    last_ticket: float | None = Field(description="The highest that was drawn of them.")


class BoardRowOut(BaseModel):
    """An operator's week."""

    place: int | None = Field(description="None: too few calls stand behind the figure.")
    agent_id: UUID
    name: str
    score: Decimal | None
    scored: int
    failed: int
    calls: int
    figures: dict[str, Decimal | None]


class BoardOut(BaseModel):
    """The leaders' board of a week."""

    week: date
    least: int
    rows: list[BoardRowOut]
