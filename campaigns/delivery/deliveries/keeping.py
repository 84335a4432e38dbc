"""Files of deliveries are kept so many days, then deleted from our disk; what is told of them stays."""

import asyncio
from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col, select, update

from campaigns.delivery.deliveries.files import DeliveryFolder
from campaigns.delivery.deliveries.models import Delivery, DeliveryFile
from campaigns.delivery.deliveries.words import FilesGone
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction

_OLD = text(
    """
    SELECT d.id FROM delivery d JOIN delivery_plan p ON p.id = d.plan_id
    WHERE d.state IN ('delivered', 'dead') AND d.made_at IS NOT NULL
      AND coalesce(d.delivered_at, d.made_at) < :now - make_interval(days => p.keep_days)
      AND EXISTS (SELECT FROM delivery_file f WHERE f.delivery_id = d.id AND f.removed_at IS NULL)
    """
)
#: A folder that no delivery's files are in is left behind by a killed worker once it is this old.
STRAY_AFTER = timedelta(days=1)


async def let_go(sessions: SessionFactory, folder: DeliveryFolder, clock: Clock) -> int:
    """Delete the files of old deliveries and what killed workers left; return how many deliveries' were."""
    now = clock.now()
    async with sessions() as session:
        ids = (await session.execute(_OLD, {"now": now})).scalars().all()
    for delivery_id in ids:
        await asyncio.to_thread(folder.remove, delivery_id)
        async with transaction(sessions) as session:
            await session.exec(
                update(DeliveryFile)
                .where(col(DeliveryFile.delivery_id) == delivery_id)
                .values(removed_at=now)
            )
            await session.exec(
                update(Delivery)
                .where(col(Delivery.id) == delivery_id)
                .values(files_gone=FilesGone.OLD.value)
            )
    async with sessions() as session:
        kept = select(DeliveryFile.delivery_id).where(col(DeliveryFile.removed_at).is_(None))
        names = {one.hex for one in await session.exec(kept.distinct())}
    limit_s = (now - STRAY_AFTER).timestamp()
    await asyncio.to_thread(folder.sweep, names, limit_s)
    return len(ids)
