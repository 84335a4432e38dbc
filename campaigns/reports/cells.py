"""Rolling days up: raw rows to cells, and the proof that they are equal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.components import OF_AGENTS, OF_CALLS
from campaigns.reports.dimensions import CUBES, OF_ATTEMPT, Cube, Dimension
from campaigns.reports.planning import plan_for
from campaigns.reports.spans import SPAN, Span, facts
from campaigns.reports.tally import AGENT_TIME, calls

_KEY = ("campaign_id", "cube", "starts_at", "key1", "key2", "client_id")
_COLUMNS = ", ".join((*_KEY, *OF_CALLS, *OF_AGENTS))


def _sums(table: tuple[str, ...], own: tuple[str, ...]) -> str:
    return ", ".join(f"sum({name}) AS {name}" if name in own else f"0 AS {name}" for name in table)


def _grouped(cube: Cube, own: tuple[str, ...], source: str) -> str:
    """Return a SELECT of a cube's cells, of the components that the source has."""
    keys = [one.value if own is OF_CALLS or one is Dimension.AGENT else "''" for one in cube.keys]
    key1, key2 = (*keys, "''", "''")[:2]
    starts = "starts_at" if cube.hourly else "date_trunc('day', starts_at, :zone)"
    return (
        f"SELECT campaign_id, '{cube.name}' AS cube, {starts} AS starts_at, {key1} AS key1,"
        f" {key2} AS key2, {_sums((*OF_CALLS, *OF_AGENTS), own)} FROM {source} GROUP BY 1, 2, 3, 4, 5"
    )


def _cells() -> str:
    parts = [_grouped(cube, OF_CALLS, "one") for cube in CUBES]
    parts += [
        _grouped(cube, OF_AGENTS, "spent") for cube in CUBES if cube.name in ("base", "agent")
    ]
    whole = ", ".join(f"sum({name})::bigint AS {name}" for name in (*OF_CALLS, *OF_AGENTS))
    return (
        f"WITH span AS ({SPAN.format('span')}),"
        f" one AS MATERIALIZED ({calls(tuple(OF_ATTEMPT))}),"
        f" spent AS MATERIALIZED ({AGENT_TIME}),"
        f" cell AS (SELECT campaign_id, cube, starts_at, key1, key2,"
        f" CAST(:client_id AS uuid) AS client_id, {whole}"
        f" FROM ({' UNION ALL '.join(parts)}) AS x GROUP BY 1, 2, 3, 4, 5)"
    )


_INSERT = text(f"{_cells()} INSERT INTO report_cell ({_COLUMNS}) SELECT {_COLUMNS} FROM cell")
_STORED = (
    f"SELECT {_COLUMNS} FROM span JOIN report_cell USING (campaign_id)"
    " WHERE starts_at >= since AND starts_at < until"
)
_COMPARE = text(
    f"{_cells()}, stored AS ({_STORED})"
    " SELECT campaign_id, cube, starts_at, key1, key2 FROM ("
    f" (SELECT {_COLUMNS} FROM cell EXCEPT ALL SELECT {_COLUMNS} FROM stored) UNION ALL"
    f" (SELECT {_COLUMNS} FROM stored EXCEPT ALL SELECT {_COLUMNS} FROM cell)) AS x"
    " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 3, 2, 4, 5"
)
# The same locks as the trigger's; whoever cannot have them all at once comes again.
_LOCK = text(
    """
    SELECT bool_and(pg_try_advisory_xact_lock(hashtextextended(
        CAST(CAST(:campaign_id AS uuid) AS text), extract(epoch FROM hour)::bigint / 3600)))
    FROM generate_series(date_trunc('hour', CAST(:since AS timestamptz), 'UTC'),
        CAST(:until AS timestamptz) - interval '1 microsecond', interval '1 hour') AS hour
    """
)
_CLEAR_DAYS = text(
    "DELETE FROM report_day WHERE campaign_id = :campaign_id AND client_id = :client_id"
    " AND starts_at < :until AND ends_at > :since"
)
_CLEAR_CELLS = text(
    "DELETE FROM report_cell WHERE campaign_id = :campaign_id AND client_id = :client_id"
    " AND cube = ANY(CAST(:cubes AS text[])) AND starts_at >= :since AND starts_at < :until"
)
_ROLLED = text(
    "INSERT INTO report_day (campaign_id, starts_at, client_id, ends_at, rolled_at)"
    " VALUES (:campaign_id, :since, :client_id, :until, :now)"
)


async def roll_up(
    session: AsyncSession, client_id: UUID, day: Span, zone: str, *, now: datetime
) -> bool:
    """Roll one day of a campaign up; False: somebody changes it just now, so it stays raw."""
    known: dict[str, Any] = {
        "campaign_id": day.campaign_id,
        "client_id": client_id,
        "since": day.since,
        "until": day.until,
        "now": now,
    }
    if not (await session.execute(_LOCK, known)).scalar_one():
        return False
    # From here on a statement sees whatever was committed before the locks were had.
    await session.execute(_CLEAR_DAYS, known)
    await session.execute(_CLEAR_CELLS, known | {"cubes": [cube.name for cube in CUBES]})
    await plan_for(session, [day])
    await session.execute(_INSERT, _asked(client_id, day, zone, now))
    await session.execute(_ROLLED, known)
    return True


async def differences(
    session: AsyncSession, client_id: UUID, rolled: Span, zone: str, *, now: datetime
) -> list[tuple[Any, ...]]:
    """Return the cells of rolled-up days that do not equal the raw rows; none, if all is well."""
    await plan_for(session, [rolled])
    found = await session.execute(_COMPARE, _asked(client_id, rolled, zone, now))
    return [tuple(row) for row in found.all()]


def _asked(client_id: UUID, span: Span, zone: str, now: datetime) -> dict[str, Any]:
    return {**facts("span", [span]), "client_id": client_id, "zone": zone, "now": now}
