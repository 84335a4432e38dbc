"""Keep the roll-ups of reports: days that are over, and cases that changed.

Nothing is lost when it is broken off: what is not rolled up is counted from the raw rows.
"""

from typing import Any

import structlog

from campaigns.reports.cases import count_changes
from campaigns.reports.rolling import roll_all
from dialer.db import transaction
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: The first run after an upgrade has years before it; another one goes on where it ends.
JOB_TIMEOUT_S = 900
#: Changes of cases that are counted in one transaction.
BATCH = 5_000


async def sweep_reports(ctx: dict[str, Any]) -> int:
    """Count changed cases and roll up days that are over; return how many days were rolled up."""
    deps: BackgroundDeps = ctx["deps"]
    changes = 0
    while True:
        async with transaction(deps.sessions) as session:
            taken = await count_changes(session, most=BATCH)
        changes += taken
        if taken < BATCH:
            break
    days = 0
    async for rolled in roll_all(deps.sessions, deps.clock):
        days += rolled
    if days:
        log.info("reports.rolled_up", days=days, changes=changes)
    return days
