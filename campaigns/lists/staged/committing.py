"""Committing: a staged import becomes contacts, in one transaction that nobody sees half of."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.columns.remembering import remember
from campaigns.lists.models import ContactList, ListImport, OriginalFile
from campaigns.lists.reading.tables import OpenTable
from campaigns.lists.staged import staging
from campaigns.lists.staged.mended import own_columns, rows_of
from campaigns.lists.staged.options import ImportOptions
from campaigns.lists.staged.plan import DncLookup, ImportReport, Progress
from campaigns.lists.staged.planning import plan_of, take_counts
from campaigns.lists.staged.uploads import UploadFolder
from campaigns.lists.undo.traces import forget_unmended, keep_refused, mark_enrolled
from campaigns.lists.writing.consenting import record_consents
from campaigns.lists.writing.importing import write_import
from campaigns.states import ImportState
from dialer.clock import Clock, FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Conflict, Invalid, NotFound

log = structlog.get_logger()

#: Files of at most so many rows are written while the caller waits.
SMALL_ROWS = 20_000
#: A file whose rows nobody has counted is taken for small up to this size.
_SMALL_BYTES = 2 * 1024 * 1024
_UNSTORABLE = "The database does not take the file's contents. It was logged."


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of a committed import."""

    row: ListImport
    report: ImportReport
    leads_enrolled: int
    consents: int  #: entered into the ledger
    kept: bool = False  #: the client's file stays, to be given back with corrected values


