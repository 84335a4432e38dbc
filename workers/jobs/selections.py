"""Selections that changed are applied to their campaigns' leads; until then nothing is drawn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func
from sqlmodel import col, select, update

from campaigns.leads.holding import NOT_APPLIED
from campaigns.leads.lane_writing import SelectionReport, TooManyLanes
from campaigns.leads.segments import BadFilter, SegmentNotFound
from campaigns.leads.selection import SelectionChanged, apply_in_steps
from campaigns.models import Campaign
from dialer.db import SessionFactory, affected, transaction
from dialer.errors import OutdialError
from workers.deps import BackgroundDeps

log = structlog.get_logger()

#: Jobs of one process that apply selections: a long one must not keep short ones waiting.
AT_ONCE = 2

#: What a person can mend, told on the campaign's page.
_TOLD: dict[type[Exception], str] = {
    SegmentNotFound: "the saved segment was deleted. Choose another one.",
    TooManyLanes: (
        "there are too many combinations of list, priority and quota."
        " Use fewer priorities or quotas."
    ),
    BadFilter: "its filter cannot be understood. Change the filter.",
}
_OTHER = "something went wrong; it is tried again."


async def apply_selections(ctx: dict[str, Any]) -> None:
    """Apply every selection that is due; one that was changed meanwhile stays due."""
    deps: BackgroundDeps = ctx["deps"]
    slots: asyncio.Semaphore = ctx.get("selections") or asyncio.Semaphore(AT_ONCE)
    if slots.locked():
        return  # the next job comes in a moment
    async with slots:
        async with deps.sessions() as session:
            due = select(Campaign.id).where(col(Campaign.selection_due)).order_by(col(Campaign.id))
            campaigns = (await session.exec(due)).all()
        for campaign_id in campaigns:
            async with _alone(deps.sessions, campaign_id) as is_mine:
                if is_mine:
                    await _try(deps.sessions, campaign_id)


async def _try(sessions: SessionFactory, campaign_id: UUID) -> None:
    """Apply one campaign's selection; whatever happens to it, the others get their turn."""
    try:
        await _apply(sessions, campaign_id)
    except SelectionChanged:
        log.info("selection.changed", campaign_id=str(campaign_id))  # it is due again
    except OutdialError as error:
        if await _tell(sessions, campaign_id, NOT_APPLIED + _TOLD.get(type(error), _OTHER)):
            log.warning("selection.not_applied", campaign_id=str(campaign_id), error=error.code)
    except Exception:  # outermost loop: one campaign's fault must not stop the others
        log.exception("selection.failed", campaign_id=str(campaign_id))
        await _tell(sessions, campaign_id, NOT_APPLIED + _OTHER)


async def _apply(sessions: SessionFactory, campaign_id: UUID) -> None:
    async with sessions() as session:
        campaign = await session.get_one(Campaign, campaign_id)
    if not campaign.selection_due:
        return  # another job has just done it
    report = SelectionReport()
    async for report in apply_in_steps(sessions, campaign):  # noqa: B007 - the last one counts
        pass
    if report.missed:
        log.info("selection.missed", campaign_id=str(campaign_id), leads=report.missed)
        return
    async with transaction(sessions) as session:
        applied = await session.exec(
            update(Campaign)
            .where(col(Campaign.id) == campaign_id)
            .where(col(Campaign.selection_version) == campaign.selection_version)
            .values(selection_due=False)
        )
    await _tell(sessions, campaign_id, "")
    log.info(
        "selection.applied",
        campaign_id=str(campaign_id),
        selected=report.selected,
        left_out=report.left_out,
        is_newest=affected(applied) == 1,
    )


async def _tell(sessions: SessionFactory, campaign_id: UUID, why: str) -> bool:
    """Put into the campaign's reason why its selection is not applied; return whether that is new.

    What a person said about the campaign's state stays before it.
    """
    async with transaction(sessions) as session:
        told = select(Campaign.state_reason).where(col(Campaign.id) == campaign_id)
        before = (await session.exec(told)).one()
        after = f"{before.partition(NOT_APPLIED)[0].rstrip()} {why}".strip()
        if after == before:
            return False
        await session.exec(
            update(Campaign)
            .where(col(Campaign.id) == campaign_id, col(Campaign.state_reason) == before)
            .values(state_reason=after)
        )
    return True


@asynccontextmanager
async def _alone(sessions: SessionFactory, campaign_id: UUID) -> AsyncIterator[bool]:
    """Keep the campaign's selection to this job; False: another one, somewhere, has it.

    The lock is a connection's own, so it ends with the process that holds it.
    """
    key = func.hashtextextended(f"selection:{campaign_id}", 0)
    async with sessions() as session:
        # No transaction is open on it meanwhile: nothing is kept from being vacuumed.
        await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        is_mine = bool((await session.exec(select(func.pg_try_advisory_lock(key)))).one())
        try:
            yield is_mine
        finally:
            if is_mine:
                is_free = False
                try:
                    await session.exec(select(func.pg_advisory_unlock(key)))
                    is_free = True
                finally:
                    if not is_free:
                        await session.invalidate()  # the lock must not go back to the pool
