"""Tables: waiting events, events, streams and heads. Triggers write the first (ADR 0032)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime

#: The lane of events that belong to no campaign.
NO_CAMPAIGN = UUID(int=0)


class EventWaiting(SQLModel, table=True):
    """An event as its transaction wrote it; it has no position before the commit is seen."""

    __tablename__ = "event_waiting"

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    client_id: UUID
    campaign_id: UUID | None = None
    kind: str
    subject_id: UUID
    lead_id: UUID | None = None
    contact_id: UUID | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)


class Event(SQLModel, table=True):
    """Something that happened. Positions of a client are 1, 2, 3 … without a gap, and never change."""

    __table_args__ = (
        Index("ix_event_campaign", "client_id", "campaign_id", "position"),
        Index("ix_event_recorded", "client_id", "recorded_at"),
    )

    client_id: UUID = Field(foreign_key="client.id", primary_key=True)
    position: int = Field(primary_key=True, sa_type=BigInteger)
    campaign_id: UUID | None = None
    kind: str
    subject_id: UUID  #: of what the kind names: an attempt, a callback, a campaign …
    lead_id: UUID | None = None
    contact_id: UUID | None = None
    at: datetime = Field(sa_type=UtcDateTime)  #: when it happened
    recorded_at: datetime = Field(sa_type=UtcDateTime)  #: when it got its position
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: no number, no name


class EventStream(SQLModel, table=True):
    """How far a client's events go, and from where on they are kept."""

    __tablename__ = "event_stream"
    __table_args__ = (
        CheckConstraint("floor_position BETWEEN 0 AND last_position", name="ck_event_stream_floor"),
    )

    client_id: UUID = Field(foreign_key="client.id", primary_key=True)
    last_position: int = Field(sa_type=BigInteger)
    floor_position: int = Field(sa_type=BigInteger)  #: this one and those before are gone


class EventHead(SQLModel, table=True):
    """The newest event of a campaign, so that nobody looks for news where there are none."""

    __tablename__ = "event_head"
    __table_args__ = (
        CheckConstraint("gone_position BETWEEN 0 AND last_position", name="ck_event_head_gone"),
    )

    client_id: UUID = Field(foreign_key="client.id", primary_key=True)
    lane_id: UUID = Field(primary_key=True)  #: the campaign, or ``NO_CAMPAIGN``
    last_position: int = Field(sa_type=BigInteger)
    gone_position: int = Field(
        default=0, sa_type=BigInteger
    )  #: its newest event that is not kept any more; 0: all are kept
