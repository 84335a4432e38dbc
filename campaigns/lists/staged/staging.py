"""Staging: a file is uploaded, looked at and changed; nothing of it is a contact yet."""

import asyncio
from collections.abc import Mapping as ReadOnlyDict
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.columns.mapping import Mapping, NoPhoneColumn
from campaigns.lists.columns.remembering import remembered
from campaigns.lists.models import ListImport
from campaigns.lists.reading.tables import OpenTable, open_table
from campaigns.lists.staged.options import ImportOptions, check_options
from campaigns.lists.staged.preparing import proposed_mapping
from campaigns.lists.staged.uploads import Upload, UploadFolder
from campaigns.states import ImportState
from campaigns.tenancy import audit
from compliance.rulebook.packs import RuleBook
from dialer.clock import Clock
from dialer.errors import Conflict, NotFound
from dialer.text import cleaned

#: A staged file holds personal data that nobody uses: after this long it goes.
KEEP_STAGED = timedelta(days=7)


class ImportNotFound(NotFound):
    """No import of this client has the id."""

    code = "import_not_found"
    message = "There is no such import."


class ImportNotStaged(Conflict):
    """The import is not staged any more; ``facts`` say what it is."""

    code = "import_not_staged"
    message = "This import is not staged any more: upload the file again."


async def stage(
    session: AsyncSession,
    folder: UploadFolder,
    upload: Upload,
    *,
    client_id: UUID,
    file_name: str,
    name: str,
    options: ImportOptions,
    user_id: UUID | None,
    clock: Clock,
    book: RuleBook,
    mapping: ReadOnlyDict[str, Any] | None = None,
) -> ListImport:
    """Make an import of an uploaded file; a file that cannot be used is deleted again.

    Columns are mapped as the client mapped them last under the same headings, else as proposed. A
    file without a recognisable phone column is staged with an empty mapping: a person must say.

    Raises:
        Invalid: the file is no table, or the options or the mapping cannot be used.
        NotFound: the options name a list or campaign that is not the client's.
    """
    now, kept = clock.now(), False
    try:
        await check_options(session, options, client_id=client_id, book=book, now=now)
        row = ListImport(
            client_id=client_id,
            name=cleaned(name),
            file_name=cleaned(file_name),
            file_sha256=upload.sha256,
            file_bytes=upload.size,
            stored_as=upload.stored_as,
            options=options.as_json(),
            uploaded_by=user_id,
            uploaded_at=now,
        )
        await _look(session, folder, row, mapping)
        session.add(row)
        await session.flush()
        facts = {"file_sha256": row.file_sha256, "file_bytes": row.file_bytes}
        await note(session, row, "import.staged", facts, user_id=user_id, clock=clock)
        kept = True
    finally:  # broken off too: no row would name the file
        if not kept:
            folder.remove(upload.stored_as)
    return row


async def find_import(
    session: AsyncSession, import_id: UUID, *, client_id: UUID, lock: bool = False
) -> ListImport:
    """Return the client's import; with ``lock`` nobody else changes it before the commit.

    Raises:
        ImportNotFound: no such import, or it is another client's.
    """
    row = await session.get(ListImport, import_id, with_for_update=lock, populate_existing=lock)
    if row is None or row.client_id != client_id:
        raise ImportNotFound(import_id=import_id)
    return row


async def same_files(session: AsyncSession, row: ListImport) -> list[ListImport]:
    """Return the client's other imports of the same content, the newest first."""
    statement = (
        select(ListImport)
        .where(
            col(ListImport.client_id) == row.client_id,
            col(ListImport.file_sha256) == row.file_sha256,
            col(ListImport.id) != row.id,
        )
        .order_by(col(ListImport.uploaded_at).desc(), col(ListImport.id).desc())
    )
    return list((await session.exec(statement)).all())


