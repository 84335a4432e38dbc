"""Lists, plans and files for tests of imports."""

import asyncio
import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from campaigns.lists.models import Contact, ContactList, ListImport, Phone, RefusedRow
from campaigns.lists.reading.tables import OpenTable, open_table
from campaigns.lists.staged.mended import own_columns
from campaigns.lists.staged.plan import (
    DncLookup,
    DuplicatePolicy,
    ImportPlan,
    ImportReport,
    Progress,
)
from campaigns.lists.staged.preparing import known_region, proposed_mapping
from campaigns.lists.writing.importing import write_import
from campaigns.models import Campaign
from campaigns.states import ImportState
from campaigns.tenancy.models import Client
from dialer.clock import Clock, FrozenClock

T = TypeVar("T")
HEADINGS = ("Name", "Phone", "Second phone", "Key", "City")


def as_table(rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS) -> OpenTable:
    """Return rows as the opened file they would be."""
    out = io.StringIO()
    csv.writer(out).writerows([headings, *rows])
    return open_table(out.getvalue().encode(), "list.csv")


def _fresh(statement: SelectOfScalar[T]) -> SelectOfScalar[T]:
    """Read the database, not what the session remembers: imports write past it."""
    return statement.execution_options(populate_existing=True)


class Desk:
    """A client with lists, and the imports into them."""

    def __init__(self, session: AsyncSession, clock: FrozenClock, client_id: UUID) -> None:
        """Work in the session."""
        self.session = session
        self.clock = clock
        self.client_id = client_id

    @classmethod
    async def of(cls, session: AsyncSession, clock: FrozenClock, name: str = "Acme") -> "Desk":
        """Add a client."""
        client = Client(name=name, created_at=clock.now())
        session.add(client)
        await session.flush()
        return cls(session, clock, client.id)

    async def new_list(self, name: str = "People") -> UUID:
        """Add an empty list."""
        made = ContactList(
            client_id=self.client_id,
            name=name,
            file_name="list.csv",
            file_sha256="0" * 64,
            region="RU",
            imported_at=self.clock.now(),
        )
        self.session.add(made)
        await self.session.flush()
        return made.id

    async def campaign(self, name: str = "Autumn") -> UUID:
        """Add a campaign."""
        made = Campaign(client_id=self.client_id, name=name, created_at=self.clock.now())
        self.session.add(made)
        await self.session.flush()
        return made.id

    async def staged(self, list_id: UUID) -> UUID:
        """Add the record of an upload."""
        made = ListImport(
            client_id=self.client_id,
            list_id=list_id,
            state=ImportState.COMMITTING,
            name="People",
            file_name="list.csv",
            file_sha256="0" * 64,
            file_bytes=1,
            uploaded_at=self.clock.now(),
        )
        self.session.add(made)
        await self.session.flush()
        return made.id

    async def bring(
        self,
        list_id: UUID,
        table: OpenTable | Sequence[Sequence[str]],
        policy: DuplicatePolicy | None = None,
        dnc: Mapping[str, DncLookup] | None = None,
        **plan: Any,
    ) -> ImportReport:
        """Import rows into a list."""
        opened = table if isinstance(table, OpenTable) else as_table(table)
        made = ImportPlan(
            client_id=self.client_id,
            list_id=list_id,
            region="RU",
            duplicates=policy or DuplicatePolicy(),
            **plan,
        )
        return await write_import(self.session, made, opened, clock=self.clock, dnc=dnc)

    async def contacts(self, list_id: UUID) -> Sequence[Contact]:
        """Return a list's contacts in the order of their rows."""
        statement = _fresh(select(Contact).where(Contact.list_id == list_id))
        return (await self.session.exec(statement.order_by(col(Contact.source_row)))).all()

    async def numbers(self, contact_id: UUID) -> list[str]:
        """Return a contact's numbers in the order of dialling."""
        statement = select(Phone.e164).where(Phone.contact_id == contact_id)
        return list(await self.session.exec(statement.order_by(col(Phone.position))))

    async def refused(self, list_id: UUID) -> Sequence[RefusedRow]:
        """Return a list's refused rows in their order."""
        statement = _fresh(select(RefusedRow).where(RefusedRow.list_id == list_id))
        return (await self.session.exec(statement.order_by(col(RefusedRow.source_row)))).all()

    async def counts(self, list_id: UUID) -> tuple[int, int, int]:
        """Return the list's rows in, accepted and refused."""
        found = await self.session.get_one(ContactList, list_id, populate_existing=True)
        return found.rows_in, found.rows_accepted, found.rows_refused


async def import_list(
    session: AsyncSession,
    *,
    client_id: UUID,
    name: str,
    file_name: str,
    data: bytes,
    region: str,
    clock: Clock,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a file as one new contact list, in the caller's transaction.

    Rows are sorted in a thread, so the event loop goes on meanwhile. Contacts are told apart by
    their first number: a later row with the same one is refused as a duplicate.

    Raises:
        UnknownRegion: ``region`` is no country's two letters.
        UnreadableFile: the file is not a table.
        EmptyFile: the file has no rows.
        FileTooLarge: the file is beyond the usual limits.
        NoPhoneColumn: no column holds phones.
    """
    region = known_region(region)
    table = await asyncio.to_thread(open_table, data, file_name)
    mapping = await asyncio.to_thread(proposed_mapping, table)
    contact_list = ContactList(
        client_id=client_id,
        name=name,
        file_name=file_name,
        file_sha256=hashlib.sha256(data).hexdigest(),
        region=region,
        columns=list(own_columns(table.columns).names),
        imported_at=clock.now(),
    )
    session.add(contact_list)
    await session.flush()
    plan = ImportPlan(client_id=client_id, list_id=contact_list.id, region=region, mapping=mapping)
    return await write_import(session, plan, table, clock=clock, progress=progress)
