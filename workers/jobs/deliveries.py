"""Deliver what is due: plans whose period is over, deliveries that wait, those to be tried again."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog

from campaigns.delivery.deliveries import ending, keeping, planning, sending
from campaigns.delivery.deliveries.carrying import Means, means_of
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.delivery.deliveries.words import DeliveryReason
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: A million results to a slow server take an hour; nothing takes longer than this, seconds.
JOB_TIMEOUT_S = 6 * 3600
#: Deliveries that go out at once from one worker: a slow server must not hold up the others.
AT_ONCE = 4
#: Sweeps at once: one may wait an hour for a large file; more of them would leave no room for other jobs.
SWEEPS_AT_ONCE = 3


def rooms() -> dict[str, asyncio.Semaphore]:
    """Return what the jobs of one worker share."""
    return {
        "deliveries": asyncio.Semaphore(AT_ONCE),
        "delivery_sweeps": asyncio.Semaphore(SWEEPS_AT_ONCE),
    }


async def sweep_deliveries(ctx: dict[str, Any]) -> int:
    """Plan what is due and bring everything on its way whose job was lost; return how many arrived."""
    sweeps: asyncio.Semaphore = ctx["delivery_sweeps"]
    if sweeps.locked():
        return 0
    async with sweeps:
        return await sweep(ctx["deps"], ctx["deliveries"])


async def sweep(deps: BackgroundDeps, turns: asyncio.Semaphore) -> int:
    """Plan what is due and bring it on its way, so many at once as ``turns`` allows."""
    means = means_of(deps.settings, deps.clock)
    made = await planning.plan_due(deps.sessions, deps.clock)
    if made:
        log.info("deliveries.planned", made=made)

    async def one_plan(ids: Sequence[UUID]) -> int:
        async with turns:
            return sum([await _try(deps, means, delivery_id) for delivery_id in ids])

    plans = await planning.due(deps.sessions, deps.clock)
    return sum(await asyncio.gather(*map(one_plan, plans)))


async def sweep_delivery_files(ctx: dict[str, Any]) -> int:
    """Delete files that are kept long enough; return of how many deliveries."""
    deps: BackgroundDeps = ctx["deps"]
    folder = means_of(deps.settings, deps.clock).folder
    gone = await keeping.let_go(deps.sessions, folder, deps.clock)
    if gone:
        log.info("deliveries.files_removed", deliveries=gone)
    return gone


async def _try(deps: BackgroundDeps, means: Means, delivery_id: UUID) -> bool:
    began_at = deps.clock.now()
    try:
        state = await sending.run(deps.sessions, means, delivery_id)
    except Exception as error:  # whatever is wrong with one, the others go out
        log.exception("delivery.broke", delivery_id=str(delivery_id))
        fault = SendFault(DeliveryReason.OUR_FAULT, type(error).__name__)
        await ending.failed(deps.sessions, delivery_id, fault, began_at=began_at, clock=deps.clock)
        return False
    return state is not None and state.value == "delivered"
