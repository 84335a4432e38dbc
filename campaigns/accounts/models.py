"""Tables: sessions of browsers, second factors, recovery codes."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class SessionEnd(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"  #: by its own person, here or from another browser
    SIGNED_IN_AGAIN = "signed_in_again"  #: the same browser signed in anew
    REVOKED = "revoked"  #: by an administrator
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason
    FACTOR_RESET = "factor_reset"  #: the second factor was taken off by an administrator
    USER_DISABLED = "user_disabled"


class UserSession(SQLModel, table=True):
    """A browser in which a person is signed in; only the SHA-256 of its token is kept."""

    __tablename__ = "user_session"
    __table_args__ = (
        UniqueConstraint("digest"),
        Index("ix_user_session_user", "user_id", "created_at"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ck_user_session_end"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    user_id: UUID = Field(foreign_key="user_account.id")
    digest: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)  #: to the minute; live pages do not count
    address: str  #: from which it was opened
    browser: str  #: what the browser says of itself
    factor_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: the second factor was shown
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    end_reason: SessionEnd | None = Field(default=None, sa_type=text_enum(SessionEnd))
    works_for: UUID | None = Field(
        default=None, foreign_key="client.id"
    )  #: another client than the own one, as long as the person may


class SecondFactor(SQLModel, table=True):
    """A person's authenticator; its key is sealed, for codes are computed from it."""

    __tablename__ = "second_factor"

    user_id: UUID = Field(foreign_key="user_account.id", primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    secret: (
        str  #: sealed, see ``factor_keys``; of older installations base32 until keys are rotated
    )
    created_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: from then on it is asked for
    last_step: int = Field(
        default=0, sa_column=Column(BigInteger, nullable=False)
    )  #: of the last code used: neither it nor an older one is taken again


class RecoveryCode(SQLModel, table=True):
    """One code for the day the authenticator is lost; only its SHA-256 is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "digest"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id")
    client_id: UUID = Field(foreign_key="client.id")
    digest: str
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
