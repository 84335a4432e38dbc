"""Lanes: each campaign's events on their way to one endpoint. While one waits, only its campaign waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.events.kinds import EventKind
from campaigns.events.models import NO_CAMPAIGN, Event
from campaigns.events.reading import span_of
from campaigns.webhooks.dead import bury
from campaigns.webhooks.models import WebhookEndpoint, WebhookLane
from dialer.clock import Clock

#: An endpoint's campaigns with news, those that may be tried now, the longest waiting first.
_DUE = text(
    """
    SELECT h.lane_id FROM event_head h
    JOIN webhook_endpoint e ON e.client_id = h.client_id
    LEFT JOIN webhook_lane l ON l.endpoint_id = e.id AND l.lane_id = h.lane_id
    WHERE e.id = :endpoint_id AND h.lane_id = coalesce(e.campaign_id, h.lane_id)
      AND h.last_position > coalesce(l.position, e.from_position)
      AND coalesce(l.next_try_at, :now) <= :now
    ORDER BY coalesce(l.position, e.from_position), h.lane_id
    """
)

#: The reason of a dead letter whose events were kept too short a time.
EVENTS_GONE = "events_gone"


@dataclass(frozen=True, slots=True)
class Message:
    """Events of one campaign that go out together; the same ones whenever they are tried."""

    endpoint: WebhookEndpoint
    lane_id: UUID
    events: Sequence[Event]
    tries: int  #: before this one

    @property
    def first(self) -> int:
        """Return the first event's position."""
        return self.events[0].position

    @property
    def last(self) -> int:
        """Return the last event's position."""
        return self.events[-1].position

    @property
    def id(self) -> str:
        """Return the id that receivers know repetitions by; a replay's messages have ids of their own."""
        return f"msg_{self.endpoint.id.hex}_{self.endpoint.replays}_{self.first}_{self.last}"


async def due(session: AsyncSession, endpoint_id: UUID, now: datetime) -> list[UUID]:
    """Return the lanes of an endpoint that have news and need not wait."""
    rows = await session.execute(_DUE, {"endpoint_id": endpoint_id, "now": now})
    return list(rows.scalars())


async def take(
    session: AsyncSession, endpoint: WebhookEndpoint, lane_id: UUID, clock: Clock
) -> Message | None:
    """Return a lane's message in hand, or put its next events into one; None when there are none.

    What the endpoint does not want is passed over. Events that are not kept any more are a dead letter.
    """
    lane = await _lane(session, endpoint, lane_id)
    if lane.next_try_at is not None and lane.next_try_at > clock.now():
        return None
    span = await span_of(session, endpoint.client_id)
    if lane.position < span.floor:
        lost = (lane.position + 1, span.floor)
        bury(session, lane, lost, events=0, reason=EVENTS_GONE, detail="", now=clock.now())
        begin_after(lane, span.floor)
    events = await _events(session, endpoint, lane, lane.sending_to or span.last)
    if not events:
        begin_after(lane, lane.sending_to or span.last)
        session.add(lane)
        return None
    if lane.sending_to is None:
        lane.sending_to, lane.first_try_at = events[-1].position, clock.now()
    session.add(lane)
    return Message(endpoint, lane_id, events, lane.tries)


async def in_hand(session: AsyncSession, message: Message) -> WebhookLane | None:
    """Return the lane, held, if the message is still what it sends: no replay came between."""
    endpoint = await session.get_one(
        WebhookEndpoint, message.endpoint.id, with_for_update=True, populate_existing=True
    )
    lane = await _lane(session, endpoint, message.lane_id)
    is_same = endpoint.replays == message.endpoint.replays and lane.sending_to is not None
    if is_same and lane.sending_to is not None:  # a late answer to an earlier message moves nothing
        is_same = lane.position < message.first and message.last <= lane.sending_to
    return lane if is_same and endpoint.removed_at is None else None


def passed(lane: WebhookLane, message: Message) -> None:
    """Go on after a message that was taken or given up."""
    begin_after(lane, message.last)


def begin_after(lane: WebhookLane, position: int) -> None:
    """Have a lane go on after a position, with nothing in hand."""
    lane.position, lane.sending_to, lane.tries = position, None, 0
    lane.first_try_at = lane.next_try_at = None
    lane.reason = lane.reason_detail = ""


async def _lane(session: AsyncSession, endpoint: WebhookEndpoint, lane_id: UUID) -> WebhookLane:
    lane = await session.get(
        WebhookLane, (endpoint.id, lane_id), with_for_update=True, populate_existing=True
    )
    return lane or WebhookLane(
        endpoint_id=endpoint.id,
        lane_id=lane_id,
        client_id=endpoint.client_id,
        position=endpoint.from_position,
        tries=0,
    )


async def _events(
    session: AsyncSession, endpoint: WebhookEndpoint, lane: WebhookLane, until: int
) -> Sequence[Event]:
    campaign = None if lane.lane_id == NO_CAMPAIGN else lane.lane_id
    statement = select(Event).where(
        col(Event.client_id) == endpoint.client_id,
        col(Event.campaign_id).is_(None)
        if campaign is None
        else col(Event.campaign_id) == campaign,
        col(Event.position) > lane.position,
        col(Event.position) <= until,
    )
    if endpoint.kinds:
        statement = statement.where(col(Event.kind).in_(list(map(EventKind, endpoint.kinds))))
    ordered = statement.order_by(col(Event.position)).limit(endpoint.most_events)
    return (await session.exec(ordered)).all()
