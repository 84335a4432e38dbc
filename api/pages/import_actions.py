"""The buttons of an import's page. Each is a form of our own page; scripts are not needed."""

from http import HTTPStatus
from uuid import UUID

import structlog
from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api import importing
from api.import_forms import ImportForm
from api.pages.asked import Asked, AskedToChangeDep
from api.pages.imports import show_import
from api.uploading import folder_of
from campaigns.lists.models import ListImport
from campaigns.lists.staged import committing, staging
from campaigns.lists.staged.staging import ImportNotFound
from campaigns.lists.undo.undoing import undo
from dialer.db import transaction
from dialer.errors import Conflict, Invalid, NotFound, OutdialError

log = structlog.get_logger()

#: A mapping of a table as wide as we read has one field a column, and the options.
MOST_FIELDS = 1_100

router = APIRouter(prefix="/imports")


@router.post("/{import_id}")
async def save(import_id: UUID, asked: AskedToChangeDep) -> Response:
    """Keep what the form says, and check the file again with it."""
    return await _keep(import_id, asked, commits=False)


@router.post("/{import_id}/commit")
async def commit(import_id: UUID, asked: AskedToChangeDep) -> Response:
    """Keep what the form says and import the file: a small one at once, others by a worker."""
    return await _keep(import_id, asked, commits=True)


async def _keep(import_id: UUID, asked: Asked, *, commits: bool) -> Response:
    who, services = asked.who, asked.services
    given = dict(await asked.request.form(max_files=0, max_fields=MOST_FIELDS))
    await asked.session.rollback()
    form = None
    try:
        async with transaction(services.sessions, whose=who.whose) as own:
            row = await staging.find_import(own, import_id, client_id=who.client_id, lock=True)
            staging.require_staged(row)
            form = ImportForm.read(given, row)
            await change_staged(own, asked, row, form)
            if commits:
                await importing.begin(own, services, row.id, who)
    except ImportNotFound:
        raise
    except (Invalid, NotFound, Conflict) as problem:
        return await _again(import_id, asked, problem, form)
    if not commits:
        return _to(f"/imports/{import_id}#check")
    await write(asked, row)
    return _to(f"/imports/{import_id}")


async def change_staged(own: AsyncSession, asked: Asked, row: ListImport, form: ImportForm) -> None:
    """Keep what a form says of a staged import."""
    await staging.change(
        own,
        folder_of(asked.services),
        row,
        clock=asked.services.clock,
        book=asked.services.law.book,
        name=form.name,
        options=form.options(row),
        mapping=form.mapping(row),
        user_id=asked.who.user_id,
    )


async def write(asked: Asked, row: ListImport) -> None:
    """Write a small import now; leave another one to a worker, who finds it without Redis too."""
    if not committing.is_small(row):
        await importing.leave_job(asked.services, row)
        return
    try:
        await importing.write_now(asked.services, row)
    except (Invalid, NotFound, Conflict) as fault:
        log.info("import.failed", import_id=str(row.id), code=fault.code)  # the page says why


@router.post("/{import_id}/undo")
async def take_back(import_id: UUID, asked: AskedToChangeDep) -> Response:
    """Take everything back that the import wrote."""
    who = asked.who
    try:
        await undo(
            asked.session,
            import_id,
            client_id=who.client_id,
            user_id=who.user_id,
            clock=asked.services.clock,
        )
    except Conflict as problem:
        await asked.session.rollback()
        return await _again(import_id, asked, problem)
    return _to(f"/imports/{import_id}")


@router.post("/{import_id}/discard")
async def discard(import_id: UUID, asked: AskedToChangeDep) -> Response:
    """Forget a staged import and its file."""
    await asked.session.rollback()
    try:
        await importing.discard(asked.services, import_id, asked.who)
    except Conflict as problem:
        return await _again(import_id, asked, problem)
    return _to("/lists")


async def _again(
    import_id: UUID, asked: Asked, problem: OutdialError, form: ImportForm | None = None
) -> Response:
    """Show the page again with what is wrong above it, and the form as it was sent."""
    row = await asked.find(import_id)
    conflict = isinstance(problem, Conflict)
    code = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY
    return await show_import(asked, row, problem=asked.words_of(problem), form=form, http_code=code)


def _to(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
