"""Tables: client, user, API token, audit entry."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class Role(StrEnum):
    """What a user may do."""

    ADMIN = "admin"  #: everything of the client
    MANAGER = "manager"  #: campaigns and lists of the client
    SUPERVISOR = "supervisor"  #: watches and steers
    AGENT = "agent"  #: takes calls
    CLIENT = "client"  #: reads results


class Client(SQLModel, table=True):
    """Who ordered the campaigns; owns every row below."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(unique=True)
    legal_entity: str = ""  #: clients of one legal entity share the law's caps; "" = alone
    allowed_countries: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(String), nullable=False, server_default="{}")
    )  #: ISO 3166-1 alpha-2; empty = all but the costly kinds of numbers
    allowed_number_types: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(String), nullable=False, server_default="{}")
    )  #: kinds allowed besides the harmless ones, e.g. ``premium``
    second_factor_roles: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(String), nullable=False, server_default="{}")
    )  #: whose users must have a second factor
    created_at: datetime = Field(sa_type=UtcDateTime)


class User(SQLModel, table=True):
    """A person (or a program) that signs in."""

    __tablename__ = "user_account"  # "user" is a reserved word of SQL

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    login: str = Field(unique=True)
    role: Role = Field(sa_type=text_enum(Role))
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    password_hash: str | None = None  #: argon2id; none = tokens only
    password_must_change: bool = Field(
        default=False, sa_column_kwargs={"server_default": "false"}
    )  #: somebody else chose it


class ApiToken(SQLModel, table=True):
    """A bearer token; only its SHA-256 is kept."""

    __table_args__ = (UniqueConstraint("digest"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user_account.id", index=True)
    digest: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuditEntry(SQLModel, table=True):
    """One change of state, or one look at people's data, by a person: who, what, when, before and after."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject", "subject_id"),
        Index("ix_audit_entry_client_at", "client_id", "at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    user_id: UUID | None = Field(
        default=None, foreign_key="user_account.id"
    )  #: None = the command line
    at: datetime = Field(sa_type=UtcDateTime)
    action: str  #: noun.past_verb
    subject: str  #: the table
    subject_id: UUID
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
