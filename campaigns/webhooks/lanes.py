"""Lanes: each campaign's events on their way to one endpoint. While one waits, only its campaign waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.events.kinds import EventKind
from campaigns.events.models import NO_CAMPAIGN, Event, EventHead
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
    replays: int  #: of the lane, before it

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
        return f"msg_{self.endpoint.id.hex}_{self.replays}_{self.first}_{self.last}"


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
    session.add(lane)
    last = (await span_of(session, endpoint.client_id)).last
    events = await _events(session, endpoint, lane, lane.sending_to or last)
    # After the events: what was deleted before they were read is told, and what goes later was read.
    while (gone := await _gone(session, lane)) > lane.position:
        lost = (lane.position + 1, gone)
        bury(session, lane, lost, events=0, reason=EVENTS_GONE, detail="", now=clock.now())
        begin_after(lane, gone)
        events = await _events(session, endpoint, lane, last)
    if not events:
        begin_after(lane, lane.sending_to or last)
        return None
    if lane.sending_to is None:
        lane.sending_to, lane.first_try_at = events[-1].position, clock.now()
    return Message(endpoint, lane_id, events, lane.replays)


async def in_hand(session: AsyncSession, message: Message) -> WebhookLane | None:
    """Return the lane, held, if the message is still what it sends: no replay came between."""
    endpoint = await session.get_one(
        WebhookEndpoint, message.endpoint.id, with_for_update=True, populate_existing=True
    )
    lane = await _lane(session, endpoint, message.lane_id)
    is_same = lane.replays == message.replays and lane.sending_to is not None
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
    if (lane := await _kept_lane(session, endpoint, lane_id)) is not None:
        return lane
    # Read anew and held against a replay, which moves it: the lane would begin behind the replay's place.
    begins = select(WebhookEndpoint.from_position).where(col(WebhookEndpoint.id) == endpoint.id)
    held = begins.with_for_update(read=True, key_share=True)
    position = (await session.exec(held)).one()
    return await _kept_lane(session, endpoint, lane_id) or WebhookLane(
        endpoint_id=endpoint.id,
        lane_id=lane_id,
        client_id=endpoint.client_id,
        position=position,
        replays=0,
        tries=0,
    )


async def _kept_lane(
    session: AsyncSession, endpoint: WebhookEndpoint, lane_id: UUID
) -> WebhookLane | None:
    return await session.get(
        WebhookLane, (endpoint.id, lane_id), with_for_update=True, populate_existing=True
    )


async def _gone(session: AsyncSession, lane: WebhookLane) -> int:
    """Return the newest event of a lane's campaign that is not kept any more."""
    statement = select(EventHead.gone_position).where(
        col(EventHead.client_id) == lane.client_id, col(EventHead.lane_id) == lane.lane_id
    )
    return (await session.exec(statement)).first() or 0


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
