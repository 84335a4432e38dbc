"""Steps of an import that the JSON API and the pages take alike."""

from dataclasses import dataclass
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Services
from api.uploading import UploadForm, folder_of, keep_upload
from campaigns.lists.models import ListImport
from campaigns.lists.staged import committing, staging
from campaigns.lists.staged.forecasting import Forecast, forecast
from campaigns.lists.staged.options import ImportOptions
from campaigns.lists.staged.uploads import Upload
from campaigns.tenancy.tokens import Identity
from dialer.db import transaction
from dialer.errors import Invalid
from dialer.jobs import JobName

log = structlog.get_logger()


class TooLargeToCheck(Invalid):
    """Checking every row takes longer than a request may."""

    code = "too_large_to_check"
    message = (
        "This file is too large to be checked here: run `outdial import FILE --dry-run`."
        " It can be imported all the same, and undone until the first call."
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was taken in, and what is to be done with it."""

    upload: Upload
    file_name: str
    name: str  #: the list's
    options: ImportOptions


async def take_in(form: UploadForm, services: Services) -> Sent:
    """Store what a form brings; no transaction should be open meanwhile.

    Raises:
        BadOptions: the import cannot be done so; nothing is stored.
        Invalid: neither a file nor text, or both, or more than the limit.
    """
    options = form.wanted()
    upload, file_name = await keep_upload(folder_of(services), form.file, form.pasted)
    return Sent(upload, file_name, form.name, options)


async def stage(session: AsyncSession, sent: Sent, who: Identity, services: Services) -> ListImport:
    """Look at what was sent, and keep it as an import of the client's; see ``staging.stage``."""
    return await staging.stage(
        session,
        folder_of(services),
        sent.upload,
        client_id=who.client_id,
        file_name=sent.file_name,
        name=sent.name,
        options=sent.options,
        user_id=who.user_id,
        clock=services.clock,
        book=services.law.book,
    )


async def told(session: AsyncSession, services: Services, row: ListImport) -> Forecast:
    """Tell what committing a staged import would do.

    Raises:
        ImportNotStaged, NoPhoneColumn, UploadGone: see ``forecast``.
        TooLargeToCheck: a commit of it is left to a worker, too.
    """
    staging.require_staged(row)
    if not committing.is_small(row):
        raise TooLargeToCheck(rows_at_most=committing.SMALL_ROWS)
    return await forecast(
        session,
        folder_of(services),
        row,
        law=services.law,
        shelf=services.shelf,
        clock=services.clock,
    )


async def begin(
    own: AsyncSession, services: Services, import_id: UUID, who: Identity
) -> ListImport:
    """Decide that a staged import is written; ``write_now`` or a worker does it after the commit.

    Raises:
        ImportNotFound, ImportNotStaged, NoPhoneColumn, UploadGone: see ``committing.begin_commit``.
    """
    return await committing.begin_commit(
        own,
        folder_of(services),
        import_id,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=services.clock,
    )


async def write_now(services: Services, row: ListImport) -> None:
    """Write an import while the caller waits.

    Raises:
        Invalid, NotFound, Conflict: the import has failed.
    """
    await committing.write(services.sessions, folder_of(services), row.id, clock=services.clock)


async def leave_job(services: Services, row: ListImport) -> None:
    """Have a worker write the import; if Redis is away, the workers' sweep finds it."""
    try:
        await services.jobs.enqueue(
            JobName.IMPORT_LIST, key=f"import:{row.id}", import_id=str(row.id)
        )
    except (RedisError, OSError) as error:
        log.warning("import.job_not_left", error=type(error).__name__)


async def discard(services: Services, import_id: UUID, who: Identity) -> None:
    """Forget a staged import and its file, in a transaction of its own.

    Raises:
        ImportNotFound: no such import of this client.
        ImportNotStaged: it is being committed, or was.
    """
    async with transaction(services.sessions, whose=who.whose) as own:
        row = await staging.find_import(own, import_id, client_id=who.client_id, lock=True)
        stored_as = row.stored_as
        await staging.discard(own, row, user_id=who.user_id, clock=services.clock)
    folder_of(services).remove(stored_as)
