"""Write exports that were asked for, and sweep what is left of them."""

from typing import Any
from uuid import UUID

import structlog

from campaigns.delivery import making, retention
from campaigns.delivery.writing import writer
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: A million rows take minutes as a workbook; nothing takes longer than this, seconds.
JOB_TIMEOUT_S = 2 * 3600


async def make_export(ctx: dict[str, Any], export_id: str) -> bool:
    """Write one export. Safe to repeat; False when there is nothing to do, or it failed."""
    deps: BackgroundDeps = ctx["deps"]
    return await run(deps, UUID(export_id))


async def run(deps: BackgroundDeps, export_id: UUID) -> bool:
    """Write one export that waits, unless another worker is at it; what is wrong with us is raised."""
    folder, write = deps.settings.exports(), writer(deps.settings.uploads())
    done = await making.make(deps.sessions, folder, export_id, clock=deps.clock, write=write)
    if done:
        log.info("export.done", export_id=str(export_id))
    return done


async def sweep_exports(ctx: dict[str, Any]) -> int:
    """Write exports whose job was lost, and delete files that are old; return how many were written."""
    deps: BackgroundDeps = ctx["deps"]
    written = 0
    for export_id in await making.waiting(deps.sessions):
        written += await run(deps, export_id)
    await retention.let_go(
        deps.sessions, deps.settings.exports(), deps.settings.uploads(), clock=deps.clock
    )
    return written
