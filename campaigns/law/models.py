"""Table: a change of a setting of law that waits for a second person, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class LawSubject(StrEnum):
    """Whose setting is changed."""

    CAMPAIGN = "campaign"
    CLIENT = "client"
    EMERGENCY = "emergency"  #: a switch is turned off


class LawDecision(StrEnum):
    """What became of a request; one without a decision is open, or has expired."""

    APPROVED = "approved"  #: and applied in the same transaction
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  #: by whoever asked


class LawChange(SQLModel, table=True):
    """A request to loosen settings of law. It is applied once, when another person approves it."""

    __tablename__ = "law_change"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (decision IS NULL)", name="ck_law_change_decision"),
        CheckConstraint(
            "decision IS DISTINCT FROM 'approved' OR decided_by <> requested_by",
            name="ck_law_change_second_person",
        ),
        Index("ix_law_change_client", "client_id", "requested_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    subject: LawSubject = Field(sa_type=text_enum(LawSubject))
    subject_id: UUID | None = None  #: the campaign
    name: str  #: of the campaign, the client or the switch, as it was then
    changes: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: name -> from, to
    reason: str
    requested_by: UUID = Field(foreign_key="user_account.id")
    requested_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    decision: LawDecision | None = Field(default=None, sa_type=text_enum(LawDecision))
    decided_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision_reason: str = ""
