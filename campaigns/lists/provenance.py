"""Provenance: where a contact came from, and on what basis it may be called."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.models import Contact, ContactList, ListImport, Phone
from campaigns.tenancy.models import User
from compliance.models import ConsentRecord
from dialer.errors import NotFound


class ContactNotFound(NotFound):
    """No contact of this client has the id."""

    code = "contact_not_found"
    message = "There is no such contact."


@dataclass(frozen=True, slots=True)
class Provenance:
    """The file and row a contact came from, who uploaded it, and the consents it came with."""

    contact_id: UUID
    list_id: UUID
    list_name: str
    import_id: UUID | None  #: None: it came before imports were kept
    file_name: str
    file_sha256: str
    source_row: int  #: 1 = the first row below the headings
    uploaded_by: str | None  #: login; None = the command line
    uploaded_at: datetime
    committed_at: datetime | None
    consent_basis: dict[str, Any] | None  #: as the uploader named it for the whole file
    consents: tuple[ConsentRecord, ...]  #: entries of the ledger for its numbers


async def find_contact(session: AsyncSession, contact_id: UUID, *, client_id: UUID) -> Contact:
    """Return the client's contact.

    Raises:
        ContactNotFound: no such contact, or it is another client's.
    """
    contact = await session.get(Contact, contact_id)
    if contact is None or contact.client_id != client_id:
        raise ContactNotFound(contact_id=contact_id)
    return contact


async def provenance(session: AsyncSession, contact_id: UUID, *, client_id: UUID) -> Provenance:
    """Return where a contact came from.

    Raises:
        ContactNotFound: no such contact, or it is another client's.
    """
    contact = await find_contact(session, contact_id, client_id=client_id)
    contact_list = await session.get_one(ContactList, contact.list_id)
    row = await session.get(ListImport, contact.import_id) if contact.import_id else None
    source: ListImport | ContactList = row or contact_list
    user = await session.get(User, row.uploaded_by) if row and row.uploaded_by else None
    return Provenance(
        contact_id=contact.id,
        list_id=contact_list.id,
        list_name=contact_list.name,
        import_id=contact.import_id,
        file_name=source.file_name,
        file_sha256=source.file_sha256,
        source_row=contact.source_row,
        uploaded_by=user.login if user else None,
        uploaded_at=row.uploaded_at if row else contact_list.imported_at,
        committed_at=row.committed_at if row else contact_list.imported_at,
        consent_basis=row.options.get("consent") if row else None,
        consents=await _consents(session, contact),
    )


async def phones_of(session: AsyncSession, contact_id: UUID) -> list[Phone]:
    """Return a contact's numbers in the order of dialling."""
    statement = select(Phone).where(col(Phone.contact_id) == contact_id)
    return list((await session.exec(statement.order_by(col(Phone.position)))).all())


async def _consents(session: AsyncSession, contact: Contact) -> tuple[ConsentRecord, ...]:
    numbers = select(Phone.e164).where(col(Phone.contact_id) == contact.id)
    statement = (
        select(ConsentRecord)
        .where(
            col(ConsentRecord.client_id) == contact.client_id,
            col(ConsentRecord.e164).in_(numbers),
        )
        .order_by(col(ConsentRecord.granted_at), col(ConsentRecord.id))
    )
    return tuple((await session.exec(statement)).all())
