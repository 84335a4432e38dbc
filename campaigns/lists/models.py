"""Tables: contact list, its imports and files, contact, phone, refused row; segment; erasure receipt."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from campaigns.states import ImportState, PhoneKind
from dialer.db import UtcDateTime, text_enum
from dialer.ids import new_id


class ContactList(SQLModel, table=True):
    """Contacts that came together, from one file or several. Rows in = accepted + refused, always."""

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
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  #: put away


class ListImport(SQLModel, table=True):
    """One file on its way into a list: uploaded, looked at, committed, perhaps undone."""

    __tablename__ = "list_import"
    __table_args__ = (
        CheckConstraint("rows_in = rows_accepted + rows_refused", name="ck_list_import_rows"),
        CheckConstraint(
            "(state IN ('committed', 'undone')) <= (list_id IS NOT NULL)",
            name="ck_list_import_list",
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    list_id: UUID | None = Field(default=None, foreign_key="contact_list.id", index=True)
    state: ImportState = Field(default=ImportState.STAGED, sa_type=text_enum(ImportState))
    state_reason: str = ""  #: why it failed, for people
    name: str  #: of the list it makes
    file_name: str
    file_sha256: str
    file_bytes: int
    stored_as: str | None = None  #: in the uploads directory; None once the file is not needed
    shape: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: format, encoding, sheet…
    mapping: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: what each column is
    options: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB
    )  #: region, duplicates, consent…
    rows_in: int = 0
    rows_accepted: int = 0
    rows_refused: int = 0
    phones: int = 0
    refused_by_reason: dict[str, int] = Field(default_factory=dict, sa_type=JSONB)
    warnings: dict[str, int] = Field(default_factory=dict, sa_type=JSONB)  #: skips to come
    uploaded_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    uploaded_at: datetime = Field(sa_type=UtcDateTime)
    committed_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    committed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class OriginalFile(SQLModel, table=True):
    """A client's file as it came, kept so that it can be given back with corrected values."""

    __tablename__ = "original_file"

    import_id: UUID = Field(foreign_key="list_import.id", primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    list_id: UUID = Field(foreign_key="contact_list.id", index=True)
    first_row: int  #: number in the list of the file's first row
    stored_as: str  #: in the uploads directory
    dropped: list[int] = Field(
        default_factory=list, sa_type=JSONB
    )  #: rows of the list that were erased out of the file
    kept_at: datetime = Field(sa_type=UtcDateTime)


class Contact(SQLModel, table=True):
    """A person or firm with one or more numbers.

    Its list, its numbers' contact and its leads' contact are checked set-wise by triggers: a check a
    row costs more than all its indexes (ADR 0011).
    """

    __table_args__ = (
        UniqueConstraint("list_id", "source_row"),
        Index(
            "ix_contact_external_key",
            "client_id",
            "external_key",
            postgresql_where=text("external_key IS NOT NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID
    list_id: UUID
    import_id: UUID | None = None  #: whose file it came in: uploader, checksum and consent basis
    source_row: int  #: 1 = the first row below the headings
    name: str = ""
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: the client's own columns
    external_key: str | None = None  #: the client's own key of the person
    language: str | None = None  #: ISO 639-1
    region: str | None = None  #: ISO 3166-2, as the client said
    zone: str | None = None  #: IANA, as the client said
    priority: int = Field(default=0, sa_type=SmallInteger)  #: higher is dialled first
    owner: str | None = None  #: name of the agent whose contact it is
    tags: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(String), nullable=False, server_default="{}")
    )
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Phone(SQLModel, table=True):
    """One number of a contact, with the place (zones and jurisdictions) it may be in."""

    __table_args__ = (
        CheckConstraint("e164 LIKE '+%' AND length(e164) BETWEEN 8 AND 16", name="ck_phone_e164"),
        Index("ix_phone_e164", "e164"),
    )

    contact_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True, sa_type=SmallInteger)  #: 0 = dialled first
    client_id: UUID
    kind: PhoneKind = Field(default=PhoneKind.PRIMARY, sa_type=text_enum(PhoneKind))
    e164: str = Field(sa_column=Column(String(collation="C"), nullable=False))
    region: str
    place_id: int
    invalid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  #: dead: never again


class RefusedRow(SQLModel, table=True):
    """A row that gave no contact: why, and its original text."""

    __tablename__ = "refused_row"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    list_id: UUID = Field(foreign_key="contact_list.id", index=True)
    import_id: UUID | None = Field(default=None, foreign_key="list_import.id", index=True)
    source_row: int
    reason: str
    detail: str = ""
    original: list[str] = Field(default_factory=list, sa_type=JSONB)


class ContactChange(SQLModel, table=True):
    """What an import changed in a contact that was there before, so that it can be undone.

    Refused rows that it mended and enrolments of known persons are kept here too.
    """

    __tablename__ = "contact_change"

    import_id: UUID = Field(foreign_key="list_import.id", primary_key=True)
    contact_id: UUID = Field(primary_key=True)
    source_row: int
    before: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)  #: columns and phones


class ImportMapping(SQLModel, table=True):
    """What a client's columns mean, remembered from its last import with the same headings."""

    __tablename__ = "import_mapping"

    client_id: UUID = Field(foreign_key="client.id", primary_key=True)
    headings_sha256: str = Field(primary_key=True)
    mapping: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    used_at: datetime = Field(sa_type=UtcDateTime)


class Segment(SQLModel, table=True):
    """A saved filter over contacts."""

    __table_args__ = (UniqueConstraint("client_id", "name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    name: str
    filter: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ErasureReceipt(SQLModel, table=True):
    """Proof that a person's data were erased: what, when, by whom, without the data."""

    __tablename__ = "erasure_receipt"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    client_id: UUID = Field(foreign_key="client.id", index=True)
    subject_hash: str  #: keyed hash of the number or key that was asked for
    reason: str
    erased_by: UUID | None = Field(default=None, foreign_key="user_account.id")
    erased_at: datetime = Field(sa_type=UtcDateTime)
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JSONB)
    digest: str  #: SHA-256 over the receipt
