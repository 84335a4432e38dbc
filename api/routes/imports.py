"""Imports: a file is uploaded, looked at, rehearsed, committed, and perhaps undone."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlmodel import col, select

from api import importing
from api.auth import ExporterDep, ManagerDep, ReaderDep
from api.deps import ClockDep, ServicesDep, SessionDep
from api.downloading import refused_download
from api.errors import problems
from api.importing import TooLargeToCheck
from api.schemas.imports import (
    ForecastOut,
    ImportPatch,
    ListImportOut,
    PreviewOut,
    SameFileOut,
    UndoneOut,
)
from api.uploading import UploadFormDep, UploadRoute, folder_of
from campaigns.errors import CampaignNotFound, ListNotFound
from campaigns.lists.columns.mapping import MappingFault, NoPhoneColumn
from campaigns.lists.models import ListImport
from campaigns.lists.reading.faults import EmptyFile, FileTooLarge, UnknownSheet, UnreadableFile
from campaigns.lists.staged import committing, staging
from campaigns.lists.staged.options import BadOptions
from campaigns.lists.staged.preparing import UnknownRegion
from campaigns.lists.staged.previewing import preview
from campaigns.lists.staged.progress import progress_of
from campaigns.lists.staged.staging import ImportNotFound, ImportNotStaged
from campaigns.lists.undo.undoing import (
    AlreadyDialled,
    BeingDialled,
    ImportNotCommitted,
    StoodUpon,
    undo,
)
from campaigns.states import ImportState
from dialer.db import transaction
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/imports",
    tags=["lists"],
    route_class=UploadRoute,
    responses=problems(Unauthenticated, Forbidden),
)

_OF_A_FILE = (FileTooLarge, UnreadableFile, EmptyFile, UnknownSheet, UnknownRegion, BadOptions)
_OF_OPTIONS = (BadOptions, MappingFault, UnknownSheet, ListNotFound, CampaignNotFound)


@router.post("", status_code=HTTPStatus.CREATED, responses=problems(*_OF_A_FILE))
async def upload_import(
    form: UploadFormDep, who: ManagerDep, session: SessionDep, services: ServicesDep
) -> ListImportOut:
    """Stage a file: it is stored and looked at; nothing of it is a contact yet.

    ``same_files`` names earlier imports of the same content.
    """
    # The caller is known: no transaction stays open and idle while a large file is stored.
    await session.rollback()
    sent = await importing.take_in(form, services)
    row = await importing.stage(session, sent, who, services)
    same = await staging.same_files(session, row)
    return _shown(row, same)


@router.get("")
async def list_imports(who: ReaderDep, session: SessionDep) -> list[ListImportOut]:
    """Return the client's imports, the newest first."""
    statement = (
        select(ListImport)
        .where(col(ListImport.client_id) == who.client_id)
        .order_by(col(ListImport.id).desc())
    )
    return [_shown(row) for row in (await session.exec(statement)).all()]


@router.get("/{import_id}", responses=problems(ImportNotFound))
async def get_import(
    import_id: UUID, who: ReaderDep, session: SessionDep, services: ServicesDep
) -> ListImportOut:
    """Return one import; while it is being committed, with the rows that are written."""
    row = await staging.find_import(session, import_id, client_id=who.client_id)
    shown = _shown(row, await staging.same_files(session, row))
    if row.state is ImportState.COMMITTING:
        shown.rows_written = await progress_of(services.redis, row.id)
    return shown


@router.get("/{import_id}/preview", responses=problems(ImportNotFound, ImportNotStaged))
async def preview_import(
    import_id: UUID, who: ManagerDep, session: SessionDep, services: ServicesDep
) -> PreviewOut:
    """Return the first 20 rows, and what each column is taken for."""
    row = await staging.find_import(session, import_id, client_id=who.client_id)
    staging.require_staged(row)
    return PreviewOut.model_validate(await preview(folder_of(services), row))


@router.patch("/{import_id}", responses=problems(ImportNotFound, ImportNotStaged, *_OF_OPTIONS))
async def change_import(
    import_id: UUID,
    body: ImportPatch,
    who: ManagerDep,
    session: SessionDep,
    services: ServicesDep,
) -> ListImportOut:
    """Change what a staged import will do."""
    row = await staging.find_import(session, import_id, client_id=who.client_id, lock=True)
    await staging.change(
        session,
        folder_of(services),
        row,
        clock=services.clock,
        book=services.law.book,
        name=body.name,
        options=body.options,
        mapping=body.mapping,
        user_id=who.user_id,
    )
    return _shown(row)


@router.delete(
    "/{import_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(ImportNotFound, ImportNotStaged),
)
async def discard_import(
    import_id: UUID, who: ManagerDep, services: ServicesDep, session: SessionDep
) -> None:
    """Forget a staged import and its file."""
    await session.rollback()
    await importing.discard(services, import_id, who)


@router.post(
    "/{import_id}/dry-run",
    responses=problems(ImportNotFound, ImportNotStaged, NoPhoneColumn, TooLargeToCheck),
)
async def rehearse_import(
    import_id: UUID, who: ManagerDep, session: SessionDep, services: ServicesDep
) -> ForecastOut:
    """Tell what a commit would do, and count the skips to come; nothing but the counts is kept.

    A file that a commit leaves to a worker is checked on the command line.
    """
    row = await staging.find_import(session, import_id, client_id=who.client_id)
    return ForecastOut.of(await importing.told(session, services, row))


@router.post(
    "/{import_id}/commit", responses=problems(ImportNotFound, ImportNotStaged, NoPhoneColumn)
)
async def commit_import(
    import_id: UUID,
    who: ManagerDep,
    session: SessionDep,
    services: ServicesDep,
    wait: Annotated[bool, Query(description="Answer when a small file is written.")] = False,
) -> ListImportOut:
    """Make contacts of a staged import: a worker does it, or at once if it is small and you wait."""
    await session.rollback()
    async with transaction(services.sessions, whose=who.whose) as own:
        row = await importing.begin(own, services, import_id, who)
    if wait and committing.is_small(row):
        await importing.write_now(services, row)
    else:
        await importing.leave_job(services, row)
    return _shown(await staging.find_import(session, import_id, client_id=who.client_id))


@router.post(
    "/{import_id}/undo",
    responses=problems(ImportNotFound, ImportNotCommitted, AlreadyDialled, BeingDialled, StoodUpon),
)
async def undo_import(
    import_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> UndoneOut:
    """Take everything back that an import wrote, until the first call to anybody in it."""
    undone = await undo(
        session, import_id, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return UndoneOut.model_validate(undone)


@router.get("/{import_id}/refused.csv", response_class=Response, responses=problems(ImportNotFound))
async def download_refused_of_import(
    import_id: UUID, who: ExporterDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Return the rows it could not use with the reason; mended, they can be sent again."""
    row = await staging.find_import(session, import_id, client_id=who.client_id)
    if row.list_id is None:
        raise ImportNotFound("This import has no refused rows yet: commit it first.")
    return await refused_download(session, who, clock, row.list_id, import_id=row.id)


def _shown(row: ListImport, same: list[ListImport] | None = None) -> ListImportOut:
    shown = ListImportOut.model_validate(row)
    shown.same_files = [SameFileOut.model_validate(one) for one in same or ()]
    return shown
