"""The steps of a draft: what each was made of, so that it can be undone, and who made it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime
from dialer.ids import new_id


class FormEdit(SQLModel, table=True):
    """One step of a draft; the latest ones are kept until the draft is published."""

    __tablename__ = "form_edit"
    __table_args__ = (
        UniqueConstraint("form_id", "token"),
        UniqueConstraint("form_id", "position"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    form_id: UUID = Field(foreign_key="form.id")
    position: int  #: counted up
    token: str  #: made with the page: a step that is sent twice is done once
    action: str  #: as in the audit log
    place: str = ""  #: the question's or section's code
    before: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: the content before
    after: str  #: the fingerprint of what it made
    edited_at: datetime = Field(sa_type=UtcDateTime)
    edited_by: UUID | None = Field(default=None, foreign_key="user_account.id")
