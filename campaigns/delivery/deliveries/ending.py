"""How a try ends: delivered, or to be tried again, or given up. Each with a row that says why."""

import random
from datetime import datetime
from uuid import UUID

import structlog

from campaigns.delivery.deliveries.carrying import Parcel
from campaigns.delivery.deliveries.models import Delivery, DeliveryPlan, DeliveryTry
from campaigns.delivery.deliveries.retrying import after_failure
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.delivery.deliveries.words import DeliveryReason, DeliveryState
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction

log = structlog.get_logger()

_OPEN = (DeliveryState.WAITING, DeliveryState.SENDING)


async def delivered(
    sessions: SessionFactory, parcel: Parcel, clock: Clock, *, began_at: datetime
) -> None:
    """Store that everything arrived."""
    async with transaction(sessions) as session:
        row = await session.get_one(Delivery, parcel.delivery.id, with_for_update=True)
        now = clock.now()
        row.state, row.delivered_at = DeliveryState.DELIVERED, now
        row.reason, row.reason_detail = "", ""
        row.tries += 1
        row.first_try_at = row.first_try_at or began_at
        row.bytes_sent = row.bytes_total
        session.add(row)
        session.add(
            DeliveryTry(
                client_id=row.client_id, delivery_id=row.id, began_at=began_at, ended_at=now
            )
        )
    log.info("delivery.delivered", delivery_id=str(parcel.delivery.id), tries=row.tries)


async def failed(
    sessions: SessionFactory,
    delivery_id: UUID,
    fault: SendFault,
    *,
    began_at: datetime,
    clock: Clock,
) -> DeliveryState:
    """Store why a try failed, and what follows; a receiver that is gone for good pauses its plan."""
    async with transaction(sessions) as session:
        row = await session.get_one(Delivery, delivery_id, with_for_update=True)
        now = clock.now()
        row.tries += 1
        row.first_try_at = row.first_try_at or began_at
        row.begun = 0  # it did not end its worker
        if row.state in _OPEN:  # else an erasure has given it up meanwhile
            row.reason, row.reason_detail = fault.reason.value, fault.said
            _follow(row, row.first_try_at, fault, now)
        if fault.reason is DeliveryReason.GONE:
            # Source: Standard Webhooks, "Response": 410 means that nothing shall be sent there any more.
            plan = await session.get_one(DeliveryPlan, row.plan_id)
            plan.paused_at, plan.paused_reason = now, fault.reason.value
            session.add(plan)
        session.add(row)
        session.add(
            DeliveryTry(
                client_id=row.client_id,
                delivery_id=row.id,
                began_at=began_at,
                ended_at=now,
                reason=fault.reason.value,
                detail=fault.said,
            )
        )
        state: DeliveryState = row.state
    log.warning(
        "delivery.failed",
        delivery_id=str(delivery_id),
        reason=fault.reason.value,
        tries=row.tries,
        state=state.value,
    )
    return state


def _follow(row: Delivery, first_try_at: datetime, fault: SendFault, now: datetime) -> None:
    """Set when a delivery is tried again, or give it up."""
    following = after_failure(
        fault.reason,
        tries=row.tries,
        first_try_at=first_try_at,
        now=now,
        spread=random.random(),
        asked_to_wait_s=fault.wait_s,
    )
    if following.at is None:
        row.state = DeliveryState.DEAD
    else:
        row.next_try_at = following.at
