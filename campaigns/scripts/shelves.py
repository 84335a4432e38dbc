"""Scripts and their versions as they are found: by code, by number, the draft, the newest published one."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from campaigns.models import Campaign
from campaigns.scripts.errors import ScriptNotFound
from campaigns.scripts.models import ScriptRow, ScriptVersion


async def find_row(
    session: AsyncSession, code: str, *, client_id: UUID, lock: bool = False
) -> ScriptRow:
    """Return a client's script; ``lock`` holds it until the transaction ends.

    Raises:
        ScriptNotFound: the client has no such script.
    """
    mine = select(ScriptRow).where(
        col(ScriptRow.client_id) == client_id, col(ScriptRow.code) == code
    )
    row = (await session.exec(mine.with_for_update() if lock else mine)).first()
    if row is None:
        raise ScriptNotFound(script=code)
    return row


async def draft_of(session: AsyncSession, row: ScriptRow) -> ScriptVersion | None:
    """Return a script's draft."""
    own = _versions(row).where(col(ScriptVersion.published_at).is_(None))
    return (await session.exec(own)).first()


async def version_of(session: AsyncSession, row: ScriptRow, number: int) -> ScriptVersion | None:
    """Return a version by number."""
    return (await session.exec(_versions(row).where(col(ScriptVersion.number) == number))).first()


async def latest_number(session: AsyncSession, row: ScriptRow) -> int:
    """Return the highest number of a script's versions; 0: it has none."""
    highest = select(func.max(ScriptVersion.number)).where(
        col(ScriptVersion.script_id) == row.id, col(ScriptVersion.client_id) == row.client_id
    )
    return (await session.exec(highest)).one() or 0


async def versions_of(session: AsyncSession, row: ScriptRow) -> Sequence[ScriptVersion]:
    """Return a script's versions, the newest first."""
    return (await session.exec(_versions(row).order_by(col(ScriptVersion.number).desc()))).all()


def _versions(row: ScriptRow) -> SelectOfScalar[ScriptVersion]:
    return select(ScriptVersion).where(
        col(ScriptVersion.script_id) == row.id, col(ScriptVersion.client_id) == row.client_id
    )


async def newest_published(
    session: AsyncSession, code: str, *, client_id: UUID
) -> ScriptVersion | None:
    """Return the version operators read; None: the script has none, or there is no such script."""
    statement = (
        select(ScriptVersion)
        .join(ScriptRow, col(ScriptRow.id) == col(ScriptVersion.script_id))
        .where(
            col(ScriptRow.client_id) == client_id,
            col(ScriptRow.code) == code,
            col(ScriptVersion.published_at).is_not(None),
        )
        .order_by(col(ScriptVersion.number).desc())
        .limit(1)
    )
    return (await session.exec(statement)).first()


async def list_scripts(
    session: AsyncSession, *, client_id: UUID, ids: Collection[UUID] | None = None
) -> Sequence[tuple[ScriptRow, ScriptVersion]]:
    """Return the client's scripts by name, each with its versions, the newest first.

    With ``ids`` only those.
    """
    statement = (
        select(ScriptRow, ScriptVersion)
        .join(ScriptVersion, col(ScriptVersion.script_id) == col(ScriptRow.id))
        .where(col(ScriptRow.client_id) == client_id)
        .order_by(col(ScriptRow.name), col(ScriptRow.id), col(ScriptVersion.number).desc())
    )
    if ids is not None:
        statement = statement.where(col(ScriptRow.id).in_(ids))
    return (await session.exec(statement)).all()


async def campaigns_using(
    session: AsyncSession, *, client_id: UUID, code: str | None = None
) -> Sequence[Campaign]:
    """Return the campaigns whose operators read a script, or any script, by name."""
    statement = select(Campaign).where(col(Campaign.client_id) == client_id)
    setting = col(Campaign.settings)["script"].astext
    chosen = setting.is_not(None) if code is None else setting == code
    return (await session.exec(statement.where(chosen).order_by(col(Campaign.name)))).all()


async def free_code(session: AsyncSession, wanted: str, *, client_id: UUID) -> str:
    """Return ``wanted``, or with a number behind it if the client has a script of that code."""
    own = select(ScriptRow.code).where(col(ScriptRow.client_id) == client_id)
    taken = set((await session.exec(own)).all())
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (wanted, *numbered) if code not in taken)
