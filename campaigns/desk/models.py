"""Tables: attempt note, contact edit."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime
from dialer.ids import new_id


class AttemptNote(SQLModel, table=True):
    """What an agent wrote about a call; kept while the agent writes, so a lost page loses nothing.

    A row of its own: few attempts have one, and what is written about persons must be found to be erased.
    """

    __tablename__ = "attempt_note"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    attempt_id: UUID = Field(foreign_key="attempt.id", unique=True)
    text: str
    written_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    written_at: datetime = Field(sa_type=UtcDateTime)


class ContactEdit(SQLModel, table=True):
    """One field of a contact that somebody corrected during a call: what it said before and after."""

    __tablename__ = "contact_edit"
    __table_args__ = (Index("ix_contact_edit_contact", "contact_id", "edited_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    contact_id: UUID
    attempt_id: UUID = Field(foreign_key="attempt.id")
    field: str  #: the heading of the list's column
    before: str
    after: str
    edited_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    edited_at: datetime = Field(sa_type=UtcDateTime)