async def change(
    session: AsyncSession,
    folder: UploadFolder,
    row: ListImport,
    *,
    clock: Clock,
    book: RuleBook,
    name: str | None = None,
    options: ReadOnlyDict[str, Any] | None = None,
    mapping: ReadOnlyDict[str, Any] | None = None,
    user_id: UUID | None = None,
) -> None:
    """Change a staged import; options that are not named stay, and None takes one away.

    Another sheet has other columns: they are mapped anew. The counts of a dry run are forgotten.

    Raises:
        ImportNotStaged: it is being committed, or was.
        Invalid: the options or the mapping cannot be used.
    """
    require_staged(row)
    before = ImportOptions.read(row.options)
    wanted = before
    if options is not None:
        kept = {key: value for key, value in row.options.items() if key not in options}
        said = {key: value for key, value in options.items() if value is not None}
        wanted = ImportOptions.read({**kept, **said})
        now = clock.now()
        await check_options(session, wanted, client_id=row.client_id, book=book, now=now)
        row.options = wanted.as_json()
    row.name = name or row.name
    if mapping is not None or wanted.sheet != before.sheet:
        await _look(session, folder, row, mapping)
    row.rows_in = row.rows_accepted = row.rows_refused = row.phones = 0
    row.refused_by_reason, row.warnings = {}, {}
    await session.flush()
    facts = {"name": row.name, "options": row.options, "mapping": row.mapping}
    await note(session, row, "import.changed", facts, user_id=user_id, clock=clock)


async def discard(
    session: AsyncSession, row: ListImport, *, user_id: UUID | None, clock: Clock
) -> None:
    """Forget a staged import; the caller deletes its file after the commit.

    Raises:
        ImportNotStaged: it is being committed, or was.
    """
    require_staged(row)
    facts = {"file_sha256": row.file_sha256}
    await note(session, row, "import.discarded", facts, user_id=user_id, clock=clock)
    await session.delete(row)
    await session.flush()


def require_staged(row: ListImport) -> None:
    """Refuse an import that is being committed, or was.

    Raises:
        ImportNotStaged: with its state.
    """
    if row.state is not ImportState.STAGED:
        raise ImportNotStaged(state=row.state.value)


async def opened(folder: UploadFolder, row: ListImport) -> OpenTable:
    """Open an import's stored file as its options say.

    Raises:
        UploadGone: it is not there any more.
        Invalid: it is no table.
    """
    path, sheet = folder.path(row.stored_as), row.options.get("sheet")
    return await asyncio.to_thread(
        open_table, path, row.file_name, sheet=sheet, limits=folder.limits
    )


def mapping_of(row: ListImport, table: OpenTable) -> Mapping:
    """Return what an import's columns are for.

    Raises:
        NoPhoneColumn: nobody said which column holds phones.
    """
    if not row.mapping:
        raise NoPhoneColumn(columns=list(table.columns))
    return Mapping.from_json(row.mapping, table.columns)


async def note(
    session: AsyncSession,
    row: ListImport,
    action: str,
    facts: ReadOnlyDict[str, Any],
    *,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    """Write what happened to an import to the audit log."""
    told = {"file_name": row.file_name, **facts}
    await audit.trace(session, row, action, told, user_id=user_id, clock=clock)


async def _look(
    session: AsyncSession,
    folder: UploadFolder,
    row: ListImport,
    mapping: ReadOnlyDict[str, Any] | None,
) -> None:
    """Find out the file's shape, and what its columns are for unless ``mapping`` says."""
    table = await opened(folder, row)
    found = {**asdict(table.shape), "columns": table.columns}
    row.shape = {
        key: list(value) if isinstance(value, tuple) else value for key, value in found.items()
    }
    if mapping is not None:
        row.mapping = Mapping.from_json(mapping, table.columns).as_json(table.columns)
        return
    usual = await remembered(session, row.client_id, table)
    try:
        if usual is None:
            usual = await asyncio.to_thread(proposed_mapping, table)
        row.mapping = usual.as_json(table.columns)
    except NoPhoneColumn:
        row.mapping = {}
