"""Parts of talks as the campaign's owner stores them and reads them again. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.models import Attempt
from campaigns.leads.part_models import CallPart
from dialer.call.talks import Part, PartKind


@dataclass(frozen=True, slots=True)
class NewPart:
    """A part of a talk began, or ended."""

    attempt_id: UUID
    part: Part


_STORE = text(
    """
    INSERT INTO call_part (attempt_id, client_id, kind, began_at, target, ended_at, ending)
    SELECT n.attempt_id, a.client_id, n.kind, n.began_at, n.target, n.ended_at, n.ending
    FROM unnest(CAST(:attempts AS uuid[]), CAST(:kinds AS text[]), CAST(:began AS timestamptz[]),
                CAST(:targets AS text[]), CAST(:ended AS timestamptz[]), CAST(:endings AS text[]))
         AS n(attempt_id, kind, began_at, target, ended_at, ending)
    JOIN attempt a ON a.id = n.attempt_id
    ON CONFLICT (attempt_id, kind, began_at)
    DO UPDATE SET ended_at = excluded.ended_at, ending = excluded.ending
    WHERE call_part.ended_at IS NULL
    """
)
# From then on the time is the third party's, not the agent's.
_LEAVE = text(
    """
    UPDATE attempt SET left_at = n.at
    FROM unnest(CAST(:attempts AS uuid[]), CAST(:instants AS timestamptz[])) AS n(id, at)
    WHERE attempt.id = n.id AND attempt.left_at IS NULL
    """
)


_WITHOUT_AGENT = (PartKind.AWAY, PartKind.TAKEN_OVER)


async def store_parts(session: AsyncSession, items: Sequence[NewPart]) -> None:
    """Store parts as they are now; one that is stored as ended stays so."""
    if not items:
        return
    # A row can be written once in a statement: of a part that ended meanwhile, as it ended.
    newest = {(one.attempt_id, one.part.kind, one.part.began_at): one for one in items}
    parts = [one.part for one in newest.values()]
    await session.execute(
        _STORE,
        {
            "attempts": [one.attempt_id for one in newest.values()],
            "kinds": [part.kind.value for part in parts],
            "began": [part.began_at for part in parts],
            "targets": [part.target for part in parts],
            "ended": [part.ended_at for part in parts],
            "endings": [part.ending.value if part.ending else None for part in parts],
        },
    )
    away = [one for one in newest.values() if one.part.kind in _WITHOUT_AGENT]
    if away:
        facts = {
            "attempts": [one.attempt_id for one in away],
            "instants": [one.part.began_at for one in away],
        }
        await session.execute(_LEAVE, facts)


async def open_parts(session: AsyncSession, campaign_id: UUID) -> dict[UUID, tuple[Part, ...]]:
    """Return the parts that are on in a campaign's live calls, by attempt."""
    statement = (
        select(CallPart)
        .join(Attempt, col(Attempt.id) == col(CallPart.attempt_id))
        .where(
            col(Attempt.campaign_id) == campaign_id,
            col(Attempt.ended_at).is_(None),
            col(CallPart.ended_at).is_(None),
        )
    )
    found: dict[UUID, tuple[Part, ...]] = {}
    for row in (await session.exec(statement)).all():
        found[row.attempt_id] = (*found.get(row.attempt_id, ()), as_part(row))
    return found


async def parts_of(session: AsyncSession, attempt_id: UUID, *, client_id: UUID) -> list[Part]:
    """Return the parts of one of a client's calls, in the order in which they began."""
    statement = (
        select(CallPart)
        .where(col(CallPart.attempt_id) == attempt_id, col(CallPart.client_id) == client_id)
        .order_by(col(CallPart.began_at), col(CallPart.kind))
    )
    return [as_part(row) for row in (await session.exec(statement)).all()]


def as_part(row: CallPart) -> Part:
    """Return a stored part as a value."""
    return Part(row.kind, row.began_at, row.target, row.ended_at, row.ending)
