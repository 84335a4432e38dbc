"""Upserting: a CRM's contacts go into a list by the client's own keys, the way every import goes.

Phones, places, do-not-call lists, duplicates and consents are looked at by the import's own code; each
request is an import of its own, which can be looked at and undone.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import ListNotFound
from campaigns.lists.models import Contact, ContactList, OriginalFile, RefusedRow
from campaigns.lists.staged.committing import Committed
from campaigns.lists.staged.oneshot import import_upload
from campaigns.lists.staged.options import ConsentBasis, ImportOptions
from campaigns.lists.staged.plan import SameBy, Scope, Then
from campaigns.lists.staged.uploads import UploadFolder, one_chunk
from campaigns.sync import answers
from campaigns.sync.contact_in import MOST_CONTACTS, ContactIn, table_of
from compliance.rulebook.packs import RuleBook
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from dialer.errors import OutdialError
from dialer.rows import Whose

_FILE_NAME = "contacts.jsonl"


class UpsertIn(BaseModel):
    """Contacts for one list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contacts: list[ContactIn] = Field(min_length=1, max_length=MOST_CONTACTS)
    region: str | None = (
        None  #: ISO 3166-1 alpha-2, for numbers without a country code; none: the list's
    )
    campaign_id: UUID | None = None  #: enrol them there at once
    consent: ConsentBasis | None = None


@dataclass(frozen=True, slots=True)
class RowDone:
    """What became of one contact of a request."""

    external_id: str
    outcome: str  #: added, updated or refused
    contact_id: str | None = None
    reason: str | None = None  #: why it was refused, as imports name it
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """What an upsert needs of the process, and who asks."""

    sessions: SessionFactory
    folder: UploadFolder
    clock: Clock
    book: RuleBook
    whose: Whose


async def upsert(door: Door, list_id: UUID, given: UpsertIn, key: str | None) -> dict[str, Any]:
    """Bring contacts into a list and return what became of each; under a known key, as before.

    Raises:
        ListNotFound: the client has no such list.
        KeyUsedOtherwise, StillAtIt: see ``answers``.
        Invalid, NotFound, Conflict: the request cannot be used; nothing was written.
    """
    if key is None:
        return await _upsert(door, list_id, given)
    client_id = door.whose.client_id
    digest = hashlib.sha256(f"{list_id} {given.model_dump_json()}".encode()).hexdigest()
    async with transaction(door.sessions, whose=door.whose) as session:
        before = await answers.begin(session, client_id, key, digest, door.clock.now())
    if before is not None:
        return _named(before, given.contacts)
    try:
        answer = await _upsert(door, list_id, given)
    except (OutdialError, DBAPIError, OSError, TimeoutError):  # doing it again is safe: by key
        async with transaction(door.sessions, whose=door.whose) as session:
            await answers.forget(session, client_id, key)
        raise
    async with transaction(door.sessions, whose=door.whose) as session:
        await answers.keep(session, client_id, key, _unnamed(answer))
    return answer


async def _upsert(door: Door, list_id: UUID, given: UpsertIn) -> dict[str, Any]:
    client_id = door.whose.client_id
    async with transaction(door.sessions, whose=door.whose) as session:
        found = await session.get(ContactList, list_id)
        if found is None or found.client_id != client_id:
            raise ListNotFound(list_id=list_id)
        region, name = given.region or found.region, found.name
    data, mapping = table_of(given.contacts)
    wanted: dict[str, Any] = {
        "region": region,
        "list_id": list_id,
        "campaign_id": given.campaign_id,
        "duplicates_by": SameBy.KEY,
        "duplicates_scope": Scope.LIST,
        "duplicates": Then.UPDATE,
        "consent": given.consent,
    }
    options = ImportOptions.read(wanted)
    upload = await door.folder.keep(one_chunk(data), file_name=_FILE_NAME)
    done = await import_upload(
        door.sessions,
        door.folder,
        upload,
        client_id=client_id,
        file_name=_FILE_NAME,
        name=name,
        options=options,
        user_id=door.whose.user_id,
        clock=door.clock,
        book=door.book,
        mapping=mapping,
    )
    async with transaction(door.sessions, whose=door.whose) as session:
        rows = await _rows_done(session, done, given.contacts)
    return _answer(done, rows)


async def _rows_done(
    session: AsyncSession, done: Committed, contacts: Sequence[ContactIn]
) -> list[RowDone]:
    """Return what became of each contact, in the order of the request."""
    client_id, import_id, list_id = done.row.client_id, done.row.id, done.report.list_id
    first = select(OriginalFile.first_row).where(
        col(OriginalFile.import_id) == import_id, col(OriginalFile.client_id) == client_id
    )
    first_row = (await session.exec(first)).one()
    refusals = select(RefusedRow.source_row, RefusedRow.reason, RefusedRow.detail).where(
        col(RefusedRow.import_id) == import_id, col(RefusedRow.client_id) == client_id
    )
    refused = {row: (reason, detail) for row, reason, detail in await session.exec(refusals)}
    stored = select(Contact.external_key, Contact.id, Contact.import_id, Contact.source_row).where(
        col(Contact.client_id) == client_id,
        col(Contact.list_id) == list_id,
        col(Contact.external_key).in_([one.external_id for one in contacts]),
    )
    known = {row[0]: row[1:] for row in await session.exec(stored)}
    rows: list[RowDone] = []
    for number, one in enumerate(contacts, start=first_row):
        if number in refused:
            reason, detail = refused[number]
            rows.append(RowDone(one.external_id, "refused", reason=reason, detail=detail))
            continue
        contact_id, made_by, row = known.get(one.external_id, (None, None, None))
        is_new = made_by == import_id and row == number
        shown = str(contact_id) if contact_id else None
        rows.append(RowDone(one.external_id, "added" if is_new else "updated", shown))
    return rows


def _unnamed(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of an answer: without the client's keys of persons."""
    rows = [
        {name: value for name, value in row.items() if name != "external_id"}
        for row in answer["contacts"]
    ]
    return {**answer, "contacts": rows}


def _named(kept: Mapping[str, Any], contacts: Sequence[ContactIn]) -> dict[str, Any]:
    """Return a kept answer with the keys of the repeated request, which has the same contacts."""
    pairs = zip(contacts, kept["contacts"], strict=True)
    return {**kept, "contacts": [{"external_id": one.external_id, **row} for one, row in pairs]}


def _answer(done: Committed, rows: Sequence[RowDone]) -> dict[str, Any]:
    counts = {
        name: sum(row.outcome == name for row in rows) for name in ("added", "updated", "refused")
    }
    return {
        "import_id": str(done.row.id),
        "list_id": str(done.report.list_id),
        **counts,
        "enrolled": done.leads_enrolled,
        "warnings": dict(done.report.warnings),
        "contacts": [asdict(row) for row in rows],
    }
