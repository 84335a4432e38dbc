"""Make the reports that are due: schedules whose moment has come, runs that wait or are to be tried again."""

import asyncio
from typing import Any
from uuid import UUID

import structlog

from campaigns.delivery.deliveries.carrying import Means, means_of
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.delivery.deliveries.words import DeliveryReason
from campaigns.saved_reports import planning, running
from campaigns.saved_reports.words import RunState
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: A hundred reports of a year at a full hour; nothing takes longer than this, seconds.
JOB_TIMEOUT_S = 1800


#: So many sweeps at once: slow mail servers must not take all places of the worker.
SWEEPS_AT_ONCE = 2


def rooms() -> dict[str, asyncio.Semaphore]:
    """Return what the sweeps of one worker share."""
    return {"report_sweeps": asyncio.Semaphore(SWEEPS_AT_ONCE)}


async def sweep_saved_reports(ctx: dict[str, Any]) -> int:
    """Plan what is due and make it; return how many reports were made."""
    sweeps: asyncio.Semaphore = ctx["report_sweeps"]
    if sweeps.locked():
        return 0
    async with sweeps:
        return await sweep(ctx["deps"])


async def sweep(deps: BackgroundDeps) -> int:
    """Plan what is due and make it, one after the other."""
    means = means_of(deps.settings, deps.clock)
    planned = await planning.plan_due(deps.sessions, deps.clock)
    if planned:
        log.info("reports.planned", planned=planned)
    waiting = await planning.due(deps.sessions, deps.clock)
    return sum([await _try(deps, means, run_id) for run_id in waiting])


async def sweep_report_files(ctx: dict[str, Any]) -> int:
    """Delete files of reports that are kept long enough; return how many."""
    deps: BackgroundDeps = ctx["deps"]
    return await planning.let_go(deps.sessions, deps.clock)


async def _try(deps: BackgroundDeps, means: Means, run_id: UUID) -> bool:
    began_at = deps.clock.now()
    try:
        state = await running.run(deps.sessions, means, run_id)
    except Exception as error:  # whatever is wrong with one, the others are made
        log.exception("report.broke", run_id=str(run_id))
        fault = SendFault(DeliveryReason.OUR_FAULT, type(error).__name__)
        await running.failed(deps.sessions, run_id, fault, began_at=began_at, clock=deps.clock)
        return False
    return state is RunState.DONE
