"""Table: answers kept for requests that are sent again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime


class KeptAnswer(SQLModel, table=True):
    """What a request with an ``Idempotency-Key`` was answered; without an answer it is under way.

    An answer names nobody, so no erasure looks for it: keys are put in from the repeated request.
    """

    __tablename__ = "kept_answer"
    __table_args__ = (Index("ix_kept_answer_made", "made_at"),)

    client_id: UUID = Field(foreign_key="client.id", primary_key=True)
    key: str = Field(primary_key=True)
    request_sha256: str
    answer: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True)
    )
    made_at: datetime = Field(sa_type=UtcDateTime)
