"""Campaigns that start and end by themselves: the dates in their settings, kept by a sweep."""

from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel import col, update

from campaigns import lifecycle
from campaigns.errors import NotStartable, WrongState
from campaigns.models import Campaign
from dialer.db import transaction
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: What a campaign is told to have been stopped for.
ENDED = "Its end has come."
#: Before the reason why a draft was not started at its time.
NOT_STARTED = "Not started at its time:"

_STARTS = text(
    """
    SELECT id, client_id FROM campaign WHERE state = 'draft'
      AND CAST(settings ->> 'starts_at' AS timestamptz) <= :now ORDER BY id
    """
)
_ENDS = text(
    """
    SELECT id, client_id FROM campaign WHERE state IN ('running', 'paused')
      AND CAST(settings ->> 'ends_at' AS timestamptz) <= :now ORDER BY id
    """
)


async def keep_dates(ctx: dict[str, Any]) -> None:
    """Start the drafts whose time has come, and stop the campaigns whose end has.

    The dialing workers see both in the tables within a second.
    """
    deps: BackgroundDeps = ctx["deps"]
    async with deps.sessions() as session:
        now = {"now": deps.clock.now()}
        starts = (await session.execute(_STARTS, now)).all()
        ends = (await session.execute(_ENDS, now)).all()
    for row in starts:
        await _start(deps, row.id, row.client_id)
    for row in ends:
        try:
            async with transaction(deps.sessions) as session:
                facts = {"client_id": row.client_id, "clock": deps.clock, "by": None}
                await lifecycle.stop(session, row.id, reason=ENDED, **facts)
        except WrongState:
            continue  # a person was faster
        log.info("campaign.ended_by_date", campaign_id=str(row.id))


async def _start(deps: BackgroundDeps, campaign_id: UUID, client_id: UUID) -> None:
    why = ""
    try:
        async with transaction(deps.sessions) as session:
            await lifecycle.start(
                session, campaign_id, client_id=client_id, clock=deps.clock, by=None
            )
    except WrongState:
        return  # a person was faster
    except NotStartable as lack:
        why = f"{NOT_STARTED} {lack.detail}"
    else:
        log.info("campaign.started_by_date", campaign_id=str(campaign_id))
        return
    async with transaction(deps.sessions) as session:
        await session.exec(
            update(Campaign)
            .where(col(Campaign.id) == campaign_id, col(Campaign.state_reason) != why)
            .where(col(Campaign.client_id) == client_id)
            .values(state_reason=why)
        )
