"""Events: given their positions every second, brought to endpoints, and let go when they are old."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from campaigns.delivery.deliveries.carrying import Means, means_of
from campaigns.events import retention as old_events
from campaigns.events.sequencing import place_all
from campaigns.sync import answers
from campaigns.webhooks import retention as old_tries
from campaigns.webhooks import sending
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: A turn of every endpoint with slow receivers takes minutes.
JOB_TIMEOUT_S = 3600
#: Messages that go out at once from one worker; each waits for one receiver.
AT_ONCE = 4
#: Sweeps at once: one may wait for slow receivers while the next serves the others.
SWEEPS_AT_ONCE = 2


def rooms() -> dict[str, asyncio.Semaphore]:
    """Return what the jobs of one worker share."""
    return {
        "webhooks": asyncio.Semaphore(AT_ONCE),
        "webhook_sweeps": asyncio.Semaphore(SWEEPS_AT_ONCE),
    }


async def place_events(ctx: dict[str, Any]) -> int:
    """Give committed events their positions; return how many."""
    deps: BackgroundDeps = ctx["deps"]
    return await place_all(deps.sessions, deps.clock)


async def sweep_webhooks(ctx: dict[str, Any]) -> int:
    """Bring events to the endpoints that want them; return how many messages were taken."""
    sweeps: asyncio.Semaphore = ctx["webhook_sweeps"]
    if sweeps.locked():
        return 0
    async with sweeps:
        return await sweep(ctx["deps"], ctx["webhooks"])


async def sweep(deps: BackgroundDeps, turns: asyncio.Semaphore) -> int:
    """Bring events on their way, so many messages at once as ``turns`` allows."""
    means = means_of(deps.settings, deps.clock)

    async def one_endpoint(endpoint_id: UUID, lane_ids: list[UUID]) -> int:
        own = asyncio.Semaphore(sending.LANES_AT_ONCE)

        async def one_lane(lane_id: UUID) -> int:
            async with own, turns:
                return await _send(deps, means, endpoint_id, lane_id)

        return sum(await asyncio.gather(*map(one_lane, lane_ids)))

    due = await sending.endpoints_due(deps.sessions, deps.clock.now())
    return sum(await asyncio.gather(*(one_endpoint(*one) for one in due)))


async def sweep_old_events(ctx: dict[str, Any]) -> int:
    """Let old events, tries and kept answers go; return how many rows."""
    deps: BackgroundDeps = ctx["deps"]
    keep = timedelta(days=deps.settings.event_days)
    gone = await old_events.let_go(deps.sessions, deps.clock, keep)
    gone += await old_tries.let_go(deps.sessions, deps.clock, keep)
    gone += await answers.let_go(deps.sessions, deps.clock)
    if gone:
        log.info("events.let_go", rows=gone)
    return gone


async def _send(deps: BackgroundDeps, means: Means, endpoint_id: UUID, lane_id: UUID) -> int:
    try:
        return await sending.run(deps.sessions, means, endpoint_id, lane_id)
    except Exception:  # whatever is wrong with one, the others go on
        log.exception("webhook.broke", endpoint_id=str(endpoint_id))
        await sending.broke(deps.sessions, means, endpoint_id, lane_id)
        return 0
