"""One delivery on its way: made, sent, tried again, given up. Each step is a transaction of its own.

Killed at any moment, whoever comes next goes on where the tables stand: files that are marked as sent are
not sent again, one that was under way goes out anew under the same name, a message goes out anew under the
same id. One worker at a time has a plan in hand, by a lock that ends with its connection.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries import carrying, making
from campaigns.delivery.deliveries.carrying import Means, Parcel
from campaigns.delivery.deliveries.ending import delivered, failed
from campaigns.delivery.deliveries.models import Delivery, DeliveryFile, DeliveryPlan
from campaigns.delivery.deliveries.outgoing import put_all
from campaigns.delivery.deliveries.plans import target_of
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.delivery.deliveries.words import DeliveryReason, DeliveryState
from campaigns.models import Campaign
from campaigns.tenancy import looks
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from dialer.errors import ConfigurationError, OutdialError
from dialer.sealing import Unsealable

#: A delivery that ended its worker so often is not tried again.
MOST_BEGUN = 10
_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('delivery plan ' || :plan_id, 0))")
_OPEN = (DeliveryState.WAITING, DeliveryState.SENDING)


async def run(sessions: SessionFactory, means: Means, delivery_id: UUID) -> DeliveryState | None:
    """Bring a delivery as far as it gets now; None when it is not due, or somebody else is at it."""
    async with _in_hand(sessions, delivery_id, means.clock) as mine:
        if not mine:
            return None
        began_at = means.clock.now()
        if await _begin(sessions, delivery_id) > MOST_BEGUN:
            lost = SendFault(DeliveryReason.WORKER_LOST)
            return await failed(sessions, delivery_id, lost, began_at=began_at, clock=means.clock)
        try:
            await _make(sessions, means, delivery_id)
            await _send(sessions, means, delivery_id, began_at)
        except SendFault as fault:
            return await failed(sessions, delivery_id, fault, began_at=began_at, clock=means.clock)
        return DeliveryState.DELIVERED


@asynccontextmanager
async def _in_hand(
    sessions: SessionFactory, delivery_id: UUID, clock: Clock
) -> AsyncIterator[bool]:
    """Hold a delivery's plan; the transaction is idle meanwhile, and its end lets the plan go."""
    async with sessions() as holding:
        row = await holding.get(Delivery, delivery_id)
        if row is None:
            yield False
            return
        locked = await holding.execute(_LOCK, {"plan_id": str(row.plan_id)})
        if not locked.scalar():
            yield False
            return
        await holding.refresh(row)  # as it is now that nobody else is at it
        plan = await holding.get_one(DeliveryPlan, row.plan_id)
        due = row.state in _OPEN and row.next_try_at <= clock.now()
        yield due and plan.paused_at is None and plan.removed_at is None


async def _begin(sessions: SessionFactory, delivery_id: UUID) -> int:
    """Count a beginning before anything can end the worker."""
    async with transaction(sessions) as session:
        row = await session.get_one(Delivery, delivery_id, with_for_update=True)
        row.begun += 1
        session.add(row)
        return row.begun


async def _make(sessions: SessionFactory, means: Means, delivery_id: UUID) -> None:
    try:
        await making.make(
            sessions, means.folder, delivery_id, originals=means.originals, clock=means.clock
        )
    except OutdialError as error:
        raise SendFault(DeliveryReason.CANNOT_BE_MADE, error.detail) from error
    except OSError as error:
        raise SendFault(DeliveryReason.OUR_FAULT, error.strerror or "") from error


async def _send(
    sessions: SessionFactory, means: Means, delivery_id: UUID, began_at: datetime
) -> None:
    parcel = await _parcel(sessions, delivery_id)
    try:
        target = target_of(parcel.plan, means.ring)
    except (Unsealable, ConfigurationError) as error:
        raise SendFault(DeliveryReason.SECRET_LOST, error.detail) from error
    place = carrying.place_of(target, means.networks)
    if place is not None:
        await put_all(sessions, means, parcel, place)
    else:
        await carrying.tell(target, parcel, means)
    await delivered(sessions, parcel, means.clock, began_at=began_at)


async def _parcel(sessions: SessionFactory, delivery_id: UUID) -> Parcel:
    async with sessions() as session:
        row = await session.get_one(Delivery, delivery_id)
        plan = await session.get_one(DeliveryPlan, row.plan_id)
        campaign = await session.get_one(Campaign, row.campaign_id)
        program = await looks.shown_name(session, row.client_id)
        files = await files_of(session, delivery_id)
        return Parcel(row, plan, campaign.name, program, files)


async def files_of(session: AsyncSession, delivery_id: UUID) -> list[DeliveryFile]:
    """Return the files of a delivery in their order; the manifest is the last one."""
    statement = select(DeliveryFile).where(col(DeliveryFile.delivery_id) == delivery_id)
    return list(await session.exec(statement.order_by(col(DeliveryFile.position))))
