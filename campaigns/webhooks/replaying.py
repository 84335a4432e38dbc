"""Sending again: an endpoint, or one of its campaigns, goes back to an event. Nothing here commits."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.events.errors import CursorAhead, EventsGone
from campaigns.events.reading import cursor_at, span_of
from campaigns.tenancy.audit import trace
from campaigns.webhooks import reach
from campaigns.webhooks.errors import CampaignNotAsked, ReplayNeedsPlace
from campaigns.webhooks.lanes import begin_after
from campaigns.webhooks.models import WebhookDead, WebhookEndpoint
from dialer.clock import Clock


async def replay(
    session: AsyncSession,
    endpoint: WebhookEndpoint,
    *,
    position: int | None = None,
    at: datetime | None = None,
    lane_id: UUID | None = None,
    user_id: UUID | None,
    clock: Clock,
) -> int:
    """Send everything again from an event on; return its position.

    What was not sent yet is not passed over: a lane that stands before the place goes on from where it is,
    with the same message.

    Args:
        session: Of the caller's transaction.
        endpoint: Held by the caller.
        position: The first event to send, or
        at: the instant from which on events were recorded.
        lane_id: Only this campaign's; None: all of the endpoint's.
        user_id: Who asks.
        clock: The time.

    Raises:
        ReplayNeedsPlace: neither or both are given.
        CampaignNotFound: the client has no such campaign.
        CampaignNotAsked: the endpoint is for another one.
        EventsGone: the place is below what is kept.
        CursorAhead: it is above the newest event.
    """
    after = await _cursor(session, endpoint.client_id, position, at)
    if lane_id is not None:
        await reach.open_lane(session, endpoint, lane_id)
        if endpoint.campaign_id not in (None, lane_id):
            raise CampaignNotAsked
    for lane in await reach.lanes_held(session, endpoint.id, lane_id):
        if lane.position > after:
            begin_after(lane, after)
            lane.replays += 1
        lane.next_try_at = None
        session.add(lane)
    if lane_id is None:
        endpoint.from_position = min(after, endpoint.from_position)
    session.add(endpoint)
    # Of campaigns that the endpoint asks for no more nothing is sent: their dead letters stay.
    await _settle(session, endpoint.id, after, lane_id or endpoint.campaign_id, clock.now())
    facts = {"position": after + 1, "lane": str(lane_id) if lane_id is not None else None}
    await trace(session, endpoint, "webhook.replayed", facts, user_id=user_id, clock=clock)
    return after + 1


async def _cursor(
    session: AsyncSession, client_id: UUID, position: int | None, at: datetime | None
) -> int:
    """Return the cursor before the place that was given."""
    if position is not None and at is None:
        after = position - 1
    elif at is not None and position is None:
        after = await cursor_at(session, client_id, at)
    else:
        raise ReplayNeedsPlace
    span = await span_of(session, client_id)
    if after < span.floor:
        raise EventsGone(after=after, floor=span.floor, last=span.last)
    if after > span.last:
        raise CursorAhead(after=after, last=span.last)
    return after


async def wake(
    session: AsyncSession, endpoint: WebhookEndpoint, *, user_id: UUID | None, clock: Clock
) -> None:
    """Try at once what waits for its next try; each message has its whole time again."""
    for lane in await reach.lanes_held(session, endpoint.id):
        lane.next_try_at = None
        if lane.first_try_at is not None:
            lane.first_try_at = clock.now()
        session.add(lane)
    endpoint.failing_since = None
    session.add(endpoint)
    await trace(session, endpoint, "webhook.woken", {}, user_id=user_id, clock=clock)


async def _settle(
    session: AsyncSession, endpoint_id: UUID, after: int, lane_id: UUID | None, now: datetime
) -> None:
    """Take dead letters off the page whose events are all sent again."""
    statement = (
        update(WebhookDead)
        .where(
            col(WebhookDead.endpoint_id) == endpoint_id,
            col(WebhookDead.settled_at).is_(None),
            col(WebhookDead.first_position) > after,
        )
        .values(settled_at=now)
    )
    if lane_id is not None:
        statement = statement.where(col(WebhookDead.lane_id) == lane_id)
    await session.exec(statement)
