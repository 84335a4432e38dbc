"""What people order: send now, send again, wake what was given up. Nothing here commits."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.errors import DeliveryNotFound, PlanPaused, StillGoing
from campaigns.delivery.deliveries.models import Delivery, DeliveryPlan
from campaigns.delivery.deliveries.plans import find as find_plan
from campaigns.delivery.deliveries.words import DeliveryReason, DeliveryState
from campaigns.tenancy.audit import trace
from dialer.clock import Clock
from dialer.ids import new_id

#: What cannot be mended by sending the same files: they are made anew.
_MADE_ANEW = frozenset({DeliveryReason.FILE_LOST.value, DeliveryReason.CANNOT_BE_MADE.value})


async def find(
    session: AsyncSession, delivery_id: UUID, *, client_id: UUID, lock: bool = False
) -> Delivery:
    """Return a client's delivery; ``lock`` holds its row until the transaction ends.

    Raises:
        DeliveryNotFound: no such delivery, or it is another client's.
    """
    statement = select(Delivery).where(
        col(Delivery.id) == delivery_id, col(Delivery.client_id) == client_id
    )
    row = (await session.exec(statement.with_for_update() if lock else statement)).first()
    if row is None:
        raise DeliveryNotFound(delivery_id=delivery_id)
    return row


async def deliveries_of(
    session: AsyncSession,
    *,
    client_id: UUID,
    campaign_id: UUID | None = None,
    plan_id: UUID | None = None,
    state: DeliveryState | None = None,
    limit: int = 100,
) -> Sequence[Delivery]:
    """Return the client's deliveries, the newest first; of one campaign, plan or state when given."""
    statement = select(Delivery).where(col(Delivery.client_id) == client_id)
    if campaign_id is not None:
        statement = statement.where(col(Delivery.campaign_id) == campaign_id)
    if plan_id is not None:
        statement = statement.where(col(Delivery.plan_id) == plan_id)
    if state is not None:
        statement = statement.where(col(Delivery.state) == state)
    return (await session.exec(statement.order_by(col(Delivery.id).desc()).limit(limit))).all()


async def send_now(
    session: AsyncSession, plan: DeliveryPlan, *, user_id: UUID | None, clock: Clock
) -> Delivery:
    """Make a delivery of a plan out of turn.

    Raises:
        PlanPaused: it sends nothing.
    """
    at = clock.now().isoformat(timespec="seconds")
    period = f"by hand {at} {new_id().hex[-6:]}"  # two orders of one second are two
    return await _ordered(session, plan, period, 1, user_id=user_id, clock=clock)


async def send_again(
    session: AsyncSession, delivery: Delivery, *, user_id: UUID | None, clock: Clock
) -> Delivery:
    """Deliver the period anew, as its results are now, with what changed since.

    Raises:
        StillGoing: it is on its way.
        PlanPaused: its plan sends nothing.
        PlanNotFound: its plan was removed.
    """
    if delivery.state in {DeliveryState.WAITING, DeliveryState.SENDING}:
        raise StillGoing
    plan = await find_plan(session, delivery.plan_id, client_id=delivery.client_id, lock=True)
    latest = select(func.max(Delivery.number)).where(
        col(Delivery.plan_id) == plan.id, col(Delivery.period) == delivery.period
    )
    number = ((await session.exec(latest)).one() or 0) + 1
    return await _ordered(session, plan, delivery.period, number, user_id=user_id, clock=clock)


async def wake(
    session: AsyncSession, delivery: Delivery, *, user_id: UUID | None, clock: Clock
) -> Delivery:
    """Try a delivery that was given up, or waits for its next try, at once; its message keeps its id.

    Raises:
        StillGoing: it has arrived already.
        PlanPaused: its plan sends nothing.
        PlanNotFound: its plan was removed.
    """
    if delivery.state is DeliveryState.DELIVERED:
        raise StillGoing("This delivery has arrived: send it again instead.")
    plan = await find_plan(session, delivery.plan_id, client_id=delivery.client_id)
    if plan.paused_at is not None:
        raise PlanPaused
    is_lost = delivery.files_gone or delivery.reason in _MADE_ANEW
    if is_lost and delivery.made_at is not None:
        return await send_again(session, delivery, user_id=user_id, clock=clock)
    if delivery.state is DeliveryState.DEAD:
        delivery.state = (
            DeliveryState.WAITING if delivery.made_at is None else DeliveryState.SENDING
        )
        delivery.first_try_at, delivery.tries, delivery.begun = None, 0, 0
    delivery.next_try_at = clock.now()
    session.add(delivery)
    facts = {"reason": delivery.reason}
    await trace(session, delivery, "delivery.retried", facts, user_id=user_id, clock=clock)
    return delivery


async def _ordered(
    session: AsyncSession,
    plan: DeliveryPlan,
    period: str,
    number: int,
    *,
    user_id: UUID | None,
    clock: Clock,
) -> Delivery:
    if plan.paused_at is not None:
        raise PlanPaused
    now = clock.now()
    row = Delivery(
        client_id=plan.client_id,
        campaign_id=plan.campaign_id,
        plan_id=plan.id,
        period=period,
        number=number,
        created_at=now,
        created_by=user_id,
        next_try_at=now,
    )
    session.add(row)
    await session.flush()
    facts = {"plan": plan.name, "period": period, "number": number}
    await trace(session, row, "delivery.ordered", facts, user_id=user_id, clock=clock)
    return row
