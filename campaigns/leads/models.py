"""Tables: lead, lane, attempt, callback, refusal sample."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from campaigns.states import CallbackState, LeadState
from compliance.counting.frequency import SHORT_CALL_S
from dialer.call.states import CallOutcome
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id

#: A call that was over soon after its answer, as the index of such calls has it.
SHORT_CALL = f"ended_at - answered_at <= interval '{SHORT_CALL_S:g} seconds'"


class Lead(SQLModel, table=True):
    """One contact enrolled in one campaign: the unit the hopper picks."""

    __table_args__ = (
        UniqueConstraint("contact_id", "campaign_id"),
        CheckConstraint("attempts_made >= 0", name="ck_lead_attempts_made"),
        CheckConstraint("(state = 'done') = (result IS NOT NULL)", name="ck_lead_result"),
        CheckConstraint("state = 'done' OR e164 <> ''", name="ck_lead_e164"),
        Index(
            "ix_lead_due",
            "campaign_id",
            "lane",
            "place_id",
            "next_attempt_at",
            "sort_key",
            postgresql_where=text("state = 'waiting'"),
        ),
        # Few at any time.
        Index("ix_lead_dialing", "campaign_id", postgresql_where=text("state = 'dialing'")),
        # When does the next one wake, and what has the gate kept waiting?
        Index(
            "ix_lead_waiting_reason",
            "campaign_id",
            "waiting_reason",
            postgresql_where=text("state = 'waiting' AND waiting_reason <> 'new'"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID
    campaign_id: UUID
    contact_id: UUID
    lane: int | None = Field(
        default=None, sa_type=SmallInteger
    )  #: None: the selection leaves it out
    place_id: int  #: of the number that is next
    sort_key: int = Field(default=0, sa_type=BigInteger)  #: order among leads due at one instant
    state: LeadState = Field(default=LeadState.WAITING, sa_type=text_enum(LeadState))
    next_attempt_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: None: a person must act
    waiting_reason: str = "new"  #: why it waits: new, a retried outcome, a refusal's code
    phone_position: int = 0  #: which of the contact's numbers is next
    # What a claim needs to know of the number and the person, so that it reads one row for each lead; the
    # last look before the call compares both with where they come from.
    e164: str = Field(
        sa_column=Column(String(collation="C"), nullable=False)
    )  #: the number that is next; empty when the person's data were erased
    person_key: str | None = None  #: the client's own key of the person
    attempts_made: int = 0
    last_outcome: CallOutcome | None = Field(default=None, sa_type=text_enum(CallOutcome))
    result: str | None = None  #: the final disposition or outcome
    reserved_for: str | None = None  #: name of the agent to whom the next call belongs


class LeadClaim(SQLModel, table=True):
    """A lead in the hopper of its campaign's owner: to be dialled next.

    A row of its own, not a state of the lead: a claim then changes no index of a large table.
    """

    __tablename__ = "lead_claim"

    lead_id: UUID = Field(primary_key=True)
    campaign_id: UUID = Field(index=True)


class Lane(SQLModel, table=True):
    """A queue of a campaign's leads that are drawn alike.

    Lanes have even numbers; a lead that was tried before waits in its lane's number plus one.
    """

    __table_args__ = (
        UniqueConstraint("campaign_id", "list_id", "priority", "quota_cell"),
        CheckConstraint("lane % 2 = 0", name="ck_lane_even"),
    )

    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True)
    lane: int = Field(primary_key=True, sa_type=SmallInteger)
    list_id: UUID = Field(foreign_key="contact_list.id")
    priority: int = Field(default=0, sa_type=SmallInteger)
    quota_cell: int = Field(default=0, sa_type=SmallInteger)  #: 0 = in none


class Callback(SQLModel, table=True):
    """A promise to call a person at a time."""

    __table_args__ = (
        Index("ix_callback_lead", "lead_id"),
        Index(
            "ix_callback_open",
            "campaign_id",
            "promised_at",
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "uq_callback_open_lead", "lead_id", unique=True, postgresql_where=text("state = 'open'")
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    lead_id: UUID = Field(foreign_key="lead.id")
    state: CallbackState = Field(default=CallbackState.OPEN, sa_type=text_enum(CallbackState))
    promised_at: datetime = Field(sa_type=UtcDateTime)
    zone: str  #: IANA: the contact's, in which the time was promised
    agent: str | None = None  #: name of the agent it is personal to; None = anybody
    note: str = ""
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RefusalSample(SQLModel, table=True):
    """A kept refusal with its receipt: every final one, and some of those that time will lift."""

    __tablename__ = "refusal_sample"
    __table_args__ = (
        Index("ix_refusal_sample_number", "e164", "refused_at"),
        Index("ix_refusal_sample_campaign", "campaign_id", "refused_at"),
        Index("ix_refusal_sample_lead", "lead_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    lead_id: UUID = Field(foreign_key="lead.id")
    e164: str = Field(sa_column=Column(String(collation="C"), nullable=False))
    refused_at: datetime = Field(sa_type=UtcDateTime)
    reasons: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    decision: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: the gate's receipt


class Attempt(SQLModel, table=True):
    """One dial of one number. Written before anything is sent to Asterisk."""

    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ck_attempt_outcome"),
        # Invariant 2: one live attempt per number and per contact, over all campaigns.
        Index(
            "uq_attempt_live_number", "e164", unique=True, postgresql_where=text("ended_at IS NULL")
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
        Index(
            "ix_attempt_party",
            "party_trunk_id",
            postgresql_where=text("ended_at IS NULL AND party_trunk_id IS NOT NULL"),
        ),
        Index("ix_attempt_contact", "contact_id", "started_at"),
        # A legal entity's answers of the last day, and those that were short: few, and counted often.
        Index(
            "ix_attempt_answered",
            "client_id",
            "started_at",
            postgresql_where=text("answered_at IS NOT NULL"),
        ),
        Index("ix_attempt_short", "client_id", "started_at", postgresql_where=text(SHORT_CALL)),
        Index(
            "ix_attempt_disposition",
            "campaign_id",
            "disposition",
            postgresql_where=text("disposition IS NOT NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    lead_id: UUID = Field(foreign_key="lead.id")
    contact_id: UUID = Field(foreign_key="contact.id")
    e164: str = Field(sa_column=Column(String(collation="C"), nullable=False))
    place_id: int | None = (
        None  #: of the number when it was dialled: it stays when the person is erased
    )
    trunk_id: UUID = Field(foreign_key="trunk.id")
    party_id: UUID | None = None  #: the third party that takes a second line
    party_trunk_id: UUID | None = Field(default=None, foreign_key="trunk.id")  #: of which trunk
    caller_id: str | None = None  #: E.164, as sent
    fence: int  #: of the owner that made it
    number_in_lead: int  #: 1 = the lead's first attempt
    pacing: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB, nullable=True)
    )  #: what the decision to place it rested on
    decision: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: the gate's receipt
    subject: str = ""  #: what the call was about, for caps by subject
    reserved_agent: bool = False  #: an agent was kept free for it
    started_at: datetime = Field(sa_type=UtcDateTime)
    rang_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    connected_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    left_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: the agent left, and the person talked on with a third party
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
