"""Saved segments: filters over contacts that a client named, and how many contacts they fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import NameTaken
from campaigns.filters import AllOf, AnyOf, Condition, Not, parse
from campaigns.leads.enrol import mark_selection_due
from campaigns.leads.filter_sql import matches
from campaigns.lists.models import Contact, Segment
from campaigns.models import Campaign
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.errors import Invalid, NotFound


class SegmentNotFound(NotFound):
    """No segment of this client has the id."""

    code = "segment_not_found"
    message = "There is no such segment."


class BadFilter(Invalid):
    """A filter cannot be understood; ``detail`` names each wrong place and what is wrong with it."""

    code = "bad_filter"
    message = "The filter cannot be used."


@dataclass(frozen=True, slots=True)
class SegmentWish:
    """A segment as somebody wants it saved."""

    name: str
    filter: dict[str, Any]


def read_filter(raw: Any) -> AllOf | AnyOf | Not | Condition:
    """Return the filter that ``raw`` (JSON) says.

    Raises:
        BadFilter: it cannot be understood.
    """
    try:
        return parse(raw)
    except ValidationError as error:
        problems = [
            f"{_place(found['loc'])}: {found['msg'].removeprefix('Value error, ')}"
            for found in error.errors(include_url=False, include_input=False)
        ]
        raise BadFilter("; ".join(problems), problems=problems) from error


def _place(path: Sequence[int | str]) -> str:
    """Return where in the JSON something is wrong: the names of shapes are no part of it."""
    parts: list[str] = []
    for part, before in zip(path[1:], path, strict=False):
        if part != "condition" and part != before:
            parts.append(str(part))
    return ".".join(parts) or "filter"


async def save_segment(
    session: AsyncSession,
    wish: SegmentWish,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
    segment_id: UUID | None = None,
) -> Segment:
    """Save a new segment, or change the one with ``segment_id``.

    Raises:
        BadFilter: the filter cannot be understood.
        NameTaken: another segment of the client has the name.
        SegmentNotFound: no segment of the client has the id.
    """
    read_filter(wish.filter)
    mine = col(Segment.client_id) == client_id
    same = select(Segment.id).where(mine, col(Segment.name) == wish.name)
    if (await session.exec(same)).first() not in (None, segment_id):
        raise NameTaken(name=wish.name)
    if segment_id is None:
        row = Segment(client_id=client_id, name=wish.name, created_at=clock.now())
    else:
        row = await find_segment(session, segment_id, client_id=client_id)
    row.name, row.filter = wish.name, wish.filter
    session.add(row)
    await session.flush()
    if segment_id is not None:
        await _select_anew(session, row)
    await _note(session, row, "segment.saved", user_id, clock)
    return row


async def _select_anew(session: AsyncSession, row: Segment) -> None:
    """Have the campaigns that select by a changed segment look at their leads again."""
    mine = select(Campaign.id, Campaign.settings).where(col(Campaign.client_id) == row.client_id)
    for campaign_id, settings in (await session.exec(mine)).all():
        if (settings.get("selection") or {}).get("segment") == str(row.id):
            await mark_selection_due(session, campaign_id)


async def find_segment(session: AsyncSession, segment_id: UUID, *, client_id: UUID) -> Segment:
    """Return a segment of the client.

    Raises:
        SegmentNotFound: no segment of the client has the id.
    """
    row = await session.get(Segment, segment_id)
    if row is None or row.client_id != client_id:
        raise SegmentNotFound(segment_id=str(segment_id))
    return row


async def list_segments(session: AsyncSession, *, client_id: UUID) -> list[Segment]:
    """Return the client's segments by name."""
    mine = select(Segment).where(col(Segment.client_id) == client_id).order_by(col(Segment.name))
    return list((await session.exec(mine)).all())


async def delete_segment(
    session: AsyncSession,
    segment_id: UUID,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> None:
    """Delete a segment; a campaign that selects by it says so when its selection is applied again.

    Raises:
        SegmentNotFound: no segment of the client has the id.
    """
    row = await find_segment(session, segment_id, client_id=client_id)
    await _note(session, row, "segment.deleted", user_id, clock)
    await session.delete(row)
    await session.flush()


async def count_matching(
    session: AsyncSession,
    filter_: AllOf | AnyOf | Not | Condition,
    *,
    client_id: UUID,
    list_ids: Sequence[UUID] | None = None,
    campaign_id: UUID | None = None,
) -> int:
    """Return how many of the client's contacts fit; ``list_ids`` narrows it to some lists.

    Erased contacts fit nothing. ``campaign_id`` is what the ``campaign.`` fields speak of.
    """
    count = (
        select(func.count())
        .select_from(Contact)
        .where(
            col(Contact.client_id) == client_id,
            col(Contact.erased_at).is_(None),
            matches(filter_, campaign_id=campaign_id),
        )
    )
    if list_ids is not None:
        count = count.where(col(Contact.list_id).in_(list_ids))
    return (await session.exec(count)).one()


async def _note(
    session: AsyncSession, row: Segment, action: str, user_id: UUID | None, clock: Clock
) -> None:
    await audit.record(
        session,
        client_id=row.client_id,
        user_id=user_id,
        at=clock.now(),
        action=action,
        subject="segment",
        subject_id=row.id,
        facts={"name": row.name},
    )
