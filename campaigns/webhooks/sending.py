"""Sending: each campaign's events to each endpoint, one message after the other. At least once, in order.

A message is put together and stored before its first try, so every try of it, by whichever worker, has the
same id and the same events. One worker at a time has a lane in hand, by a lock that ends with its connection.
"""

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel import col, select

from campaigns.delivery.deliveries.carrying import Means
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.delivery.deliveries.wire.webhook import Receiver, post_signed
from campaigns.delivery.deliveries.words import DeliveryReason
from campaigns.events.models import NO_CAMPAIGN
from campaigns.events.telling import tell
from campaigns.webhooks import lanes, signing_secrets
from campaigns.webhooks.ending import refused, taken
from campaigns.webhooks.lanes import Message
from campaigns.webhooks.models import WebhookEndpoint
from dialer.db import SessionFactory, transaction
from dialer.errors import ConfigurationError
from dialer.ids import new_id
from dialer.sealing import Unsealable

log = structlog.get_logger()

#: Messages of one lane in one turn; then others have theirs.
MOST_IN_A_TURN = 200
#: Campaigns of one endpoint that are sent at the same time.
LANES_AT_ONCE = 2
_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('webhook lane ' || :lane, 0))")


async def endpoints_due(sessions: SessionFactory, now: datetime) -> list[tuple[UUID, list[UUID]]]:
    """Return the endpoints with news, each with the lanes to try.

    Of an endpoint that has taken nothing lately one lane is tried, to see whether it does again: a hundred
    campaigns do not wait for a dead receiver a hundred times.
    """
    open_ones = select(WebhookEndpoint).where(
        col(WebhookEndpoint.removed_at).is_(None),
        col(WebhookEndpoint.paused_at).is_(None),
        col(WebhookEndpoint.disabled_at).is_(None),
    )
    found: list[tuple[UUID, list[UUID]]] = []
    async with sessions() as session:
        for row in (await session.exec(open_ones.order_by(col(WebhookEndpoint.id)))).all():
            lane_ids = await lanes.due(session, row.id, now)
            if lane_ids:
                found.append((row.id, lane_ids[:1] if row.failing_since else lane_ids))
    return found


async def run(sessions: SessionFactory, means: Means, endpoint_id: UUID, lane_id: UUID) -> int:
    """Send a lane's events as far as it gets now; return how many messages were taken."""
    async with _in_hand(sessions, endpoint_id, lane_id) as mine:
        for done in range(MOST_IN_A_TURN if mine else 0):
            if not await _step(sessions, means, endpoint_id, lane_id):
                return done
        return MOST_IN_A_TURN if mine else 0


async def send_test(endpoint: WebhookEndpoint, means: Means) -> None:
    """Send a message that says it is a test.

    Raises:
        SendFault: why it was not taken.
    """
    body, message_id = _body("events.test", means, {}), f"msg_test{new_id().hex}"
    await _post(endpoint, body, message_id, means, with_words=True)


@asynccontextmanager
async def _in_hand(
    sessions: SessionFactory, endpoint_id: UUID, lane_id: UUID
) -> AsyncIterator[bool]:
    """Hold a lane; the transaction is idle meanwhile, and its end lets the lane go."""
    async with sessions() as holding:
        locked = await holding.execute(_LOCK, {"lane": f"{endpoint_id} {lane_id}"})
        yield bool(locked.scalar())


async def _step(sessions: SessionFactory, means: Means, endpoint_id: UUID, lane_id: UUID) -> bool:
    """Send one message; tell whether it was taken, and the next may follow."""
    async with transaction(sessions) as session:
        endpoint = await session.get_one(WebhookEndpoint, endpoint_id)
        if endpoint.removed_at or endpoint.paused_at or endpoint.disabled_at:
            return False
        message = await lanes.take(session, endpoint, lane_id, means.clock)
        if message is None:
            return False
        told = await tell(
            session,
            endpoint.client_id,
            message.events,
            with_numbers=endpoint.with_numbers,
            with_names=False,  # who reads a webhook is not known; it may be the client
        )
    began_at = means.clock.now()
    try:
        await _post(endpoint, _body("events", means, _news(message, told)), message.id, means)
    except SendFault as fault:
        await refused(
            sessions, message, fault, began_at=began_at, clock=means.clock, spread=_spread()
        )
        return False
    return await taken(sessions, message, began_at=began_at, clock=means.clock)


async def broke(sessions: SessionFactory, means: Means, endpoint_id: UUID, lane_id: UUID) -> None:
    """Have a lane wait whose sending raised what nobody foresaw."""
    fault = SendFault(DeliveryReason.OUR_FAULT)
    async with transaction(sessions) as session:
        endpoint = await session.get_one(WebhookEndpoint, endpoint_id)
        message = await lanes.take(session, endpoint, lane_id, means.clock)
    if message is not None:
        now = means.clock.now()
        await refused(sessions, message, fault, began_at=now, clock=means.clock, spread=_spread())


def _news(message: Message, told: list[dict[str, Any]]) -> dict[str, Any]:
    campaign = None if message.lane_id == NO_CAMPAIGN else str(message.lane_id)
    client = str(message.endpoint.client_id)
    return {"client_id": client, "campaign_id": campaign, "events": told}


def _body(kind: str, means: Means, data: dict[str, Any]) -> bytes:
    """Return a message. Source: Standard Webhooks, "Payload structure": type, timestamp, data."""
    message = {"type": kind, "timestamp": means.clock.now().isoformat(), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


async def _post(
    endpoint: WebhookEndpoint,
    body: bytes,
    message_id: str,
    means: Means,
    *,
    with_words: bool = False,
) -> None:
    try:
        signing = signing_secrets.opened(endpoint, means.ring)
    except (Unsealable, ConfigurationError) as error:
        raise SendFault(DeliveryReason.SECRET_LOST, error.detail) from error
    await post_signed(
        Receiver(endpoint.url, signing),
        body,
        message_id=message_id,
        now=means.clock.now(),
        allowed=means.networks,
        with_words=with_words,
    )


def _spread() -> float:
    return random.random()
