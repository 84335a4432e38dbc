"""A client's targets and limits of its wall: read and changed."""

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.settings import terms_of
from campaigns.tenancy import audit
from campaigns.wall.models import WallChoice
from campaigns.wall.settings import ClientWall
from dialer.clock import Clock


async def client_wall(session: AsyncSession, client_id: UUID) -> ClientWall:
    """Return what a client wants otherwise than the defaults."""
    found = await session.get(WallChoice, client_id, populate_existing=True)
    return ClientWall.model_validate(found.settings) if found is not None else ClientWall()


async def in_force(session: AsyncSession, client_id: UUID) -> tuple[ClientWall, str]:
    """Return what counts for a client, and the zone of its days: that of its reports.

    The service level is that of its reports, too, unless the wall has its own.
    """
    chosen, terms = await client_wall(session, client_id), await terms_of(session, client_id)
    level_s = chosen.service_level_s or terms.service_level_s
    return chosen.model_copy(update={"service_level_s": level_s}), terms.zone


async def choose(
    session: AsyncSession, client_id: UUID, wanted: ClientWall, *, user_id: UUID, clock: Clock
) -> None:
    """Store what a client wants, and who wanted it; the same as before leaves no trace."""
    before = _plain(await client_wall(session, client_id))
    after = _plain(wanted)
    if before == after:
        return
    statement = insert(WallChoice).values(client_id=client_id, settings=after)
    await session.exec(
        statement.on_conflict_do_update(index_elements=["client_id"], set_={"settings": after})
    )
    changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    await audit.record(
        session,
        client_id=client_id,
        user_id=user_id,
        at=clock.now(),
        action="wall.changed",
        subject="wall_choice",
        subject_id=client_id,
        facts={name: [before.get(name), after.get(name)] for name in changed},
    )


def _plain(choice: ClientWall) -> dict[str, Any]:
    return choice.model_dump(mode="json", exclude_none=True)
