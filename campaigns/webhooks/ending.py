"""What came of a message: it was taken, or it waits, or it is given up, or its endpoint is disabled."""

from datetime import datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.tenancy.audit import trace
from campaigns.webhooks import lanes
from campaigns.webhooks.dead import bury
from campaigns.webhooks.lanes import Message
from campaigns.webhooks.models import WebhookEndpoint, WebhookLane, WebhookTry
from campaigns.webhooks.trying import Disable, GiveUp, TryAgain, after_failure
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction

log = structlog.get_logger()


async def taken(
    sessions: SessionFactory, message: Message, *, began_at: datetime, clock: Clock
) -> bool:
    """Go on after a message; False when a replay came between and the lane begins elsewhere."""
    async with transaction(sessions) as session:
        lane = await lanes.in_hand(session, message)
        _note(session, message, began_at, clock.now())
        if lane is None:
            return False
        lanes.passed(lane, message)
        endpoint = await session.get_one(WebhookEndpoint, message.endpoint.id)
        endpoint.last_taken_at, endpoint.failing_since = clock.now(), None
        session.add_all([lane, endpoint])
        return True


async def refused(
    sessions: SessionFactory,
    message: Message,
    fault: SendFault,
    *,
    began_at: datetime,
    clock: Clock,
    spread: float,
) -> None:
    """Keep why a message was not taken, and what follows."""
    async with transaction(sessions) as session:
        lane = await lanes.in_hand(session, message)
        _note(session, message, began_at, clock.now(), fault)
        if lane is None:
            return
        endpoint = await session.get_one(WebhookEndpoint, message.endpoint.id)
        now = clock.now()
        endpoint.failing_since = endpoint.failing_since or began_at
        lane.tries += 1
        lane.reason, lane.reason_detail = fault.reason.value, fault.said
        follows = after_failure(
            fault.reason,
            tries=lane.tries,
            first_try_at=lane.first_try_at or began_at,
            failing_since=endpoint.failing_since,
            now=now,
            spread=spread,
            asked_to_wait_s=fault.wait_s,
        )
        match follows:
            case TryAgain(at):
                lane.next_try_at = at
            case GiveUp():
                _give_up(session, lane, message, fault, now)
            case Disable():
                await _disable(session, endpoint, fault, clock)
        session.add_all([lane, endpoint])


def _give_up(
    session: AsyncSession, lane: WebhookLane, message: Message, fault: SendFault, now: datetime
) -> None:
    bury(
        session,
        lane,
        (message.first, message.last),
        events=len(message.events),
        reason=fault.reason.value,
        detail=fault.said,
        now=now,
    )
    lanes.passed(lane, message)
    log.warning("webhook.given_up", endpoint_id=str(lane.endpoint_id), reason=fault.reason.value)


async def _disable(
    session: AsyncSession, endpoint: WebhookEndpoint, fault: SendFault, clock: Clock
) -> None:
    endpoint.disabled_at = clock.now()
    endpoint.disabled_reason, endpoint.disabled_detail = fault.reason.value, fault.said
    facts = {"reason": fault.reason.value, "detail": fault.said}
    await trace(session, endpoint, "webhook.disabled", facts, user_id=None, clock=clock)
    log.warning("webhook.disabled", endpoint_id=str(endpoint.id), reason=fault.reason.value)


def _note(
    session: AsyncSession,
    message: Message,
    began_at: datetime,
    ended_at: datetime,
    fault: SendFault | None = None,
) -> None:
    session.add(
        WebhookTry(
            client_id=message.endpoint.client_id,
            endpoint_id=message.endpoint.id,
            lane_id=message.lane_id,
            first_position=message.first,
            last_position=message.last,
            events=len(message.events),
            began_at=began_at,
            ended_at=ended_at,
            reason=fault.reason.value if fault else "",
            detail=fault.said if fault else "",
        )
    )
