"""JSON shapes of a contact, where it came from, and its erasure."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from campaigns.states import PhoneKind
from dialer.text import PlainText


class ContactPhoneOut(BaseModel):
    """One number of a contact."""

    model_config = ConfigDict(from_attributes=True)

    position: int
    kind: PhoneKind
    e164: str
    region: str
    invalid_at: datetime | None


class ConsentOut(BaseModel):
    """An entry of the ledger for one of the contact's numbers."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    scope: str
    granted_at: datetime
    withdrawn_at: datetime | None
    expires_at: datetime | None
    proof: str
    import_id: UUID | None


class ProvenanceOut(BaseModel):
    """Where a contact came from, and on what basis it may be called."""

    model_config = ConfigDict(from_attributes=True)

    list_id: UUID
    list_name: str
    import_id: UUID | None
    file_name: str
    file_sha256: str
    source_row: int
    uploaded_by: str | None
    uploaded_at: datetime
    committed_at: datetime | None
    consent_basis: dict[str, Any] | None
    consents: tuple[ConsentOut, ...]


class ContactOut(BaseModel):
    """A contact."""

    id: UUID
    name: str
    fields: dict[str, Any]
    external_key: str | None
    language: str | None
    region: str | None
    zone: str | None
    priority: int
    owner: str | None
    tags: list[str]
    erased_at: datetime | None
    phones: list[ContactPhoneOut]
    provenance: ProvenanceOut


class ErasureIn(BaseModel):
    """Whose data are to go, and why; exactly one of the number and the key."""

    model_config = ConfigDict(extra="forbid")

    number: PlainText | None = None  #: with its country code
    external_key: PlainText | None = None
    reason: Annotated[PlainText, Field(min_length=1, max_length=500)]
    keep_suppressed: bool = True  #: nobody calls the number again


class ContactErasureIn(BaseModel):
    """Why a contact's data are to go."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[PlainText, Field(min_length=1, max_length=500)]
    keep_suppressed: bool = True


class ErasureOut(BaseModel):
    """The receipt: it proves what was erased, without the data."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    subject_hash: str
    reason: str
    erased_by: UUID | None
    erased_at: datetime
    counts: dict[str, int]
    digest: str
