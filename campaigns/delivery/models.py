"""Tables: export layout, export."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from campaigns.delivery.words import ExportFormat, ExportState
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class ExportLayout(SQLModel, table=True):
    """A version of a campaign's columns. Once frozen it never changes: a trigger refuses it."""

    __tablename__ = "export_layout"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        CheckConstraint("number >= 1", name="ck_export_layout_number"),
        Index(
            "uq_export_layout_draft",
            "campaign_id",
            unique=True,
            postgresql_where=text("frozen_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    number: int
    content: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    frozen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    frozen_by: UUID | None = Field(default=None, foreign_key="user_account.id")


class Export(SQLModel, table=True):
    """A file of results that was asked for, and how far it is. The row is the truth; a job is a hint."""

    __table_args__ = (
        CheckConstraint("(state = 'done') <= (sha256 <> '')", name="ck_export_done"),
        Index("ix_export_campaign", "campaign_id", "asked_at"),
        Index(
            "ix_export_open",
            "asked_at",
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    campaign_id: UUID = Field(foreign_key="campaign.id")
    layout_id: UUID | None = Field(default=None, foreign_key="export_layout.id")
    format: ExportFormat = Field(sa_type=text_enum(ExportFormat))
    options: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    state: ExportState = Field(default=ExportState.WAITING, sa_type=text_enum(ExportState))
    state_reason: str = ""  #: why it failed, for people
    rows_total: int | None = None  #: known once it runs
    rows_done: int = 0
    tries: int = 0  #: how often a worker began it
    file_name: str  #: as the download is called
    size: int = Field(default=0, sa_type=BigInteger)  #: bytes
    sha256: str = ""  #: of the file, in hexadecimal
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: a refresh's summary
    asked_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
