"""Cases: leads that were dialled, each under the outcome it has so far. They are counted by differences.

A case moves: from one outcome to another, and to the day of its newest call. So each counted case is kept
as a row, and a change takes it off the cell in which it was and adds it to the one in which it is.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.components import OF_CASES
from campaigns.reports.dimensions import REGION
from campaigns.reports.outcome_rates import BY_OUTCOME, GROUPS, OF_REFUSAL, OF_SUCCESS, OF_TALK

#: The groups of outcome codes, each a component.
OUTCOME_GROUPS = OF_CASES[4:]
_KEY = ("campaign_id", "called_on", "list_id", "region")


def _group_sql(code: str) -> str:
    """Return the group of a code in SQL: the longest beginning that fits decides."""
    longest = sorted(GROUPS, key=len, reverse=True)
    cases = " ".join(f"WHEN {code} LIKE '{one}%' THEN '{GROUPS[one]}'" for one in longest)
    return f"CASE {cases} ELSE 'unknown_other' END"


_CODES = " ".join(f"WHEN '{outcome.value}' THEN '{code}'" for outcome, code in BY_OUTCOME.items())
_CODE = f"""
CASE WHEN d.aapor IS NOT NULL THEN d.aapor WHEN d.success THEN '{OF_SUCCESS}'
     WHEN d.refuses OR d.suppresses THEN '{OF_REFUSAL}'
     WHEN a.connected_at IS NOT NULL THEN '{OF_TALK}'
     ELSE CASE a.outcome {_CODES} ELSE '3.13' END END
"""

#: The cases of leads, as they are; ``asked`` are the leads. What an agent found out counts before what the
#: network said, and a person's answer before an empty line: later calls that reach nobody change nothing.
RAW = f"""
SELECT l.id AS lead_id, l.client_id, l.campaign_id, c.list_id, final.region,
       (newest.started_at AT TIME ZONE coalesce(nullif(o.zone, ''), nullif(w.zone, ''), 'UTC'))::date
           AS called_on,
       {_group_sql("final.code")} AS outcome_group,
       newest.attempts::int AS attempts,
       coalesce(l.state = 'done' AND final.disposed, false) AS done,
       coalesce(l.state = 'done' AND final.disposed AND newest.attempts = 1, false) AS done_at_first
