"""Alarms in the tables: raised once, ended when their reason has gone, acknowledged by a person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.tenancy import audit
from campaigns.wall.alarms import Alarming, Key
from campaigns.wall.models import Alarm
from campaigns.wall.words import AlarmCode
from dialer.clock import Clock
from dialer.errors import NotFound
from dialer.ids import new_id

#: Alarms of a page of the history.
HISTORY_PAGE = 100

_HISTORY = text(
    """
    SELECT a.id, a.campaign_id, c.name AS campaign, a.code, a.facts, a.began_at, a.ended_at,
           a.acknowledged_at, u.login AS acknowledged_by
    FROM wall_alarm a LEFT JOIN campaign c ON c.id = a.campaign_id
    LEFT JOIN user_account u ON u.id = a.acknowledged_by
    WHERE a.client_id = :client_id AND a.began_at < :before
    ORDER BY a.began_at DESC, a.id DESC LIMIT :most
    """
)


class AlarmNotFound(NotFound):
    """The client has no such alarm."""

    code = "alarm_not_found"
    message = "There is no such alarm."


@dataclass(frozen=True, slots=True)
class PastAlarm:
    """An alarm of the history, open or over."""

    id: UUID
    campaign_id: UUID | None
    campaign: str | None
    code: str
    facts: dict[str, Any]
    began_at: datetime
    ended_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None


async def standing(session: AsyncSession, client_id: UUID) -> set[Key]:
    """Return what is open."""
    rows = await session.exec(
        select(Alarm.code, Alarm.about).where(
            col(Alarm.client_id) == client_id, col(Alarm.ended_at).is_(None)
        )
    )
    return {(AlarmCode(code), about) for code, about in rows}


async def keep(
    session: AsyncSession, client_id: UUID, found: Sequence[Alarming], now: datetime
) -> None:
    """Raise what is new and end what has gone. Two that do it at once raise everything once."""
    known = await standing(session, client_id)
    new = {one.key: one for one in found if one.key not in known}
    if new:
        values = [_row(client_id, one, now) for one in new.values()]
        await session.exec(insert(Alarm).values(values).on_conflict_do_nothing())
    await _end(session, client_id, known - {one.key for one in found}, now)


async def _end(
    session: AsyncSession, client_id: UUID, gone: Collection[Key], now: datetime
) -> None:
    for code, about in gone:
        await session.exec(
            update(Alarm)
            .where(
                col(Alarm.client_id) == client_id,
                col(Alarm.code) == code,
                col(Alarm.about) == about,
                col(Alarm.ended_at).is_(None),
            )
            .values(ended_at=now)
        )


def _row(client_id: UUID, one: Alarming, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "client_id": client_id,
        "campaign_id": one.campaign_id,
        "code": one.code,
        "about": one.about,
        "facts": dict(one.facts),
        "began_at": now,
    }


async def acknowledge(
    session: AsyncSession, alarm_id: UUID, *, client_id: UUID, user_id: UUID, clock: Clock
) -> Alarm:
    """Note that a person has seen an alarm; the first who does is kept.

    Raises:
        AlarmNotFound: no such alarm, or it is another client's.
    """
    statement = (
        select(Alarm)
        .where(col(Alarm.id) == alarm_id, col(Alarm.client_id) == client_id)
        .with_for_update()
    )
    alarm = (await session.exec(statement)).first()
    if alarm is None:
        raise AlarmNotFound(alarm_id=str(alarm_id))
    if alarm.acknowledged_at is None:
        alarm.acknowledged_at, alarm.acknowledged_by = clock.now(), user_id
        await session.flush()
        facts = {"code": alarm.code.value, "about": alarm.about}
        await audit.trace(session, alarm, "alarm.acknowledged", facts, user_id=user_id, clock=clock)
    return alarm


async def history(
    session: AsyncSession, client_id: UUID, *, before: datetime, most: int = HISTORY_PAGE
) -> list[PastAlarm]:
    """Return a client's alarms that began before an instant, the latest first."""
    facts = {"client_id": client_id, "before": before, "most": most}
    return [PastAlarm(*row) for row in await session.execute(_HISTORY, facts)]
