"""Table: preview."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from campaigns.states import PreviewEnd, PreviewWish
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class Preview(SQLModel, table=True):
    """A contact shown to an agent, what the agent decided, and how it ended.

    It names the lead, never the person: what is erased of a person is not here.
    """

    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ck_preview_end"),
        CheckConstraint("ended_at IS NULL OR ended_at >= shown_at", name="ck_preview_order"),
        CheckConstraint("(wish IS NULL) = (wished_at IS NULL)", name="ck_preview_wish"),
        # An agent reads one contact, and a contact is read by one agent.
        Index(
            "uq_preview_open_session",
            "session_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_preview_open_lead",
            "lead_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_preview_campaign", "campaign_id", "shown_at"),
        Index("ix_preview_session", "session_id", "shown_at"),
        Index("ix_preview_lead", "lead_id"),
        Index("ix_preview_attempt", "attempt_id", postgresql_where=text("attempt_id IS NOT NULL")),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    session_id: UUID = Field(foreign_key="agent_session.id")
    lead_id: UUID  #: an undone import deletes its leads
    shown_at: datetime = Field(sa_type=UtcDateTime)
    wish: PreviewWish | None = Field(default=None, sa_type=text_enum(PreviewWish))
    wished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wished_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    phone_position: int | None = None  #: the number the agent chose; None: the lead's next one
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ending: PreviewEnd | None = Field(default=None, sa_type=text_enum(PreviewEnd))
    reason: str | None = None  #: a code: why it was skipped, refused or withdrawn
    attempt_id: UUID | None = None  #: the call it became
