"""Tables: lead and attempt."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from campaigns.states import LeadState
from dialer.call.states import CallOutcome
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class Lead(SQLModel, table=True):
    """One contact enrolled in one campaign: the unit the hopper picks."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "contact_id"),
        CheckConstraint("attempts_made >= 0", name="ck_lead_attempts_made"),
        CheckConstraint("(state = 'done') = (result IS NOT NULL)", name="ck_lead_result"),
        Index(
            "ix_lead_due",
            "campaign_id",
            "next_attempt_at",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_lead_campaign_state", "campaign_id", "state"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    campaign_id: UUID = Field(foreign_key="campaign.id")
    contact_id: UUID = Field(foreign_key="contact.id", index=True)
    state: LeadState = Field(default=LeadState.WAITING, sa_type=text_enum(LeadState))
    next_attempt_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: None: a person must act
    waiting_reason: str = "new"  #: why it waits: new, a retried outcome, a refusal's code
    phone_position: int = 0  #: which of the contact's numbers is next
    attempts_made: int = 0
    last_outcome: CallOutcome | None = Field(default=None, sa_type=text_enum(CallOutcome))
    result: str | None = None  #: the final disposition or outcome


class Attempt(SQLModel, table=True):
    """One dial of one number. Written before anything is sent to Asterisk."""

    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ck_attempt_outcome"),
        # Invariant 2: one live attempt per number and per contact, over all campaigns.
        Index(
            "uq_attempt_live_number",
            "e164",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_attempt_live_contact",
            "contact_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_attempt_campaign", "campaign_id", "started_at"),
        Index("ix_attempt_number", "e164", "started_at"),
        Index("ix_attempt_lead", "lead_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    lead_id: UUID = Field(foreign_key="lead.id")
    contact_id: UUID = Field(foreign_key="contact.id")
    e164: str
    trunk_id: UUID = Field(foreign_key="trunk.id")
    caller_id: str | None = None  #: E.164, as sent
    fence: int  #: of the owner that made it
    number_in_lead: int  #: 1 = the lead's first attempt
    decision: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: the gate's receipt
    started_at: datetime = Field(sa_type=UtcDateTime)
    rang_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    connected_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: CallOutcome | None = Field(default=None, sa_type=text_enum(CallOutcome))
    ended_by: str | None = None
    cause: int | None = None
    sip_code: int | None = None
    agent_session_id: UUID | None = Field(default=None, foreign_key="agent_session.id")
    disposition: str | None = None
    disposed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    recording: str | None = None  #: file name in the recordings directory, once finished
    recording_raw: str | None = None  #: Asterisk's raw file, until it is finished
