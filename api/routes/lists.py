"""Contact lists: upload a file, see what became of it, download the rows it could not give."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import exists
from sqlmodel import col, select

from api.auth import ExporterDep, ManagerDep, ReaderDep
from api.deps import ClockDep, ServicesDep, SessionDep
from api.downloading import refused_download
from api.errors import problems
from api.schemas.lists import ImportOut, ListOut
from api.uploading import UploadFormDep, UploadRoute, folder_of, keep_upload
from campaigns.errors import ListNotFound
from campaigns.lists.columns.mapping import NoPhoneColumn
from campaigns.lists.models import ContactList, ListImport
from campaigns.lists.reading.faults import EmptyFile, FileTooLarge, UnreadableFile
from campaigns.lists.staged.committing import Committed
from campaigns.lists.staged.oneshot import import_upload
from campaigns.lists.staged.options import BadOptions
from campaigns.lists.staged.preparing import UnknownRegion
from campaigns.states import ImportState
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/lists",
    tags=["lists"],
    route_class=UploadRoute,
    responses=problems(Unauthenticated, Forbidden),
)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(
        FileTooLarge, UnreadableFile, EmptyFile, NoPhoneColumn, UnknownRegion, BadOptions
    ),
)
async def upload_list(
    request: Request,
    form: UploadFormDep,
    who: ManagerDep,
    session: SessionDep,
    services: ServicesDep,
) -> ImportOut:
    """Import a file, or pasted text, in one step and tell what became of its rows.

    ``/imports`` does the same in steps that can be looked at.
    """
    wanted, folder = form.wanted(), folder_of(services)
    # The caller is known: no transaction stays open and idle while a large file is parsed.
    await session.rollback()
    upload, file_name = await keep_upload(folder, form.file, form.pasted)
    done = await import_upload(
        services.sessions,
        folder,
        upload,
        client_id=who.client_id,
        file_name=file_name,
        name=form.name,
        options=wanted,
        user_id=who.user_id,
        clock=services.clock,
        book=services.law.book,
    )
    return _shown(done, request)


def _shown(done: Committed, request: Request) -> ImportOut:
    report = done.report
    where = request.app.url_path_for("download_refused_rows", list_id=str(report.list_id))
    return ImportOut(
        import_id=done.row.id,
        list_id=report.list_id,
        rows_in=report.rows_in,
        rows_accepted=report.rows_accepted,
        rows_refused=report.rows_refused,
        phones=report.phones,
        refusals=dict(report.refused_by_reason),
        refused_csv=str(where),
    )


@router.get("")
async def list_lists(who: ReaderDep, session: SessionDep) -> list[ListOut]:
    """Return the client's contact lists, the newest first; those that an undo emptied are left out."""
    undone = exists().where(
        col(ListImport.list_id) == ContactList.id, col(ListImport.state) == ImportState.UNDONE
    )
    statement = (
        select(ContactList)
        .where(
            col(ContactList.client_id) == who.client_id, (col(ContactList.rows_in) > 0) | ~undone
        )
        .order_by(col(ContactList.id).desc())
    )
    return [ListOut.model_validate(row) for row in (await session.exec(statement)).all()]


@router.get("/{list_id}", responses=problems(ListNotFound))
async def get_list(list_id: UUID, who: ReaderDep, session: SessionDep) -> ListOut:
    """Return one contact list."""
    statement = select(ContactList).where(
        col(ContactList.id) == list_id, col(ContactList.client_id) == who.client_id
    )
    found = (await session.exec(statement)).first()
    if found is None:
        raise ListNotFound(list_id=list_id)
    return ListOut.model_validate(found)


@router.get("/{list_id}/refused.csv", response_class=Response, responses=problems(ListNotFound))
async def download_refused_rows(
    list_id: UUID, who: ExporterDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Return the refused rows with the client's columns and why; mended, they can be sent again."""
    return await refused_download(session, who, clock, list_id)
