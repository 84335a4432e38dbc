"""Tables: client, user, API token, audit entry."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
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
    two_person_law: bool = Field(
        default=True, sa_column_kwargs={"server_default": "true"}
    )  #: what loosens a setting of law needs a second person
    monitoring_notice: bool = Field(
        default=False, sa_column_kwargs={"server_default": "false"}
    )  #: agents see that a supervisor listens to them
    zone: str = Field(
        default="", sa_column_kwargs={"server_default": ""}
    )  #: IANA; of reports, the wall, and pages when the browser tells none; "" = UTC
    created_at: datetime = Field(sa_type=UtcDateTime)
    archived_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: nobody works for it or signs in; all is kept


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
    manages_clients: bool = Field(
        default=False, sa_column_kwargs={"server_default": "false"}
    )  #: may make clients and archive them, as an administrator or manager


class ClientAccess(SQLModel, table=True):
    """Somebody may work for a client that is not the own one; ended ones are kept: who was it?"""

    __tablename__ = "client_access"

    user_id: UUID = Field(foreign_key="user_account.id", primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", primary_key=True, index=True)
    role: Role = Field(sa_type=text_enum(Role))  #: at this client
    given_by: UUID | None = Field(default=None, foreign_key="user_account.id")  #: None = CLI
    given_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


#: A logo takes at most this many bytes as it is kept.
MOST_LOGO_BYTES = 262144


class ClientLook(SQLModel, table=True):
    """How pages look that a client's people see: name, colours, logo; and at which address."""

    __tablename__ = "client_look"
    __table_args__ = (
        CheckConstraint(f"octet_length(logo) <= {MOST_LOGO_BYTES}", name="ck_client_look_logo"),
        CheckConstraint("(logo IS NULL) = (logo_type IS NULL)", name="ck_client_look_type"),
        UniqueConstraint("domain"),
    )

    client_id: UUID = Field(foreign_key="client.id", primary_key=True)
    name: str = ""  #: shown instead of Outdial; "" = Outdial
    domain: str | None = None  #: lower case, without a port; its sign-in page looks so
    accent: str = ""  #: ``#rrggbb`` on light pages; "" = ours
    accent_dark: str = ""  #: the same on dark pages
    logo: bytes | None = Field(default=None, sa_type=LargeBinary)
    logo_type: str | None = None  #: ``image/png``, ``image/jpeg``, ``image/webp``
    logo_sha256: str | None = None  #: part of the logo's address
    changed_at: datetime = Field(sa_type=UtcDateTime)


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
