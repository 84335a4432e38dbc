"""Tables: steps that can be undone, days off, shared sets, and how long things are kept."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class SetKind(StrEnum):
    """What a shared set holds."""

    DISPOSITIONS = "dispositions"
    RETRIES = "retries"


class Kept(StrEnum):
    """What has a time of its own after which it goes; recordings have theirs in their policy."""

    EXPORTS = "exports"
    ORIGINALS = "originals"
    CONTACTS = "contacts"


class UndoStep(SQLModel, table=True):
    """What a person has just changed in a register, and what it was before: for one button."""

    __tablename__ = "undo_step"
    __table_args__ = (Index("ix_undo_step_client", "client_id", "made_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    user_id: UUID | None = Field(default=None, foreign_key="user_account.id")
    register_code: str  #: of ``campaigns.registers.registers``
    action: str  #: what was done: ``archived``, ``rested``
    rows: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=JSONB
    )  #: id, before, after of each row
    made_at: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DayOff(SQLModel, table=True):
    """A day on which a client calls nobody, beside the holidays of the law."""

    __tablename__ = "day_off"
    __table_args__ = (UniqueConstraint("client_id", "on_date", "region"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    on_date: date  #: of the contact's calendar
    every_year: bool = False
    region: str = ""  #: ISO 3166-1 or 3166-2; empty: everywhere
    name: str
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SharedSet(SQLModel, table=True):
    """Dispositions or retry rules of a client, from which campaigns take a copy."""

    __tablename__ = "shared_set"
    __table_args__ = (UniqueConstraint("client_id", "kind", "name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    kind: SetKind = Field(sa_type=text_enum(SetKind))
    name: str
    content: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class KeepingTime(SQLModel, table=True):
    """After how many days something of a client goes."""

    __tablename__ = "keeping_time"
    __table_args__ = (CheckConstraint("keep_days BETWEEN 1 AND 3660", name="ck_keeping_time_days"),)

    client_id: UUID = Field(foreign_key="client.id", primary_key=True)
    what: Kept = Field(sa_type=text_enum(Kept), primary_key=True)
    keep_days: int
    changed_at: datetime = Field(sa_type=UtcDateTime)
