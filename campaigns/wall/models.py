"""Tables: what a client wants of its wall, alarms, screens that cannot sign in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from campaigns.wall.words import AlarmCode
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class WallChoice(SQLModel, table=True):
    """A client's targets and limits; see ``campaigns.wall.settings.ClientWall``."""

    __tablename__ = "wall_choice"

    client_id: UUID = Field(foreign_key="client.id", primary_key=True)
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)


class Alarm(SQLModel, table=True):
    """Something that was, or is, wrong. Of one thing there is one open alarm at a time."""

    __tablename__ = "wall_alarm"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= began_at", name="ck_wall_alarm_order"),
        CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="ck_wall_alarm_seen"
        ),
        Index(
            "uq_wall_alarm_open",
            "client_id",
            "code",
            "about",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_wall_alarm_client", "client_id", "began_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID | None = Field(
        default=None, foreign_key="campaign.id"
    )  #: None: of the whole installation
    code: AlarmCode = Field(sa_type=text_enum(AlarmCode))
    about: str  #: which campaign, shift, trunk or caller ID: ids only
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: what its sentence says
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by: UUID | None = Field(default=None, foreign_key="user_account.id")


class WallScreen(SQLModel, table=True):
    """A screen on a wall that shows figures by a secret of its own; only its SHA-256 is kept."""

    __tablename__ = "wall_screen"
    __table_args__ = (UniqueConstraint("digest"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    name: str
    digest: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID = Field(foreign_key="user_account.id")
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
