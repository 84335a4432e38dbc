"""Sampling plans as JSON."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.quality.drawing import Mix
from campaigns.quality.plans import MOST_LEAST_S, MOST_NAME, MOST_PER_AGENT, PlanIn
from dialer.text import PlainText


class SamplingPlanIn(BaseModel):
    """How many calls of each operator are scored a week, which, and by whom."""

    model_config = ConfigDict(extra="forbid")

    name: PlainText = Field(min_length=1, max_length=MOST_NAME)
    scorecard_id: UUID = Field(description="One that has a published version.")
    per_agent: int = Field(default=3, ge=1, le=MOST_PER_AGENT, description="Calls a week.")
    least_s: int = Field(
        default=30, ge=0, le=MOST_LEAST_S, description="Shorter recordings are not drawn, seconds."
    )
    mix: Mix = Mix.SPREAD
    reviewers: list[UUID] = Field(min_length=1, max_length=100, description="They take turns.")
    campaign_id: UUID | None = Field(default=None, description="Null: all campaigns.")
    seed: PlainText = Field(
        default="", max_length=MOST_NAME, description="Makes the tickets; empty: any."
    )

    def wish(self) -> PlanIn:
        """Return it as quality takes it."""
        return PlanIn(**self.model_dump(exclude={"reviewers"}), reviewers=tuple(self.reviewers))


class SamplingPlanOut(BaseModel):
    """A sampling plan."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    scorecard_id: UUID
    campaign_id: UUID | None
    per_agent: int
    least_s: int
    mix: Mix
    reviewers: list[UUID]
    seed: str
    first_week: date
    created_at: datetime
    ended_at: datetime | None


class DrawnCallOut(BaseModel):
    """A call that a plan drew."""

    attempt_id: UUID
    week: date
    agent_id: UUID
    reviewer_id: UUID
    ticket: float
    review_id: UUID | None = Field(description="Null: it waits for its score.")
    percent: Decimal | None
    hidden: bool = Field(description="You are to score it blind first: its score is not shown.")
