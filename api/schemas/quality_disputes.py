"""Disputes of scores as JSON."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.quality.models import Decision
from campaigns.quality.scorecard import MOST_WORDS
from dialer.text import PlainText


class DisputeIn(BaseModel):
    """An operator disagrees with the points of a question."""

    model_config = ConfigDict(extra="forbid")

    item: str = Field(min_length=1, max_length=20, description="The question's code.")
    words: PlainText = Field(min_length=1, max_length=MOST_WORDS)


class DecisionIn(BaseModel):
    """A dispute is decided: the points as they should be; the same ones keep the score."""

    model_config = ConfigDict(extra="forbid")

    points: int | None = Field(ge=0, le=100, description="Null: the question does not apply.")
    words: PlainText = Field(
        min_length=1, max_length=MOST_WORDS, description="The operator reads them."
    )


class DisputeOut(BaseModel):
    """A dispute."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    review_id: UUID
    item: str
    words: str
    opened_at: datetime
    opened_by: UUID
    points_before: int | None
    percent_before: Decimal
    decided_at: datetime | None
    decided_by: UUID | None
    decision: Decision | None
    decision_words: str
    points_after: int | None
    percent_after: Decimal | None
