"""Segments: saved filters over contacts, tried out before they are saved."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api.auth import ManagerDep, ReaderDep
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.segments import CountOut, FilterIn, SegmentIn, SegmentOut
from campaigns.errors import NameTaken
from campaigns.leads import segments
from campaigns.leads.segments import BadFilter, SegmentNotFound, SegmentWish
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/segments", tags=["segments"], responses=problems(Unauthenticated, Forbidden)
)


@router.get("")
async def list_segments(who: ReaderDep, session: SessionDep) -> list[SegmentOut]:
    """Return the client's segments by name."""
    rows = await segments.list_segments(session, client_id=who.client_id)
    return [SegmentOut.model_validate(row) for row in rows]


@router.post("", status_code=HTTPStatus.CREATED, responses=problems(BadFilter, NameTaken))
async def create_segment(
    body: SegmentIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> SegmentOut:
    """Save a filter under a name."""
    wish = SegmentWish(body.name, body.filter)
    row = await segments.save_segment(
        session, wish, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return SegmentOut.model_validate(row)


@router.put("/{segment_id}", responses=problems(BadFilter, NameTaken, SegmentNotFound))
async def change_segment(
    segment_id: UUID, body: SegmentIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> SegmentOut:
    """Change a segment; campaigns that select by it select anew."""
    row = await segments.save_segment(
        session,
        SegmentWish(body.name, body.filter),
        client_id=who.client_id,
        user_id=who.user_id,
        clock=clock,
        segment_id=segment_id,
    )
    return SegmentOut.model_validate(row)


@router.delete(
    "/{segment_id}", status_code=HTTPStatus.NO_CONTENT, responses=problems(SegmentNotFound)
)
async def delete_segment(
    segment_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> None:
    """Delete a segment."""
    await segments.delete_segment(
        session, segment_id, client_id=who.client_id, user_id=who.user_id, clock=clock
    )


@router.post("/count", responses=problems(BadFilter))
async def count_contacts(body: FilterIn, who: ReaderDep, session: SessionDep) -> CountOut:
    """Count the contacts a filter fits, without saving it."""
    count = await segments.count_matching(
        session,
        segments.read_filter(body.filter),
        client_id=who.client_id,
        list_ids=body.list_ids,
    )
    return CountOut(contacts=count)
