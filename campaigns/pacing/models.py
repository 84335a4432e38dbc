"""Tables: what a campaign's pacing learned, and its decisions second by second."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime


class PacingMemory(SQLModel, table=True):
    """What the controller learned, for the next owner and the next day."""

    __tablename__ = "pacing_memory"

    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    learned: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    saved_at: datetime = Field(sa_type=UtcDateTime)


class PacingTrace(SQLModel, table=True):
    """Some seconds of decisions: what the controller saw, what it did and why."""

    __tablename__ = "pacing_trace"
    __table_args__ = (Index("ix_pacing_trace_ended_at", "ended_at"),)

    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True)
    began_at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    ended_at: datetime = Field(sa_type=UtcDateTime)
    seconds: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
