"""Reading: a client's events after a cursor, a position. No event ever appears behind it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.events.errors import CursorAhead, EventsGone
from campaigns.events.kinds import EventKind
from campaigns.events.models import Event, EventStream

#: Between these is every event. Times near the ends of the calendar have no place in UTC.
_BEFORE_ALL, _AFTER_ALL = datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
#: Events of one answer, at most.
MOST_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Span:
    """Which events there are: those after ``floor`` up to ``last``."""

    floor: int
    last: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, and where to go on."""

    events: Sequence[Event]
    next_after: int
    has_more: bool


async def span_of(session: AsyncSession, client_id: UUID) -> Span:
    """Return which of a client's events are there."""
    # Columns and not the row: a row read before would be given back as it was.
    statement = select(EventStream.floor_position, EventStream.last_position).where(
        col(EventStream.client_id) == client_id
    )
    found = (await session.exec(statement)).first()
    return Span(*found) if found else Span(0, 0)


async def read_after(
    session: AsyncSession,
    client_id: UUID,
    after: int,
    *,
    campaign_id: UUID | None = None,
    kinds: Collection[EventKind] = (),
    limit: int = 100,
    until: int | None = None,
) -> Page:
    """Return the events after a cursor, in order; without kinds of every kind.

    Args:
        session: Of any transaction.
        client_id: Whose.
        after: The cursor: 0, or ``next_after`` of the page before.
        campaign_id: Only of this campaign.
        kinds: Only of these kinds.
        limit: At most so many.
        until: None after this position.

    Raises:
        EventsGone: events after the cursor are not kept any more.
        CursorAhead: there has been no such event.
    """
    # The end is read before the events and the floor after them: what is placed meanwhile is left for the
    # next page, and what is deleted meanwhile is told.
    last = (await span_of(session, client_id)).last
    if after > last:
        raise CursorAhead(after=after, last=last)
    end = last if until is None else min(until, last)
    statement = select(Event).where(
        col(Event.client_id) == client_id, col(Event.position) > after, col(Event.position) <= end
    )
    if campaign_id is not None:
        statement = statement.where(col(Event.campaign_id) == campaign_id)
    if kinds:
        statement = statement.where(col(Event.kind).in_([kind.value for kind in kinds]))
    ordered = statement.order_by(col(Event.position)).limit(limit)
    events = (await session.exec(ordered)).all()
    await require_kept(session, client_id, after)
    if len(events) < limit:
        return Page(events, max(after, end), has_more=end < last)
    return Page(events, events[-1].position, has_more=events[-1].position < last)


async def require_kept(session: AsyncSession, client_id: UUID, after: int) -> None:
    """Refuse a cursor after which events are missing.

    Raises:
        EventsGone: with the cursor to go on from.
    """
    span = await span_of(session, client_id)
    if after < span.floor:
        raise EventsGone(after=after, floor=span.floor, last=span.last)


async def cursor_at(session: AsyncSession, client_id: UUID, at: datetime) -> int:
    """Return the cursor after which the events come that were recorded at an instant or later.

    Never below the floor: what is not kept cannot be told again.
    """
    last = (await span_of(session, client_id)).last
    # The first one that is not older: where clocks of workers differ, positions and times do too.
    statement = select(func.min(Event.position)).where(
        col(Event.client_id) == client_id,
        col(Event.recorded_at) >= min(max(at, _BEFORE_ALL), _AFTER_ALL),
        col(Event.position) <= last,
    )
    first: int | None = (await session.exec(statement)).one()
    before = last if first is None else first - 1
    return max(before, (await span_of(session, client_id)).floor)
