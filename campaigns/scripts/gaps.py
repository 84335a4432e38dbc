"""What was missing in calls: variables without a value, counted for the manager."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.scripts.models import ScriptReading


@dataclass(frozen=True, slots=True)
class Gaps:
    """How often a script was read, and what was missing how often."""

    readings: int
    missing: tuple[tuple[str, int], ...]  #: a variable's path and in how many calls, the most first


async def gaps_of(
    session: AsyncSession, version_ids: Sequence[UUID], *, client_id: UUID, since: datetime
) -> Gaps:
    """Return in how many calls variables had no value, for the manager."""
    mine = (
        col(ScriptReading.client_id) == client_id,
        col(ScriptReading.script_version_id).in_(version_ids),
        col(ScriptReading.shown_at) >= since,
    )
    readings = (
        await session.exec(select(func.count()).select_from(ScriptReading).where(*mine))
    ).one()
    name = func.jsonb_array_elements_text(col(ScriptReading.missing)).label("name")
    each = select(name).where(*mine).subquery()
    grouped = select(each.c.name, func.count()).group_by(each.c.name)
    counted = [(str(path), int(calls)) for path, calls in (await session.exec(grouped)).all()]
    return Gaps(readings, tuple(sorted(counted, key=lambda pair: (-pair[1], pair[0]))))
