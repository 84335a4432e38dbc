"""Old decisions of pacing are forgotten: they explain and replay the last weeks, no more."""

from datetime import timedelta
from typing import Any

import structlog

from campaigns.pacing.memory import forget_traces
from dialer.db import transaction
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: Decisions are kept this long: a month can be replayed.
KEPT = timedelta(days=31)


async def sweep_traces(ctx: dict[str, Any]) -> None:
    """Delete the decisions that are older than ``KEPT``."""
    deps: BackgroundDeps = ctx["deps"]
    async with transaction(deps.sessions) as session:
        gone = await forget_traces(session, deps.clock.now() - KEPT)
    if gone:
        log.info("pacing.traces_forgotten", pieces=gone)
