"""Draw the samples of the weeks that are over.

A plan's week is drawn in one transaction, of which there can be one: a draw that is broken off leaves
nothing, and the next sweep makes the same one again, since tickets come from the plan's seed.
"""

from typing import Any

import structlog

from campaigns.quality.sampling import active_plans, draw_due
from dialer.db import transaction
from workers.deps import BackgroundDeps

log = structlog.get_logger()


async def sweep_samples(ctx: dict[str, Any]) -> int:
    """Draw what is due by every plan, and return how many calls were drawn."""
    deps: BackgroundDeps = ctx["deps"]
    async with deps.sessions() as session:
        plans = await active_plans(session)
    drawn = 0
    for plan_id in plans:
        async with transaction(deps.sessions) as session:
            drawn += await draw_due(session, plan_id, now=deps.clock.now())
    if drawn:
        log.info("quality.sampled", calls=drawn)
    return drawn