async def begin_commit(
    session: AsyncSession,
    folder: UploadFolder,
    import_id: UUID,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> ListImport:
    """Decide that a staged import is written; :func:`write` or a worker does it afterwards.

    Repeating it while the import is being committed changes nothing.

    Raises:
        ImportNotFound: no such import of this client.
        ImportNotStaged: it was committed, undone, or failed.
        NoPhoneColumn: nobody said which column holds phones.
        UploadGone: the file is not there any more.
    """
    row = await staging.find_import(session, import_id, client_id=client_id, lock=True)
    if row.state is ImportState.COMMITTING:
        return row
    staging.require_staged(row)
    staging.mapping_of(row, await staging.opened(folder, row))
    row.state, row.committed_by = ImportState.COMMITTING, user_id
    facts = {"options": row.options, "mapping": row.mapping}
    await staging.note(session, row, "import.commit_started", facts, user_id=user_id, clock=clock)
    return row


def is_small(row: ListImport) -> bool:
    """Tell whether a caller may wait while the import is written."""
    rows = row.rows_in or max(row.shape.get("sheet_rows") or (0,))
    return 0 < rows < SMALL_ROWS or row.file_bytes <= _SMALL_BYTES


async def write(
    sessions: SessionFactory,
    folder: UploadFolder,
    import_id: UUID,
    *,
    clock: Clock,
    progress: Progress | None = None,
    dnc: Mapping[str, DncLookup] | None = None,
    state: ImportState = ImportState.COMMITTING,
) -> Committed | None:
    """Write an import that is in ``state``, and delete its file.

    A caller that waits may write a staged one at once: after a crash it is staged still.

    One transaction: a crash leaves the import as it was, to be written anew. What is wrong with the
    file itself ends the import as failed. None when it is in another state, or somebody else is
    writing it at this moment.

    Raises:
        Invalid, NotFound, Conflict: the file or its options cannot be used; the import has failed.
    """
    stored_as = None
    try:
        async with transaction(sessions) as session:
            row = await _take(session, import_id, state)
            if row is None:
                return None
            stored_as = row.stored_as
            if state is ImportState.STAGED:  # uploaded and written by one command
                row.committed_by = row.uploaded_by
            done = await _write(session, folder, row, clock, progress, dnc)
    except (Invalid, NotFound, Conflict) as fault:
        await fail(sessions, folder, import_id, fault.detail, clock=clock, state=state)
        raise
    except (DataError, IntegrityError) as fault:
        # Without the traceback: the database's message may quote a number.
        log.error(  # noqa: TRY400 - see above
            "import.not_stored", import_id=str(import_id), error=type(fault).__name__
        )
        await fail(sessions, folder, import_id, _UNSTORABLE, clock=clock, state=state)
        raise Invalid(_UNSTORABLE) from fault
    if not done.kept:
        folder.remove(stored_as)
    return done


async def is_waiting(sessions: SessionFactory, import_id: UUID) -> bool:
    """Tell whether an import is to be written and nobody is writing it at this moment."""
    async with sessions() as session:
        return await _take(session, import_id, ImportState.COMMITTING) is not None


async def fail(
    sessions: SessionFactory,
    folder: UploadFolder,
    import_id: UUID,
    reason: str,
    *,
    clock: Clock,
    state: ImportState = ImportState.COMMITTING,
) -> None:
    """End an import that is in ``state`` as failed; ``reason`` is a sentence for people."""
    async with transaction(sessions) as session:
        row = await _take(session, import_id, state)
        if row is None:
            return
        stored_as, row.stored_as = row.stored_as, None
        row.state, row.state_reason = ImportState.FAILED, reason
        await staging.note(
            session, row, "import.failed", {"reason": reason}, user_id=None, clock=clock
        )
    folder.remove(stored_as)


async def _take(session: AsyncSession, import_id: UUID, state: ImportState) -> ListImport | None:
    """Return the import, locked, if it is in ``state`` and nobody else is writing it."""
    statement = (
        select(ListImport)
        .where(col(ListImport.id) == import_id, col(ListImport.state) == state)
        .with_for_update(skip_locked=True)
    )
    return (await session.exec(statement)).first()


async def _write(
    session: AsyncSession,
    folder: UploadFolder,
    row: ListImport,
    clock: Clock,
    progress: Progress | None,
    dnc: Mapping[str, DncLookup] | None,
) -> Committed:
    options = ImportOptions.read(row.options)
    table = await staging.opened(folder, row)
    now = clock.now()
    contact_list = await _list_for(session, row, options, table, clock)
    row.list_id = contact_list.id
    mends = options.list_id is not None and own_columns(table.columns).row_column is not None
    if mends:
        await keep_refused(session, row)
    first_row = (await rows_of(session, contact_list.id, own_columns(table.columns))).base + 1
    plan = await plan_of(session, row, options, table)
    # One instant for all it writes, by which the import knows its own rows again.
    report = await write_import(
        session, plan, table, clock=FrozenClock(now), progress=progress, dnc=dnc
    )
    if mends:
        await forget_unmended(session, row)
    enrolled = await mark_enrolled(session, row, options, report, now)
    consents = 0
    if options.consent is not None:
        consents = await record_consents(session, row, options.consent, now=now)
    await remember(session, row, table, clock)
    take_counts(row, report)
    if not mends:  # a refusal file is ours; its rows are in the client's file
        session.add(_original(row, contact_list, first_row))
    row.state, row.committed_at, row.stored_as = ImportState.COMMITTED, now, None
    facts = {"list_id": str(row.list_id), "rows_in": row.rows_in, "accepted": row.rows_accepted}
    await staging.note(
        session, row, "import.committed", facts, user_id=row.committed_by, clock=clock
    )
    return Committed(row, report, enrolled, consents, kept=not mends)


def _original(row: ListImport, contact_list: ContactList, first_row: int) -> OriginalFile:
    return OriginalFile(
        import_id=row.id,
        client_id=row.client_id,
        list_id=contact_list.id,
        first_row=first_row,
        stored_as=row.stored_as or "",
        kept_at=row.uploaded_at,
    )


async def _list_for(
    session: AsyncSession,
    row: ListImport,
    options: ImportOptions,
    table: OpenTable,
    clock: Clock,
) -> ContactList:
    if options.list_id is not None:
        return await session.get_one(ContactList, options.list_id, with_for_update=True)
    made = ContactList(
        client_id=row.client_id,
        name=row.name,
        file_name=row.file_name,
        file_sha256=row.file_sha256,
        region=options.region,
        columns=list(own_columns(table.columns).names),
        imported_at=clock.now(),
    )
    session.add(made)
    await session.flush()
    return made