FROM asked JOIN lead l ON l.id = asked.lead_id
JOIN contact c ON c.id = l.contact_id
JOIN client w ON w.id = l.client_id
LEFT JOIN report_settings o ON o.client_id = l.client_id
JOIN LATERAL (
    SELECT max(a.started_at) AS started_at, count(*) AS attempts FROM attempt a WHERE a.lead_id = l.id
) AS newest ON newest.attempts > 0
JOIN LATERAL (
    SELECT {_CODE} AS code, a.disposition IS NOT NULL AS disposed, {REGION} AS region
    FROM attempt a
    LEFT JOIN disposition d ON d.campaign_id = a.campaign_id AND d.code = a.disposition
    LEFT JOIN place p ON p.id = a.place_id
    WHERE a.lead_id = l.id
    ORDER BY a.disposition IS NOT NULL DESC, a.connected_at IS NOT NULL DESC,
             coalesce(a.outcome IN ('abandoned', 'hung_up_early'), false) DESC, a.started_at DESC, a.id DESC
    LIMIT 1
) AS final ON true
"""

_KEPT = (
    *("lead_id", "client_id", "campaign_id", "list_id", "region", "called_on", "outcome_group"),
    *("attempts", "done", "done_at_first"),
)


def counted(sign: int, source: str) -> str:
    """Return a SELECT of the components of cases, each added or taken off."""
    groups = ", ".join(
        f"{sign} * (outcome_group = '{name}')::int AS {name}" for name in OUTCOME_GROUPS
    )
    return (
        f"SELECT {', '.join(_KEY)}, client_id, {sign} AS cases, {sign} * attempts AS case_attempts,"
        f" {sign} * done::int AS cases_done, {sign} * done_at_first::int AS cases_done_at_first,"
        f" {groups} FROM {source}"
    )


_SUMS = ", ".join(f"sum({name})::int AS {name}" for name in OF_CASES)
_ADDED = ", ".join(f"{name} = report_case_cell.{name} + excluded.{name}" for name in OF_CASES)
_COUNT = text(
    f"""
    WITH gone AS (
        DELETE FROM report_case_change WHERE id IN (
            SELECT id FROM report_case_change ORDER BY id LIMIT :most)
        RETURNING id, lead_id
    ), asked AS (SELECT DISTINCT lead_id FROM gone
    ), fresh AS MATERIALIZED ({RAW}
    ), old AS (SELECT k.* FROM report_case k JOIN asked USING (lead_id)
    ), kept AS (
        INSERT INTO report_case ({", ".join(_KEPT)}) SELECT {", ".join(_KEPT)} FROM fresh
        ON CONFLICT (lead_id) DO UPDATE SET
            {", ".join(f"{name} = excluded.{name}" for name in _KEPT[4:])}
    ), moved AS (
        INSERT INTO report_case_cell ({", ".join(_KEY)}, client_id, {", ".join(OF_CASES)})
        SELECT {", ".join(_KEY)}, client_id, {_SUMS}
        FROM ({counted(-1, "old")} UNION ALL {counted(1, "fresh")}) AS x
        GROUP BY {", ".join(_KEY)}, client_id
        ON CONFLICT ({", ".join(_KEY)}) DO UPDATE SET {_ADDED}
    )
    SELECT count(*) FROM gone
    """
)
# One at a time: two would count the same change twice.
_ALONE = text("SELECT pg_try_advisory_xact_lock(hashtextextended('report_case', 0))")


async def count_changes(session: AsyncSession, *, most: int = 5_000) -> int:
    """Count changed cases anew, the oldest changes first; return how many changes were taken.

    0: there are none, or another worker counts them.
    """
    if not (await session.execute(_ALONE)).scalar_one():
        return 0
    await session.execute(text("SET LOCAL jit = off"))
    return int((await session.execute(_COUNT, {"most": most})).scalar_one())


#: The cells of cases with what changed since they were counted: rows of ``_KEY`` and components.
EXACT = f"""
WITH asked AS (
    SELECT DISTINCT lead_id FROM report_case_change
    WHERE client_id = :client_id AND campaign_id = ANY(CAST(:campaigns AS uuid[]))
), fresh AS (SELECT * FROM ({RAW}) AS x WHERE client_id = :client_id
), old AS (SELECT k.* FROM report_case k JOIN asked USING (lead_id) WHERE k.client_id = :client_id
), every AS (
    SELECT {", ".join(_KEY)}, client_id, {", ".join(OF_CASES)} FROM report_case_cell
    WHERE client_id = :client_id AND campaign_id = ANY(CAST(:campaigns AS uuid[]))
      AND called_on BETWEEN :first AND :last
    UNION ALL {counted(-1, "old")} UNION ALL {counted(1, "fresh")}
)
"""
_COMPARE = text(
    f"""
    {EXACT}, asked_all AS (
        SELECT id AS lead_id FROM lead WHERE client_id = :client_id
          AND campaign_id = ANY(CAST(:campaigns AS uuid[]))
    ), plain AS (SELECT * FROM ({RAW.replace("FROM asked JOIN", "FROM asked_all AS asked JOIN")}) AS x
    )
    SELECT {", ".join(_KEY)} FROM (
        SELECT {", ".join(_KEY)}, client_id, {", ".join(OF_CASES)} FROM every
        UNION ALL {counted(-1, "plain")}
    ) AS x WHERE called_on BETWEEN :first AND :last
    GROUP BY {", ".join(_KEY)}
    HAVING ({", ".join(f"sum({name})" for name in OF_CASES)}) <> ({", ".join("0" for _ in OF_CASES)})
    """
)


async def case_differences(
    session: AsyncSession, client_id: UUID, campaigns: Sequence[UUID], **period: Any
) -> list[tuple[Any, ...]]:
    """Return the cells of cases, from day ``first`` to ``last``, that do not equal leads and attempts."""
    asked = {"client_id": client_id, "campaigns": list(campaigns), **period}
    return [tuple(row) for row in (await session.execute(_COMPARE, asked)).all()]
