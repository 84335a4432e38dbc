"""Events by a cursor: everything that happened, in order, as often as it is asked for."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.auth import Permission, ResultTakerDep, may
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.events import CursorOut, EventOut, EventsOut
from campaigns import lifecycle
from campaigns.errors import CampaignNotFound
from campaigns.events.errors import CursorAhead, EventsGone
from campaigns.events.kinds import EventKind
from campaigns.events.reading import MOST_AT_ONCE, cursor_at, read_after, span_of
from campaigns.events.telling import tell
from campaigns.events.traces import trace_numbers
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/events", tags=["events"], responses=problems(Unauthenticated, Forbidden)
)

After = Annotated[int, Query(ge=0, le=2**62, description="The cursor: 0, or `next` of before.")]
Limit = Annotated[int, Query(ge=1, le=MOST_AT_ONCE)]
Kinds = Annotated[
    list[EventKind], Query(description="Only these; repeat it for more.", default_factory=list)
]
Numbers = Annotated[bool, Query(description="Whole phone numbers; each answer is audited.")]


@router.get("", responses=problems(EventsGone, CursorAhead, CampaignNotFound))
async def read_events(
    who: ResultTakerDep,
    session: SessionDep,
    clock: ClockDep,
    kind: Kinds,
    after: After = 0,
    campaign_id: UUID | None = None,
    limit: Limit = 100,
    numbers: Numbers = False,
) -> EventsOut:
    """Return the events after a cursor. No event ever appears behind a cursor."""
    if campaign_id is not None:
        await lifecycle.find(session, campaign_id, client_id=who.client_id)
    page = await read_after(
        session, who.client_id, after, campaign_id=campaign_id, kinds=kind, limit=limit
    )
    names = may(who, Permission.SEE_WORK)  # who talked is the call centre's own
    told = await tell(session, who.client_id, page.events, with_numbers=numbers, with_names=names)
    if numbers and told:
        await trace_numbers(session, who, "events.read", len(told), clock)
    events = [EventOut.model_validate(one) for one in told]
    return EventsOut(events=events, next=page.next_after, has_more=page.has_more)


@router.get("/cursor")
async def find_event_cursor(
    who: ResultTakerDep, session: SessionDep, at: AwareDatetime | None = None
) -> CursorOut:
    """Return which events there are; with ``at`` the cursor from which on they were recorded then."""
    span = await span_of(session, who.client_id)
    found = await cursor_at(session, who.client_id, at) if at is not None else None
    return CursorOut(floor=span.floor, last=span.last, at=found)
