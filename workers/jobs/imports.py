"""Write imports that were committed, show how far they are, and sweep what is left of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import structlog
from redis.asyncio import Redis
from sqlmodel import col, or_, select

from campaigns.lists.models import ListImport, OriginalFile
from campaigns.lists.staged import committing, staging
from campaigns.lists.staged.plan import Progress
from campaigns.lists.staged.progress import clear_progress, count_try, show_progress
from campaigns.lists.staged.uploads import UploadFolder
from campaigns.states import ImportState
from dialer.db import transaction
from dialer.errors import Conflict, Invalid, NotFound
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: An import that ended its worker so often is not tried again.
MOST_TRIES = 5
_GIVEN_UP = "The import was broken off several times. It was logged; try a smaller file."
_SHOW_EVERY_S = 0.5
#: Ten million rows take minutes; nothing takes longer than this, seconds.
JOB_TIMEOUT_S = 2 * 3600


async def import_list(ctx: dict[str, Any], import_id: str) -> bool:
    """Write one import. Safe to repeat; False when there is nothing to do, or it cannot be used."""
    deps: BackgroundDeps = ctx["deps"]
    return await run(deps, UUID(import_id))


async def run(deps: BackgroundDeps, import_id: UUID) -> bool:
    """Write one import that is being committed, unless another worker is at it.

    What is wrong with the file is told by the import's state; what is wrong with us is raised.
    """
    if not await committing.is_waiting(deps.sessions, import_id):
        return False
    folder = UploadFolder(deps.settings.uploads())
    redis = Redis.from_url(deps.settings.redis())
    try:
        if await count_try(redis, import_id) > MOST_TRIES:
            log.error("import.given_up", import_id=str(import_id))
            await committing.fail(deps.sessions, folder, import_id, _GIVEN_UP, clock=deps.clock)
            return False
        async with _shown(redis, import_id) as progress:
            done = await committing.write(
                deps.sessions, folder, import_id, clock=deps.clock, progress=progress
            )
    except (Invalid, NotFound, Conflict) as fault:
        log.info("import.failed", import_id=str(import_id), code=fault.code)
        return False
    else:
        await clear_progress(redis, import_id)
    finally:
        await redis.aclose()
    if done is None:
        return False
    report = done.report
    log.info("import.committed", import_id=str(import_id), rows=report.rows_in)
    return True


async def sweep_imports(ctx: dict[str, Any]) -> int:
    """Write imports whose job was lost, and let go of what nobody will use; return how many were written.

    Staged files that nobody committed within a week, and files that no import names, are deleted.
    """
    deps: BackgroundDeps = ctx["deps"]
    waiting = select(ListImport.id).where(col(ListImport.state) == ImportState.COMMITTING)
    async with deps.sessions() as session:
        ids = list(await session.exec(waiting.order_by(col(ListImport.id))))
    written = 0
    for import_id in ids:
        written += await run(deps, import_id)
    await _let_go(deps)
    return written


async def _let_go(deps: BackgroundDeps) -> None:
    folder = UploadFolder(deps.settings.uploads())
    now = deps.clock.now()
    old = select(ListImport).where(
        col(ListImport.state) == ImportState.STAGED,
        col(ListImport.uploaded_at) < now - staging.KEEP_STAGED,
    )
    async with transaction(deps.sessions) as session:
        rows = (await session.exec(old.with_for_update(skip_locked=True))).all()
        files = [row.stored_as for row in rows]
        for row in rows:
            await staging.discard(session, row, user_id=None, clock=deps.clock)
    for stored_as in files:
        folder.remove(stored_as)
    live = or_(
        col(ListImport.state) == ImportState.STAGED, col(ListImport.state) == ImportState.COMMITTING
    )
    async with deps.sessions() as session:
        named = set(await session.exec(select(ListImport.stored_as).where(live)))
        kept = set(await session.exec(select(OriginalFile.stored_as)))
    names = kept | {name for name in named if name is not None}
    removed = await asyncio.to_thread(folder.sweep, names, now_s=now.timestamp())
    if files or removed:
        log.info("uploads.swept", staged=len(files), strays=removed)


@asynccontextmanager
async def _shown(redis: Redis, import_id: UUID) -> AsyncIterator[Progress]:
    """Give a progress callback; what it was told last is shown twice a second."""
    told: tuple[int, int | None] | None = None

    def progress(done: int, total: int | None) -> None:
        nonlocal told
        told = done, total

    async def show() -> None:
        while True:
            await asyncio.sleep(_SHOW_EVERY_S)
            if told is not None:
                await show_progress(redis, import_id, *told)

    showing = asyncio.create_task(show())
    try:
        yield progress
    finally:
        showing.cancel()
        with suppress(asyncio.CancelledError):
            await showing
