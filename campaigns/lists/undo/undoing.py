"""Undo: everything an import wrote is taken back, until the first call to anybody in it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.models import ContactList, ListImport
from campaigns.lists.staged import staging
from campaigns.lists.undo import statements as undo_sql
from campaigns.lists.writing.consenting import spans, withdraw_consents
from campaigns.models import CampaignList
from campaigns.states import ImportState
from dialer.clock import Clock
from dialer.db import affected
from dialer.errors import Conflict


class ImportNotCommitted(Conflict):
    """There is nothing to take back; ``facts`` say the import's state."""

    code = "import_not_committed"
    message = "Only an import that is committed can be undone."


class AlreadyDialled(Conflict):
    """Somebody in the file was called: the import stays. ``facts`` say how many leads."""

    code = "already_dialled"
    message = "Somebody in this file was called already, so the import stays."


class BeingDialled(Conflict):
    """A campaign holds some of its leads at this moment."""

    code = "being_dialled"
    message = (
        "Some of its leads are being dialled at this moment: pause the campaign and try again."
    )


class StoodUpon(Conflict):
    """A later import changed the same persons, or mended rows of this one."""

    code = "later_import"
    message = "A later import changed the same contacts: undo that one first."


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo took back."""

    contacts: int  #: deleted, with their numbers and leads
    restored: int  #: contacts that were there before, as they were
    refused: int  #: refused rows deleted
    reopened: int  #: refused rows of an earlier import that the file had mended
    consents: int  #: withdrawn: the ledger deletes nothing


async def undo(
    session: AsyncSession,
    import_id: UUID,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> Undone:
    """Take an import back in the caller's transaction; its row stays, and so does an empty list.

    Leads are locked first: none of them is claimed until the commit.

    Raises:
        ImportNotFound: no such import of this client.
        ImportNotCommitted: it is not committed, or was undone before.
        AlreadyDialled: some of its leads have an attempt.
        BeingDialled: some of its leads are claimed.
        StoodUpon: a later import must be undone first.
    """
    row = await staging.find_import(session, import_id, client_id=client_id, lock=True)
    if row.state is not ImportState.COMMITTED or row.list_id is None:
        raise ImportNotCommitted(state=row.state.value)
    contact_list = await session.get_one(ContactList, row.list_id, with_for_update=True)
    await _require_nothing_upon(session, row)
    parts = await spans(session, row.id, row.list_id)
    await _hold(session, row, parts)
    undone = await _take_back(session, row, parts, clock)
    contact_list.rows_in -= row.rows_in - undone.reopened
    contact_list.rows_accepted -= row.rows_accepted
    contact_list.rows_refused -= row.rows_refused - undone.reopened
    if contact_list.rows_in == 0:  # campaigns have nothing to draw from it
        links = delete(CampaignList).where(col(CampaignList.list_id) == contact_list.id)
        await session.execute(links)
    row.state, row.undone_at = ImportState.UNDONE, clock.now()
    facts = {
        "contacts": undone.contacts,
        "restored": undone.restored,
        "consents_withdrawn": undone.consents,
    }
    await staging.note(session, row, "import.undone", facts, user_id=user_id, clock=clock)
    return undone


async def _require_nothing_upon(session: AsyncSession, row: ListImport) -> None:
    facts = {
        "client_id": row.client_id,
        "import_id": row.id,
        "committed_at": row.committed_at,
    }
    later = (await session.execute(text(undo_sql.LATER), facts)).one_or_none()
    if later is not None:
        raise StoodUpon(import_id=str(later.id), file_name=later.file_name)


async def _hold(session: AsyncSession, row: ListImport, parts: list[tuple[int, int]]) -> None:
    """Lock the leads of all parts, then look whether anybody was, or is being, called."""
    held = dialled = 0
    for part in parts:
        held += await _count(session, undo_sql.HOLD_LEADS, _facts(row, part))
    for part in parts:
        facts = {**_facts(row, part), "committed_at": row.committed_at}
        dialled += await _count(session, undo_sql.DIALLED, facts)
    if dialled:
        raise AlreadyDialled(leads=dialled)
    if held:
        raise BeingDialled(leads=held)


async def _take_back(
    session: AsyncSession, row: ListImport, parts: list[tuple[int, int]], clock: Clock
) -> Undone:
    contacts = restored = consents = 0
    for part in parts:
        facts = _facts(row, part)
        consents += await withdraw_consents(session, row, *part, now=clock.now())
        leads = list((await session.execute(text(undo_sql.LEADS), facts)).scalars())
        for statement in undo_sql.DELETE_LEADS:
            await _run(session, statement, {"leads": leads})
        for statement in undo_sql.DELETE_MADE:
            changed = await _run(session, statement, facts)
        contacts += changed
        for statement in undo_sql.RESTORE_CHANGED:
            changed = await _run(session, statement, facts)
        restored += changed
    whole = {"import_id": row.id}
    await _run(session, undo_sql.FORGET_FILE, whole)
    refused = await _run(session, undo_sql.DELETE_REFUSED, whole)
    reopened = await _run(session, undo_sql.PUT_REFUSED_BACK, whole)
    await _run(session, undo_sql.FORGET_CHANGES, whole)
    return Undone(contacts, restored, refused, reopened, consents)


def _facts(row: ListImport, part: tuple[int, int]) -> dict[str, Any]:
    return {"list_id": row.list_id, "import_id": row.id, "first": part[0], "last": part[1]}


async def _run(session: AsyncSession, statement: str, facts: dict[str, Any]) -> int:
    done = await session.execute(text(statement), facts)
    return affected(done)


async def _count(session: AsyncSession, statement: str, facts: dict[str, Any]) -> int:
    return int((await session.execute(text(statement), facts)).scalar_one())
