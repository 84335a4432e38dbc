"""Applying a campaign's selection: which leads it dials, in which lane, and in what order.

It is written into the leads, so that a draw costs the same for a thousand leads and ten million. What
counts at each draw (list percentages, new or retries first, full quotas) is not written.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.filters import AllOf
from campaigns.leads.filter_sql import matches
from campaigns.leads.lane_writing import SelectionPlan, SelectionReport, Step, write_step
from campaigns.leads.mixing import LaneFacts
from campaigns.leads.models import Lane
from campaigns.leads.segments import find_segment, read_filter
from campaigns.lists.models import Contact
from campaigns.models import Campaign, CampaignList
from campaigns.selection import Selection
from campaigns.settings import CampaignSettings
from dialer.db import SessionFactory, transaction
from dialer.errors import Conflict

#: Contacts in one step: large enough to be quick, small enough not to hold rows a runner needs.
STEP = 5000

#: Rounds for leads that other transactions hold; a dialer holds one for milliseconds.
ROUNDS = 3


class SelectionChanged(Conflict):
    """The campaign has another selection by now."""

    code = "selection_changed"
    message = "The campaign's selection was changed meanwhile."


async def plan_selection(
    session: AsyncSession, campaign: Campaign, *, wait: bool = True
) -> SelectionPlan:
    """Read what the campaign selects.

    Without ``wait`` leads that are locked are missed: a campaign that runs must not be waited for.

    Raises:
        SegmentNotFound: the saved segment was deleted.
        BadFilter: the saved segment cannot be understood.
    """
    rules = CampaignSettings.model_validate(campaign.settings).selection
    own = rules.conditions()
    parts = [] if own is None else [own]
    if rules.segment is not None:
        segment = await find_segment(session, rules.segment, client_id=campaign.client_id)
        parts.append(read_filter(segment.filter))
    fits: ColumnElement[bool] = col(Contact.erased_at).is_(None)
    if parts:
        fits = and_(fits, matches(AllOf(all=parts), campaign_id=campaign.id))
    mine = select(CampaignList.list_id).where(col(CampaignList.campaign_id) == campaign.id)
    lists = (await session.exec(mine.order_by(col(CampaignList.list_id)))).all()
    return SelectionPlan(campaign.id, rules, tuple(lists), fits, wait)


async def apply_selection(session: AsyncSession, campaign: Campaign) -> SelectionReport:
    """Apply the campaign's selection to all its leads, in the caller's transaction.

    For a campaign that does not run; see ``apply_in_steps`` for one that does.

    Raises:
        SegmentNotFound: the saved segment was deleted.
        TooManyLanes: the contacts have too many priorities and quota cells.
    """
    plan = await plan_selection(session, campaign)
    done: dict[Step, SelectionReport] = {}
    for list_id in plan.lists:
        step = await _step_after(session, list_id, 0)
        while step is not None:
            done[step] = await write_step(session, plan, step)
            step = await _step_after(session, list_id, step.until)
    return _sum(done.values(), await load_lanes(session, campaign.id))


async def apply_in_steps(
    sessions: SessionFactory, campaign: Campaign
) -> AsyncIterator[SelectionReport]:
    """Apply the campaign's selection step by step, each in a transaction; yield the sum so far.

    The campaign may run meanwhile. The last report has the lanes.

    Raises:
        SelectionChanged: another selection was saved; what was written so far is overwritten by it.
        SegmentNotFound: the saved segment was deleted.
        TooManyLanes: the contacts have too many priorities and quota cells.
    """
    async with transaction(sessions) as session:
        plan = await plan_selection(session, campaign, wait=False)
    done: dict[Step, SelectionReport] = {}
    for list_id in plan.lists:
        step: Step | None = Step(list_id, 0, 0)
        while step is not None:
            async with transaction(sessions) as session:
                await _require_unchanged(session, campaign)
                step = await _step_after(session, list_id, step.until)
                if step is not None:
                    done[step] = await write_step(session, plan, step)
            if step is not None:
                yield _sum(done.values())
    for _ in range(ROUNDS):
        for again in [step for step, report in done.items() if report.missed]:
            async with transaction(sessions) as session:
                await _require_unchanged(session, campaign)
                done[again] = await write_step(session, plan, again)
    async with transaction(sessions) as session:
        lanes = await load_lanes(session, campaign.id)
    yield _sum(done.values(), lanes)


async def _require_unchanged(session: AsyncSession, campaign: Campaign) -> None:
    now = select(Campaign.settings).where(col(Campaign.id) == campaign.id)
    settings = (await session.exec(now)).one()
    if not _rules(settings).selects_alike(_rules(campaign.settings)):
        raise SelectionChanged(campaign_id=str(campaign.id))


def _rules(settings: Mapping[str, Any]) -> Selection:
    return Selection.model_validate(settings.get("selection") or {})


async def load_lanes(session: AsyncSession, campaign_id: UUID) -> list[LaneFacts]:
    """Return the campaign's lanes by number."""
    mine = select(Lane).where(col(Lane.campaign_id) == campaign_id).order_by(col(Lane.lane))
    rows = await session.exec(mine)
    return [LaneFacts(row.lane, row.list_id, row.priority, row.quota_cell) for row in rows]


async def load_drawn(session: AsyncSession, campaign_id: UUID) -> tuple[bool, list[LaneFacts]]:
    """Return whether the campaign's selection is to be applied, and its lanes, in one look."""
    both = (
        select(Campaign.selection_due, Lane)
        .outerjoin(Lane, col(Lane.campaign_id) == col(Campaign.id))
        .where(col(Campaign.id) == campaign_id)
        .order_by(col(Lane.lane))
    )
    rows = (await session.exec(both)).all()
    lanes = [LaneFacts(r.lane, r.list_id, r.priority, r.quota_cell) for _, r in rows if r]
    return rows[0][0], lanes


async def _step_after(session: AsyncSession, list_id: UUID, row: int) -> Step | None:
    following = (
        select(col(Contact.source_row))
        .where(col(Contact.list_id) == list_id, col(Contact.source_row) > row)
        .order_by(col(Contact.source_row))
        .limit(STEP)
        .subquery()
    )
    until = (await session.exec(select(func.max(following.c.source_row)))).one()
    return Step(list_id, row, until) if until is not None else None


def _sum(reports: Iterable[SelectionReport], lanes: Iterable[LaneFacts] = ()) -> SelectionReport:
    every = list(reports)
    return SelectionReport(
        sum(report.selected for report in every),
        sum(report.left_out for report in every),
        sum(report.missed for report in every),
        tuple(lanes),
    )
