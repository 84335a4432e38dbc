"""Tables: scorecard and its versions, review, dispute, note, calibration, sampling plan and its weeks."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Numeric,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from campaigns.quality.drawing import Mix
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class NoteKind(StrEnum):
    """For whom a note about a moment of a call is."""

    COMMENT = "comment"  #: reviewers only
    COACHING = "coaching"  #: the operator, who acknowledges it


class Decision(StrEnum):
    """What became of a dispute."""

    KEPT = "kept"  #: the score stays
    CHANGED = "changed"


class Scorecard(SQLModel, table=True):
    """Questions by which calls are scored; what they are is in its versions."""

    __table_args__ = (UniqueConstraint("client_id", "name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    name: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class ScorecardVersion(SQLModel, table=True):
    """One version of a scorecard. A trigger keeps published ones as they are."""

    __tablename__ = "scorecard_version"
    __table_args__ = (
        UniqueConstraint("scorecard_id", "number"),
        CheckConstraint("number >= 1", name="ck_scorecard_version_number"),
        Index(
            "uq_scorecard_version_draft",
            "scorecard_id",
            unique=True,
            postgresql_where=text("published_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    scorecard_id: UUID = Field(foreign_key="scorecard.id")
    number: int
    content: dict[str, Any] = Field(sa_type=JSONB)  #: a ``campaigns.quality.scorecard.Sheet``
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_by: UUID | None = Field(default=None, foreign_key="user_account.id")


class Calibration(SQLModel, table=True):
    """Two reviewers score one call blind, so that their agreement is known."""

    __table_args__ = (CheckConstraint("first_id <> second_id", name="ck_calibration_two"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    attempt_id: UUID = Field(foreign_key="attempt.id")
    version_id: UUID = Field(foreign_key="scorecard_version.id")
    first_id: UUID = Field(foreign_key="user_account.id")
    second_id: UUID = Field(foreign_key="user_account.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")


class Review(SQLModel, table=True):
    """A scored call. Who saved it cannot change it: only the decision of a dispute does."""

    __tablename__ = "quality_review"
    __table_args__ = (
        CheckConstraint("percent BETWEEN 0 AND 100", name="ck_quality_review_percent"),
        Index(
            "uq_quality_review_call",
            "attempt_id",
            unique=True,
            postgresql_where=text("calibration_id IS NULL"),
        ),
        UniqueConstraint("calibration_id", "reviewer_id"),
        Index("ix_quality_review_agent", "client_id", "agent_id", "talked_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    attempt_id: UUID = Field(foreign_key="attempt.id")
    agent_id: UUID = Field(foreign_key="agent.id")  #: whose call it was
    version_id: UUID = Field(foreign_key="scorecard_version.id")
    calibration_id: UUID | None = Field(
        default=None, foreign_key="calibration.id"
    )  #: of a calibration: counts for nobody's score
    reviewer_id: UUID = Field(foreign_key="user_account.id")
    talked_at: datetime = Field(sa_type=UtcDateTime)  #: in whose week the score counts
    answers: dict[str, int | None] = Field(sa_type=JSONB)  #: points by the item's code
    words: str = ""  #: what the reviewer says of the call
    percent: Decimal = Field(sa_column=Column(Numeric(4, 1), nullable=False))
    failed: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(String), nullable=False, server_default="{}")
    )  #: critical questions that were answered by no
    passed: bool
    reviewed_at: datetime = Field(sa_type=UtcDateTime)


class Dispute(SQLModel, table=True):
    """An operator disagrees with a question's points; a second reviewer decides. Each is kept."""

    __tablename__ = "quality_dispute"
    __table_args__ = (
        UniqueConstraint("review_id", "item"),
        CheckConstraint(
            "(decided_at IS NULL) = (decision IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="ck_quality_dispute_decided",
        ),
        Index("ix_quality_dispute_open", "client_id", postgresql_where=text("decided_at IS NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    review_id: UUID = Field(foreign_key="quality_review.id", index=True)
    item: str  #: the question's code
    words: str
    opened_at: datetime = Field(sa_type=UtcDateTime)
    opened_by: UUID = Field(foreign_key="user_account.id")
    points_before: int | None = None  #: None: did not apply
    percent_before: Decimal = Field(sa_column=Column(Numeric(4, 1), nullable=False))
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    decision: Decision | None = Field(default=None, sa_type=text_enum(Decision))
    decision_words: str = ""
    points_after: int | None = None
    percent_after: Decimal | None = Field(
        default=None, sa_column=Column(Numeric(4, 1), nullable=True)
    )


class QualityNote(SQLModel, table=True):
    """Words about a moment of a call: for reviewers, or for the operator."""

    __tablename__ = "quality_note"
    __table_args__ = (
        CheckConstraint("at_s >= 0", name="ck_quality_note_at"),
        CheckConstraint(
            "(kind = 'coaching') = (agent_id IS NOT NULL)", name="ck_quality_note_for_whom"
        ),
        Index("ix_quality_note_attempt", "attempt_id", "at_s"),
        Index("ix_quality_note_agent", "agent_id", postgresql_where=text("agent_id IS NOT NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    attempt_id: UUID = Field(foreign_key="attempt.id")
    kind: NoteKind = Field(sa_type=text_enum(NoteKind))
    at_s: float  #: seconds from the recording's beginning
    words: str
    author_id: UUID = Field(foreign_key="user_account.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    agent_id: UUID | None = Field(default=None, foreign_key="agent.id")
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SamplingPlan(SQLModel, table=True):
    """How many calls of each operator are scored a week, which, and by whom."""

    __tablename__ = "sampling_plan"
    __table_args__ = (
        CheckConstraint("per_agent BETWEEN 1 AND 50", name="ck_sampling_plan_per_agent"),
        CheckConstraint("least_s >= 0", name="ck_sampling_plan_least"),
        CheckConstraint("cardinality(reviewers) >= 1", name="ck_sampling_plan_reviewers"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    name: str
    scorecard_id: UUID = Field(foreign_key="scorecard.id")
    campaign_id: UUID | None = Field(default=None, foreign_key="campaign.id")  #: None: all
    per_agent: int
    least_s: int  #: shorter recordings are not drawn, seconds
    mix: Mix = Field(sa_type=text_enum(Mix))
    reviewers: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    seed: str  #: makes the tickets; shown, so that a draw can be checked
    first_week: date  #: Monday
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SampledWeek(SQLModel, table=True):
    """A plan's draw of one week: there is one, and it is stored together with its calls."""

    __tablename__ = "sampled_week"

    plan_id: UUID = Field(foreign_key="sampling_plan.id", primary_key=True)
    week: date = Field(primary_key=True)  #: Monday, in the client's zone
    client_id: UUID = Field(foreign_key="client.id", index=True)
    drawn_at: datetime = Field(sa_type=UtcDateTime)
    shares: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB
    )  #: by operator and group: calls, drawn, last ticket


class SampledCall(SQLModel, table=True):
    """A call that was drawn, and who scores it."""

    __tablename__ = "sampled_call"
    __table_args__ = (
        ForeignKeyConstraint(
            ["plan_id", "week"],
            ["sampled_week.plan_id", "sampled_week.week"],
            name="fk_sampled_call_week",
        ),
        Index("ix_sampled_call_reviewer", "client_id", "reviewer_id", "week"),
    )

    plan_id: UUID = Field(primary_key=True)
    attempt_id: UUID = Field(foreign_key="attempt.id", primary_key=True, index=True)
    week: date
    client_id: UUID = Field(foreign_key="client.id")
    agent_id: UUID = Field(foreign_key="agent.id")
    reviewer_id: UUID = Field(foreign_key="user_account.id")
    ticket: float
