"""The buttons of an import's page. Each is a form of our own page; scripts are not needed."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from redis.exceptions import RedisError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import MANAGERS, PageIdentityDep, require_role
from api.deps import Services, ServicesDep, SessionDep
from api.import_forms import ImportForm
from api.languages import language_of
from api.pages.imports import folder_of, show_import
from api.security import require_same_origin
from api.templating import problem_words
from campaigns.lists.models import ListImport
from campaigns.lists.staged import committing, staging
from campaigns.lists.staged.staging import ImportNotFound
from campaigns.lists.undo.undoing import undo
from campaigns.tenancy.tokens import Identity
from dialer.db import transaction
from dialer.errors import Conflict, Invalid, NotFound, OutdialError
from dialer.jobs import JobName

log = structlog.get_logger()

#: A mapping of a table as wide as we read has one field a column, and the options.
_MOST_FIELDS = 1_100

router = APIRouter(prefix="/imports", dependencies=[Depends(require_same_origin)])


@router.post("/{import_id}")
async def save(
    request: Request,
    import_id: UUID,
    who: PageIdentityDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """Keep what the form says, and check the file again with it."""
    return await _keep(request, import_id, who, session, services, commits=False)


@router.post("/{import_id}/commit")
async def commit(
    request: Request,
    import_id: UUID,
    who: PageIdentityDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """Keep what the form says and import the file: a small one at once, others by a worker."""
    return await _keep(request, import_id, who, session, services, commits=True)


async def _keep(
    request: Request,
    import_id: UUID,
    who: Identity,
    session: AsyncSession,
    services: Services,
    *,
    commits: bool,
) -> Response:
    require_role(who, MANAGERS)
    given = dict(await request.form(max_files=0, max_fields=_MOST_FIELDS))
    await session.rollback()
    form = None
    try:
        async with transaction(services.sessions) as own:
            row = await staging.find_import(own, import_id, client_id=who.client_id, lock=True)
            staging.require_staged(row)
            form = ImportForm.read(given, row)
            await _change(own, services, row, form, who)
            if commits:
                await _begin(own, services, row, who)
    except ImportNotFound:
        raise
    except (Invalid, NotFound, Conflict) as problem:
        return await _again(request, import_id, who, session, services, problem, form)
    if not commits:
        return _to(f"/imports/{import_id}?check=1#check")
    await _write(services, row)
    return _to(f"/imports/{import_id}")


async def _change(
    own: AsyncSession, services: Services, row: ListImport, form: ImportForm, who: Identity
) -> None:
    await staging.change(
        own,
        folder_of(services),
        row,
        clock=services.clock,
        book=services.law.book,
        name=form.name,
        options=form.options(row),
        mapping=form.mapping(row),
        user_id=who.user_id,
    )


async def _begin(own: AsyncSession, services: Services, row: ListImport, who: Identity) -> None:
    await committing.begin_commit(
        own,
        folder_of(services),
        row.id,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=services.clock,
    )


async def _write(services: Services, row: ListImport) -> None:
    """Write a small import now; leave another one to a worker, who finds it without Redis too."""
    if committing.is_small(row):
        try:
            await committing.write(
                services.sessions, folder_of(services), row.id, clock=services.clock
            )
        except (Invalid, NotFound, Conflict) as fault:
            log.info("import.failed", import_id=str(row.id), code=fault.code)  # the page says why
        return
    try:
        await services.jobs.enqueue(
            JobName.IMPORT_LIST, key=f"import:{row.id}", import_id=str(row.id)
        )
    except (RedisError, OSError) as error:
        log.warning("import.job_not_left", error=type(error).__name__)


@router.post("/{import_id}/undo")
async def take_back(
    request: Request,
    import_id: UUID,
    who: PageIdentityDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """Take everything back that the import wrote."""
    require_role(who, MANAGERS)
    try:
        await undo(
            session,
            import_id,
            client_id=who.client_id,
            user_id=who.user_id,
            clock=services.clock,
        )
    except Conflict as problem:
        await session.rollback()
        return await _again(request, import_id, who, session, services, problem)
    return _to(f"/imports/{import_id}")


@router.post("/{import_id}/discard")
async def discard(
    request: Request,
    import_id: UUID,
    who: PageIdentityDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """Forget a staged import and its file."""
    require_role(who, MANAGERS)
    await session.rollback()
    try:
        async with transaction(services.sessions) as own:
            row = await staging.find_import(own, import_id, client_id=who.client_id, lock=True)
            stored_as = row.stored_as
            await staging.discard(own, row, user_id=who.user_id, clock=services.clock)
    except Conflict as problem:
        return await _again(request, import_id, who, session, services, problem)
    folder_of(services).remove(stored_as)
    return _to("/lists")


async def _again(
    request: Request,
    import_id: UUID,
    who: Identity,
    session: AsyncSession,
    services: Services,
    problem: OutdialError,
    form: ImportForm | None = None,
) -> Response:
    """Show the page again with what is wrong above it, and the form as it was sent."""
    row = await staging.find_import(session, import_id, client_id=who.client_id)
    conflict = isinstance(problem, Conflict)
    facts: dict[str, Any] = {"problem": problem_words(language_of(request), problem), "form": form}
    code = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY
    return await show_import(request, row, who, session, services, http_code=code, **facts)


def _to(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
