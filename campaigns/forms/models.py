"""Tables: form, form version, interview, its calls, answers and result, quota seat."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from campaigns.forms.words import Ending
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class FormRow(SQLModel, table=True):
    """A questionnaire of a client; what it says is in its versions."""

    __tablename__ = "form"
    __table_args__ = (UniqueConstraint("client_id", "code"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    code: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  #: put away


class FormVersion(SQLModel, table=True):
    """A version of a form. Once published it never changes: a trigger refuses it."""

    __tablename__ = "form_version"
    __table_args__ = (
        UniqueConstraint("form_id", "number"),
        CheckConstraint("number >= 1", name="ck_form_version_number"),
        Index(
            "uq_form_version_draft",
            "form_id",
            unique=True,
            postgresql_where=text("published_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    form_id: UUID = Field(foreign_key="form.id")
    number: int
    content: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_by: UUID | None = Field(default=None, foreign_key="user_account.id")


class Interview(SQLModel, table=True):
    """One person's way through a version; it ends on the version it began with."""

    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ck_interview_end"),
        Index(
            "uq_interview_open",
            "contact_id",
            "form_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL AND contact_id IS NOT NULL"),
        ),
        Index("ix_interview_version", "form_version_id"),
        Index(
            "ix_interview_contact",
            "contact_id",
            postgresql_where=text("contact_id IS NOT NULL"),
        ),
        Index(
            "ix_interview_attempt",
            "attempt_id",
            postgresql_where=text("attempt_id IS NOT NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    form_id: UUID = Field(foreign_key="form.id")
    form_version_id: UUID = Field(foreign_key="form_version.id")
    contact_id: UUID | None = None  #: an undone import deletes its contacts
    attempt_id: UUID | None = None  #: the call it began in
    language: str
    fields: dict[str, str] = Field(
        default_factory=dict, sa_type=JSONB
    )  #: of the contact, as they were
    began_on: date  #: what ``today()`` stands for
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ending: Ending | None = Field(default=None, sa_type=text_enum(Ending))


class InterviewAnswer(SQLModel, table=True):
    """The latest answer to a question, on the path or off it; the walk decides what counts."""

    __tablename__ = "interview_answer"

    interview_id: UUID = Field(foreign_key="interview.id", primary_key=True, ondelete="CASCADE")
    code: str = Field(primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    sequence: int = Field(sa_type=BigInteger)  #: counted by the window; a lower one comes too late
    answer: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    saved_at: datetime = Field(sa_type=UtcDateTime)
    saved_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    attempt_id: UUID | None = None  #: the call in which it was given
    place_s: float | None = None  #: seconds from the beginning of that call's recording


class InterviewCall(SQLModel, table=True):
    """A call in which an interview began or went on. A call has one interview at most."""

    __tablename__ = "interview_call"

    attempt_id: UUID = Field(primary_key=True)
    interview_id: UUID = Field(foreign_key="interview.id", index=True, ondelete="CASCADE")
    client_id: UUID = Field(foreign_key="client.id")
    began_at: datetime = Field(sa_type=UtcDateTime)


class QuotaSeat(SQLModel, table=True):
    """A place that an interview holds in a campaign's quota on answers.

    It counts once the interview is complete, and while its call is in hand; see ``seats.py``.
    """

    __tablename__ = "quota_seat"
    __table_args__ = (Index("ix_quota_seat_campaign", "campaign_id", "quota"),)

    interview_id: UUID = Field(foreign_key="interview.id", primary_key=True, ondelete="CASCADE")
    quota: str = Field(primary_key=True)  #: its code in the campaign's settings
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    taken_at: datetime = Field(sa_type=UtcDateTime)


class InterviewResult(SQLModel, table=True):
    """What counts of an interview's answers, worked out once and read by every export.

    A trigger marks it as stale when an answer changes; it is worked out anew before the next export.
    """

    __tablename__ = "interview_result"
    __table_args__ = (
        Index("ix_interview_result_stale", "client_id", postgresql_where=text("stale")),
    )

    interview_id: UUID = Field(foreign_key="interview.id", primary_key=True, ondelete="CASCADE")
    client_id: UUID = Field(foreign_key="client.id")
    version: int  #: number of the form's version
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    stale: bool = False
