"""Tables: contact list, contact, phone, refused row."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from campaigns.states import PhoneKind
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class ContactList(SQLModel, table=True):
    """One imported file. Rows in = accepted + refused, always."""

    __tablename__ = "contact_list"
    __table_args__ = (
        CheckConstraint("rows_in = rows_accepted + rows_refused", name="ck_contact_list_rows"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    name: str
    file_name: str
    file_sha256: str
    region: str  #: ISO 3166-1 alpha-2 assumed for numbers without a country code
    columns: list[str] = Field(default_factory=list, sa_type=JSONB)  #: the client's own, in order
    rows_in: int = 0
    rows_accepted: int = 0
    rows_refused: int = 0
    imported_at: datetime = Field(sa_type=UtcDateTime)


class Contact(SQLModel, table=True):
    """A person or firm with one or more numbers."""

    __table_args__ = (UniqueConstraint("list_id", "source_row"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    list_id: UUID = Field(foreign_key="contact_list.id", index=True)
    source_row: int  #: 1 = the first row below the headings
    name: str = ""
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: the client's own columns
    created_at: datetime = Field(sa_type=UtcDateTime)


class Phone(SQLModel, table=True):
    """One number of a contact, with every zone it may be in."""

    __table_args__ = (
        UniqueConstraint("contact_id", "position"),
        CheckConstraint(r"e164 ~ '^\+[0-9]{7,15}$'", name="ck_phone_e164"),
        Index("ix_phone_e164", "client_id", "e164"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    contact_id: UUID = Field(foreign_key="contact.id")
    position: int  #: 0 = dialled first
    kind: PhoneKind = Field(default=PhoneKind.PRIMARY, sa_type=text_enum(PhoneKind))
    e164: str
    region: str
    invalid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  #: dead: never again
    zones: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))


class RefusedRow(SQLModel, table=True):
    """A row that gave no contact: why, and its original text."""

    __tablename__ = "refused_row"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    list_id: UUID = Field(foreign_key="contact_list.id", index=True)
    source_row: int
    reason: str
    detail: str = ""
    original: list[str] = Field(default_factory=list, sa_type=JSONB)
