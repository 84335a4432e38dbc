"""Contact lists: upload a file, see what became of it, download the rows it could not give."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from sqlmodel import col, select

from api.auth import ManagerDep, ReaderDep
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.lists import ImportOut, ListOut
from campaigns.errors import ListNotFound
from campaigns.lists.importing import (
    ImportReport,
    UnknownRegion,
    import_list,
    refused_csv,
)
from campaigns.lists.mapping import NoPhoneColumn
from campaigns.lists.models import ContactList
from campaigns.lists.reading import EmptyFile, UnreadableFile
from dialer.errors import Forbidden, Invalid, Unauthenticated

#: About two million rows of a usual list. The file is read into memory whole.
MAX_FILE_BYTES = 100 * 1024 * 1024

router = APIRouter(prefix="/lists", tags=["lists"], responses=problems(Unauthenticated, Forbidden))


class FileTooLarge(Invalid):
    """The file is larger than one upload may be."""

    code = "file_too_large"
    message = "The file is too large: split it into files of at most 100 MB."


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(FileTooLarge, UnreadableFile, EmptyFile, NoPhoneColumn, UnknownRegion),
)
async def upload_list(
    request: Request,
    file: Annotated[UploadFile, File(description="CSV, XLSX, XLS or ODS; any usual encoding.")],
    name: Annotated[str, Form(min_length=1, max_length=200)],
    region: Annotated[
        str, Form(description="ISO 3166-1 alpha-2, for numbers without a country code.")
    ],
    who: ManagerDep,
    session: SessionDep,
    clock: ClockDep,
) -> ImportOut:
    """Import a file as one contact list and tell what became of its rows."""
    if (file.size or 0) > MAX_FILE_BYTES:
        raise FileTooLarge(size=file.size)
    # The caller is known: no transaction stays open and idle while a large file is parsed.
    await session.rollback()
    report = await import_list(
        session,
        client_id=who.client_id,
        name=name,
        file_name=file.filename or "list",
        data=await file.read(),
        region=region,
        clock=clock,
    )
    return _shown(report, request)


def _shown(report: ImportReport, request: Request) -> ImportOut:
    where = request.app.url_path_for("download_refused", list_id=str(report.list_id))
    return ImportOut(
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
    """Return the client's contact lists, the newest first."""
    statement = (
        select(ContactList)
        .where(col(ContactList.client_id) == who.client_id)
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
async def download_refused(list_id: UUID, who: ReaderDep, session: SessionDep) -> Response:
    """Return the refused rows with the client's columns and why; mended, they can be sent again."""
    text = await refused_csv(session, list_id, who.client_id)
    return Response(
        text.encode("utf-8-sig"),  # the mark makes Excel read UTF-8
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="refused-{list_id}.csv"'},
    )
