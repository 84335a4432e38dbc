"""Table: call_part."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from dialer.call.talks import PartEnd, PartKind
from dialer.db import UtcDateTime, text_enum


class CallPart(SQLModel, table=True):
    """A stretch of a talk in which something was special: a hold, a third party, a gap in the recording.

    It names no person: a third party is a code of the campaign's transfer targets.
    """

    __tablename__ = "call_part"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ck_call_part_end"),
        CheckConstraint("ended_at IS NULL OR ended_at >= began_at", name="ck_call_part_order"),
    )

    attempt_id: UUID = Field(foreign_key="attempt.id", primary_key=True)
    kind: PartKind = Field(sa_type=text_enum(PartKind), primary_key=True)
    began_at: datetime = Field(sa_type=UtcDateTime, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    target: str = ""
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ending: PartEnd | None = Field(default=None, sa_type=text_enum(PartEnd))
