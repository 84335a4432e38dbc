"""Tables of the gate."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime
from dialer.ids import new_id


class Suppression(SQLModel, table=True):
    """A number that must not be dialled for a client, whoever asks."""

    __table_args__ = (UniqueConstraint("client_id", "e164"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    e164: str
    reason: str = "do_not_call"
    added_at: datetime = Field(sa_type=UtcDateTime)
