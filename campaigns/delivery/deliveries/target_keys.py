"""Secrets of targets under the installation's key ring: brought under the key that seals now."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.models import DeliveryPlan
from campaigns.delivery.deliveries.targets import context_of
from dialer.sealing import KeyRing


async def reseal_all(session: AsyncSession, ring: KeyRing) -> int:
    """Bring the secrets of every client's plans under the current key; return how many changed.

    Raises:
        Unsealable: one was sealed with a key that is not on the ring.
    """
    plans = await session.exec(
        select(DeliveryPlan)
        .where(col(DeliveryPlan.sealed).is_not(None))
        .order_by(col(DeliveryPlan.id))
        .with_for_update()
    )
    changed = 0
    for plan in plans.all():
        if plan.sealed is None or ring.is_current(plan.sealed):
            continue
        plan.sealed = ring.resealed(plan.sealed, context=context_of(plan.id))
        session.add(plan)
        changed += 1
    await session.flush()
    return changed
