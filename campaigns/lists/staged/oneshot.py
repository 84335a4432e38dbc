"""One step: a file that is uploaded and committed while its sender waits."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from campaigns.lists.columns.mapping import NoPhoneColumn
from campaigns.lists.staged import committing, staging
from campaigns.lists.staged.committing import Committed
from campaigns.lists.staged.options import ImportOptions
from campaigns.lists.staged.plan import Progress
from campaigns.lists.staged.uploads import Upload, UploadFolder
from campaigns.states import ImportState
from compliance.rulebook.packs import RuleBook
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from dialer.errors import OutdialError


async def import_upload(
    sessions: SessionFactory,
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
    mapping: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> Committed:
    """Stage an uploaded file and write it at once; see :func:`campaigns.lists.staged.staging.stage`.

    Raises:
        NoPhoneColumn: no column holds phones; nothing is kept.
        Invalid, NotFound, Conflict: the file or its options cannot be used.
    """
    try:
        async with transaction(sessions) as session:
            row = await staging.stage(
                session,
                folder,
                upload,
                client_id=client_id,
                file_name=file_name,
                name=name,
                options=options,
                user_id=user_id,
                clock=clock,
                book=book,
                mapping=mapping,
            )
            if not row.mapping:
                raise NoPhoneColumn(columns=row.shape["columns"])
    except OutdialError:
        folder.remove(upload.stored_as)
        raise
    done = await committing.write(
        sessions, folder, row.id, clock=clock, progress=progress, state=ImportState.STAGED
    )
    if done is None:
        raise staging.ImportNotStaged
    return done
