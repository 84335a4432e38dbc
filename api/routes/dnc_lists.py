"""Do-not-call lists of registers: upload a version, apply changes, see what is in force."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Depends, File, Form, UploadFile
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.auth import ManagerDep
from api.deps import ClockDep, ServicesDep, SessionDep
from api.errors import problems
from api.schemas.compliance import DncListOut, DncLoadedOut
from api.uploading import UploadRoute
from campaigns.law import dnc_lists
from campaigns.law.dnc_lists import Loaded
from campaigns.law.list_sources import (
    DncListNotFound,
    ListFromTheFuture,
    ListSource,
    ListTerms,
    OlderList,
    Owner,
)
from compliance.dnc.errors import DncUnreadable
from compliance.dnc.formats import DncFormat
from compliance.rulebook.rules import DncSemantics
from dialer.clock import Clock
from dialer.errors import Forbidden, Invalid, Unauthenticated
from dialer.text import cleaned

#: A packed national list; larger ones go in by the command line.
MAX_LIST_BYTES = 1024 * 1024 * 1024

Upload = Annotated[UploadFile, File(description="The register's file, packed or not.")]


class ListTooLarge(Invalid):
    """The file is larger than one upload may be."""

    code = "list_too_large"
    message = "The list is too large to be uploaded: load it with `outdial dnc load`."


class _ListRoute(UploadRoute):
    """Takes registers' files."""

    def file_bytes(self) -> int:
        return MAX_LIST_BYTES

    def too_large(self, size: int | None) -> ListTooLarge:
        return ListTooLarge(size=size, limit=self.file_bytes())


router = APIRouter(
    prefix="/dnc-lists",
    tags=["compliance"],
    route_class=_ListRoute,
    responses=problems(Unauthenticated, Forbidden),
)


class ListForm(BaseModel):
    """What is said of an uploaded list."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    obtained_at: AwareDatetime
    region: Annotated[str, Field(pattern=r"^[A-Za-z]{2}$")] = "US"
    format: DncFormat | None = None
    semantics: DncSemantics | None = None
    max_age_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    always_applies: bool | None = None
    force: bool = False


async def _form(
    code: Annotated[str, Form(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")],
    obtained_at: Annotated[AwareDatetime, Form(description="When the register gave it.")],
    region: Annotated[str, Form(pattern=r"^[A-Za-z]{2}$")] = "US",
    format: Annotated[DncFormat | None, Form()] = None,
    semantics: Annotated[DncSemantics | None, Form()] = None,
    max_age_days: Annotated[int | None, Form(ge=1, le=3650)] = None,
    always_applies: Annotated[bool | None, Form()] = None,
    force: Annotated[bool, Form(description="Even if a newer one is in force.")] = False,
) -> ListForm:
    return ListForm(
        code=code,
        obtained_at=obtained_at,
        region=region,
        format=format,
        semantics=semantics,
        max_age_days=max_age_days,
        always_applies=always_applies,
        force=force,
    )


FormDep = Annotated[ListForm, Depends(_form)]


@router.get("")
async def list_lists(who: ManagerDep, session: SessionDep, clock: ClockDep) -> list[DncListOut]:
    """Return the lists the client's calls may need: its own, and everybody's."""
    rows = await dnc_lists.find_lists(session, client_id=who.client_id)
    return [DncListOut.model_validate(dnc_lists.shown(row, clock.now())) for row in rows]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(ListTooLarge, DncUnreadable, OlderList, ListFromTheFuture),
)
async def load_list(
    file: Upload,
    form: FormDep,
    who: ManagerDep,
    session: SessionDep,
    services: ServicesDep,
) -> DncLoadedOut:
    """Load a full list of the client's own and put it in force."""
    terms = ListTerms(form.semantics, form.max_age_days, form.always_applies)
    # The caller is known: no transaction stays open and idle while a large file is read.
    await session.rollback()
    async with _stored(file, form) as source:
        done = await dnc_lists.load_list(
            session,
            source,
            directory=services.settings.dnc_lists(),
            owner=Owner(who.client_id, who.user_id),
            clock=services.clock,
            terms=terms,
            force=form.force,
        )
    return _shown(done, services.clock)


@router.post(
    "/changes",
    status_code=HTTPStatus.CREATED,
    responses=problems(ListTooLarge, DncListNotFound, DncUnreadable, OlderList),
)
async def apply_changes(
    file: Upload,
    form: FormDep,
    who: ManagerDep,
    session: SessionDep,
    services: ServicesDep,
) -> DncLoadedOut:
    """Apply a change list to the client's own list in force."""
    await session.rollback()
    async with _stored(file, form) as source:
        done = await dnc_lists.apply_changes(
            session,
            source,
            directory=services.settings.dnc_lists(),
            owner=Owner(who.client_id, who.user_id),
            clock=services.clock,
        )
    return _shown(done, services.clock)


@asynccontextmanager
async def _stored(file: UploadFile, form: ListForm) -> AsyncIterator[ListSource]:
    """Put an upload where it has a path, for as long as the block lasts."""
    if (file.size or 0) > MAX_LIST_BYTES:
        raise ListTooLarge(size=file.size)
    with tempfile.NamedTemporaryFile(prefix="dnc-") as kept:
        await anyio.to_thread.run_sync(shutil.copyfileobj, file.file, kept)
        kept.flush()
        yield ListSource(
            form.code,
            Path(kept.name),
            form.obtained_at,
            form.region,
            file_name=cleaned(file.filename or "") or None,
            format=form.format,
        )


def _shown(done: Loaded, clock: Clock) -> DncLoadedOut:
    return DncLoadedOut(
        in_force=DncListOut.model_validate(dnc_lists.shown(done.row, clock.now())),
        lines=done.report.lines,
        lines_refused=done.report.refused,
        first_refused_lines=list(done.report.refused_samples),
    )
