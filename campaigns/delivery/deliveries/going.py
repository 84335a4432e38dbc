"""Files of deliveries that must go because a person in them is erased.

Whoever makes files holds the campaign's files; an erasure does not begin meanwhile. So a person is either
erased before the snapshot, and not in the files, or after the files are told of, and takes them away.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.errors import FilesBeingMade
from campaigns.delivery.deliveries.files import DeliveryFolder
from campaigns.delivery.deliveries.models import Delivery, DeliveryFile, DeliveryPlan
from campaigns.delivery.deliveries.words import DeliveryReason, DeliveryState, FilesGone
from campaigns.tenancy import audit

_KEY = "hashtextextended('delivery files ' || :campaign_id, 0)"
_HOLD = text(f"SELECT pg_advisory_xact_lock_shared({_KEY})")
_HOLD_BACK = text(f"SELECT pg_try_advisory_xact_lock({_KEY})")


async def hold_files(session: AsyncSession, campaign_id: UUID) -> None:
    """Let nobody of a campaign be erased until the transaction ends; wait for an erasure under way."""
    await session.execute(_HOLD, {"campaign_id": str(campaign_id)})


async def hold_back(session: AsyncSession, campaign_ids: Collection[UUID]) -> None:
    """Let no files of campaigns be made until the transaction ends.

    Raises:
        FilesBeingMade: some are being made at this moment.
    """
    for campaign_id in sorted(campaign_ids):
        held = await session.execute(_HOLD_BACK, {"campaign_id": str(campaign_id)})
        if not held.scalar_one():
            raise FilesBeingMade


async def take_away(
    session: AsyncSession,
    campaign_ids: Collection[UUID],
    *,
    client_id: UUID,
    folder: DeliveryFolder | None,
    now: datetime,
) -> int:
    """Delete the files of every delivery of the campaigns; return of how many.

    What has arrived stays delivered, and says why its files are gone. What was on its way is given up, and
    the next number of its period takes its place, unless its plan was removed.
    """
    found = select(Delivery).where(
        col(Delivery.client_id) == client_id,
        col(Delivery.campaign_id).in_(campaign_ids),
        col(Delivery.made_at).is_not(None),
        col(Delivery.files_gone) == "",
    )
    rows = (await session.exec(found.order_by(col(Delivery.id)).with_for_update())).all()
    for row in rows:
        if folder is not None:
            await asyncio.to_thread(folder.remove, row.id)
        await session.exec(
            update(DeliveryFile)
            .where(col(DeliveryFile.delivery_id) == row.id, col(DeliveryFile.removed_at).is_(None))
            .values(removed_at=now)
        )
        row.files_gone = FilesGone.ERASED.value
        if row.state is DeliveryState.SENDING:
            await _give_way(session, row, now)
        session.add(row)
        await audit.record(
            session,
            client_id=row.client_id,
            user_id=None,  # the receipt of the erasure names who asked for it
            at=now,
            action="delivery.files_erased",
            subject="delivery",
            subject_id=row.id,
            facts={"period": row.period, "number": row.number, "plan": str(row.plan_id)},
        )
    await session.flush()
    return len(rows)


async def _give_way(session: AsyncSession, row: Delivery, now: datetime) -> None:
    """Give up a delivery and order its period anew."""
    row.state, row.reason, row.reason_detail = DeliveryState.DEAD, DeliveryReason.ERASED.value, ""
    plan = await session.get_one(DeliveryPlan, row.plan_id)
    if plan.removed_at is not None:
        return
    latest = select(func.max(Delivery.number)).where(
        col(Delivery.plan_id) == row.plan_id, col(Delivery.period) == row.period
    )
    number = ((await session.exec(latest)).one() or 0) + 1
    session.add(
        Delivery(
            client_id=row.client_id,
            campaign_id=row.campaign_id,
            plan_id=row.plan_id,
            period=row.period,
            number=number,
            created_at=now,
            next_try_at=now,
        )
    )
