"""Which plans are due: a delivery for each, once a period, whoever looks and however often."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.models import Delivery, DeliveryPlan
from campaigns.delivery.deliveries.schedule import latest_period
from campaigns.delivery.deliveries.words import DeliveryState, ScheduleKind
from campaigns.forms.seats import seats_taken
from campaigns.leads.quotas import quota_states
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from campaigns.states import CampaignState
from dialer.clock import Clock
from dialer.db import SessionFactory, affected, transaction
from dialer.ids import new_id

_ENDED = (CampaignState.STOPPED, CampaignState.FINISHED)
_TIMED = (ScheduleKind.HOURLY, ScheduleKind.DAILY)


async def plan_due(sessions: SessionFactory, clock: Clock) -> int:
    """Make a delivery for each plan whose period is over and has none; return how many were made."""
    statement = select(DeliveryPlan.id).where(
        col(DeliveryPlan.removed_at).is_(None),
        col(DeliveryPlan.paused_at).is_(None),
        col(DeliveryPlan.schedule) != ScheduleKind.BY_HAND,
    )
    async with sessions() as session:
        ids = (await session.exec(statement)).all()
    made = 0
    for plan_id in ids:
        async with transaction(sessions) as session:
            plan = await session.get_one(DeliveryPlan, plan_id)
            campaign = await session.get_one(Campaign, plan.campaign_id)
            async for period in _periods(session, plan, campaign, clock):
                made += await _planned(session, plan, period, clock)
    return made


async def _periods(
    session: AsyncSession, plan: DeliveryPlan, campaign: Campaign, clock: Clock
) -> AsyncIterator[str]:
    """Yield the periods that are over by now."""
    if plan.schedule in _TIMED:
        found = latest_period(plan.schedule, plan.at_minute, plan.zone, clock.now())
        if found is not None and found.ended_at > plan.planned_from:
            yield found.key
    elif plan.schedule is ScheduleKind.AT_END:
        if campaign.state in _ENDED and campaign.ended_at is not None:
            yield f"end {campaign.ended_at.astimezone(UTC).isoformat(timespec='seconds')}"
    elif plan.schedule is ScheduleKind.ON_QUOTA and campaign.started_at is not None:
        for name in await reached_quotas(session, campaign):
            yield f"quota {name}"


async def reached_quotas(session: AsyncSession, campaign: Campaign) -> Sequence[str]:
    """Return the names of the campaign's quotas that have what they want.

    Quotas on contacts have no code of their own: they are told by their place and their target, so one
    that is raised later is another quota.
    """
    settings = CampaignSettings.model_validate(campaign.settings)
    quotas = settings.selection.quotas
    states = await quota_states(session, campaign.id, quotas)
    names = [f"{n} of {one.target}" for n, one in enumerate(states, 1) if one.is_full]
    if settings.answer_quotas:
        seats = await seats_taken(session, campaign.id)
        names += [
            f"{quota.code} of {quota.target}"
            for quota in settings.answer_quotas
            if seats.get(quota.code, (0, 0))[0] >= quota.target
        ]
    return names


async def _planned(session: AsyncSession, plan: DeliveryPlan, period: str, clock: Clock) -> int:
    """Make a period's delivery unless it has one; two who look at once make one."""
    now = clock.now()
    values = {
        "id": new_id(),
        "client_id": plan.client_id,
        "campaign_id": plan.campaign_id,
        "plan_id": plan.id,
        "period": period,
        "number": 1,
        "state": DeliveryState.WAITING,
        "created_at": now,
        "next_try_at": now,
    }
    table = Delivery.metadata.tables["delivery"]
    defaults = {
        column.name: column.default.arg
        for column in table.columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }
    statement = insert(table).values({**defaults, "manifest": {}, **values})
    found = await session.execute(statement.on_conflict_do_nothing())
    return affected(found)


async def due(sessions: SessionFactory, clock: Clock) -> Sequence[Sequence[UUID]]:
    """Return the deliveries to work on now, by plan, those first that wait longest."""
    statement = (
        select(Delivery.plan_id, Delivery.id)
        .join(DeliveryPlan, col(DeliveryPlan.id) == col(Delivery.plan_id))
        .where(
            col(Delivery.state).in_((DeliveryState.WAITING, DeliveryState.SENDING)),
            col(Delivery.next_try_at) <= clock.now(),
            col(DeliveryPlan.paused_at).is_(None),
            col(DeliveryPlan.removed_at).is_(None),
        )
        .order_by(col(Delivery.next_try_at), col(Delivery.id))
    )
    by_plan: dict[UUID, list[UUID]] = {}
    async with sessions() as session:
        for plan_id, delivery_id in await session.exec(statement):
            by_plan.setdefault(plan_id, []).append(delivery_id)
    return list(by_plan.values())
