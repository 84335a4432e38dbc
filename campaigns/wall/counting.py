"""The day's counts of campaigns: statements over a stretch of time, whose sums add up.

A day is counted whole every few minutes, up to ten minutes ago; what was still open then, and what
began since, is counted every few seconds. So a look costs as much as ten minutes of calls, not a day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.durations import ms_between
from campaigns.wall.sums import CallSums, Ends
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome

#: An agent's state lasts at most as long as a shift.
_LONGEST_STATE = timedelta(hours=24)

#: Ends of calls that never got as far as the person's telephone.
TRUNK_FAILURES = frozenset(
    {CallOutcome.CONGESTION, CallOutcome.NO_RESPONSE, CallOutcome.NOT_SENT, CallOutcome.UNREACHABLE}
)

# "Answered by a person" and "abandoned" are those of campaigns.reports.statements.
_CALLS = f"""
    SELECT a.campaign_id, a.id, a.answered_at, a.connected_at, a.ended_at, w.within_s,
           {ms_between("a.connected_at", "coalesce(a.left_at, a.ended_at)")} AS talk_ms,
           {ms_between("a.answered_at", "a.connected_at")} AS wait_ms,
           a.answered_at IS NOT NULL AND (a.connected_at IS NOT NULL OR v.mistaken OR a.outcome IN
               ('connected', 'abandoned', 'hung_up_early', 'interrupted')) AS by_person,
           a.answered_at IS NOT NULL AND a.connected_at IS NULL
               AND (v.mistaken OR a.outcome IN ('abandoned', 'interrupted')) AS lost,
           CASE WHEN a.connected_at IS NOT NULL THEN
               (SELECT count(*) FROM interview i
                WHERE i.attempt_id = a.id AND i.ending = 'complete')
               + (SELECT count(*) FROM report_erased_interview i  -- a person erased stays counted
                  WHERE i.attempt_id = a.id AND i.ending = 'complete') ELSE 0 END AS forms,
           d.success IS TRUE AS success
    FROM attempt a
    JOIN unnest(CAST(:ids AS uuid[]), CAST(:within AS float8[])) AS w(campaign_id, within_s)
         ON w.campaign_id = a.campaign_id
    LEFT JOIN disposition d ON d.campaign_id = a.campaign_id AND d.code = a.disposition
    CROSS JOIN LATERAL (
        SELECT a.outcome = 'machine' AND EXISTS (
            SELECT FROM amd_verdict x
            WHERE x.attempt_id = a.id AND x.judged = 'person') AS mistaken
    ) AS v
"""  # noqa: S608 - put together from constants only
_SUMS = """
    SELECT campaign_id, count(*) AS attempts, count(answered_at) AS answered,
           count(*) FILTER (WHERE by_person) AS persons, count(connected_at) AS connected,
           count(*) FILTER (WHERE wait_ms <= within_s * 1000) AS taken_in_time,
           count(*) FILTER (WHERE lost) AS lost,
           count(*) FILTER (WHERE connected_at IS NOT NULL AND ended_at IS NOT NULL) AS talked,
           coalesce(sum(wait_ms), 0)::bigint AS wait_ms,
           coalesce(sum(talk_ms) FILTER (WHERE ended_at IS NOT NULL), 0)::bigint AS talk_ms,
           coalesce(sum(forms), 0)::bigint AS forms_complete,
           count(*) FILTER (WHERE success) AS successes
"""
_SETTLED_CALLS = text(
    f"""
    WITH call AS MATERIALIZED ({_CALLS} WHERE a.started_at >= :since AND a.started_at < :until)
    {_SUMS}, NULL AS open FROM call WHERE ended_at IS NOT NULL GROUP BY campaign_id
    UNION ALL
    SELECT campaign_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, array_agg(id)
    FROM call WHERE ended_at IS NULL GROUP BY campaign_id
    """  # noqa: S608 - put together from constants only
)
_RECENT_CALLS = text(
    f"""
    WITH call AS (
        {_CALLS} WHERE a.started_at >= :since AND a.started_at <= :now
        UNION ALL
        {_CALLS} WHERE a.id = ANY(CAST(:open AS uuid[])) AND a.started_at < :since
    )
    {_SUMS} FROM call GROUP BY campaign_id
    """
)
_SPENT = f"""
    SELECT campaign_id, state, id, ended_at,
           {ms_between("greatest(started_at, :since)", "least(coalesce(ended_at, :until), :until)")}
               AS spent_ms
    FROM (SELECT e.campaign_id, e.state, e.id, e.started_at,
                 coalesce(e.ended_at, s.ended_at) AS ended_at
          FROM agent_state_entry e JOIN agent_session s ON s.id = e.session_id) AS entry
"""  # noqa: S608 - put together from constants only
_SETTLED_TIME = text(
    f"""
    WITH entry AS MATERIALIZED (
        {_SPENT} WHERE campaign_id = ANY(CAST(:ids AS uuid[])) AND started_at >= :first
            AND started_at < :until AND coalesce(ended_at, :until) > :since)
    SELECT campaign_id, state, sum(spent_ms)::bigint AS spent_ms,
           array_agg(id) FILTER (WHERE ended_at IS NULL OR ended_at > :until) AS open
    FROM entry GROUP BY 1, 2
    """  # noqa: S608 - put together from constants only
)
# A shift that was ended by its runner's death may leave an entry open: it lasted as long as the shift.
_RECENT_TIME = text(
    f"""
    SELECT campaign_id, state, sum(spent_ms)::bigint AS spent_ms FROM (
        {_SPENT} WHERE campaign_id = ANY(CAST(:ids AS uuid[])) AND started_at >= :since
            AND started_at < :until
        UNION ALL
        {_SPENT} WHERE id = ANY(CAST(:open AS uuid[])) AND started_at < :since
    ) AS entry GROUP BY 1, 2
    """  # noqa: S608 - put together from constants only
)
_FORMS = text(
    """
    SELECT a.campaign_id, count(DISTINCT i.id) AS forms
    FROM attempt a JOIN interview_call k ON k.attempt_id = a.id
    JOIN interview i ON i.id = k.interview_id
    WHERE a.campaign_id = ANY(CAST(:ids AS uuid[])) AND a.started_at >= :begun
      AND a.connected_at IS NOT NULL AND i.ending = 'complete' AND i.ended_at > :since
      AND i.ended_at <= :now
    GROUP BY 1
    """
)
_ENDS = text(
    """
    SELECT campaign_id, trunk_id, caller_id, outcome, cause, count(*) AS calls,
           count(answered_at) AS answered
    FROM attempt
    WHERE campaign_id = ANY(CAST(:ids AS uuid[])) AND started_at >= :since AND started_at < :until
      AND ended_at IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5
    """
)


@dataclass(frozen=True, slots=True)
class Settled:
    """The part of a day that is counted once."""

    since: datetime
    until: datetime
    calls: Mapping[UUID, CallSums] = field(default_factory=dict)
    spent_ms: Mapping[UUID, Mapping[AgentState, int]] = field(default_factory=dict)
    open_calls: Sequence[UUID] = ()
    open_entries: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Campaigns, with the seconds within which each wants its calls taken."""

    within_s: Mapping[UUID, float]

    def facts(self) -> dict[str, Any]:
        """Return the parameters."""
        return {"ids": list(self.within_s), "within": list(self.within_s.values())}


async def settle(
    session: AsyncSession, asked: Asked, *, since: datetime, until: datetime
) -> Settled:
    """Count what began in a stretch of time and is over; ids of what is not."""
    facts = {**asked.facts(), "since": since, "until": until}
    calls: dict[UUID, CallSums] = {}
    open_calls: list[UUID] = []
    for row in await session.execute(_SETTLED_CALLS, facts):
        if row.open is None:
            calls[row.campaign_id] = _sums(row)
        else:
            open_calls += row.open
    facts = {"ids": facts["ids"], "since": since, "until": until, "first": since - _LONGEST_STATE}
    spent: dict[UUID, dict[AgentState, int]] = {}
    open_entries: list[UUID] = []
    for row in await session.execute(_SETTLED_TIME, facts):
        spent.setdefault(row.campaign_id, {})[AgentState(row.state)] = row.spent_ms
        open_entries += row.open or ()
    return Settled(since, until, calls, spent, open_calls, open_entries)


async def count_calls(
    session: AsyncSession, asked: Asked, settled: Settled, now: datetime
) -> dict[UUID, CallSums]:
    """Return the sums of each campaign's day up to now."""
    facts = {**asked.facts(), "since": settled.until, "now": now, "open": settled.open_calls}
    recent = {row.campaign_id: _sums(row) for row in await session.execute(_RECENT_CALLS, facts)}
    none = CallSums()
    return {one: settled.calls.get(one, none) + recent.get(one, none) for one in asked.within_s}


async def count_time(
    session: AsyncSession, asked: Asked, settled: Settled, now: datetime
) -> dict[UUID, dict[AgentState, int]]:
    """Return the milliseconds that agents spent in each state, by campaign, of the day up to now."""
    facts = {
        "ids": list(asked.within_s),
        "since": settled.until,
        "until": now,
        "open": settled.open_entries,
    }
    spent = {one: dict(settled.spent_ms.get(one, {})) for one in asked.within_s}
    for row in await session.execute(_RECENT_TIME, facts):
        state = AgentState(row.state)
        mine = spent.setdefault(row.campaign_id, {})
        mine[state] = mine.get(state, 0) + row.spent_ms
    return spent


async def count_forms(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> dict[UUID, int]:
    """Return the questionnaires completed in the last 60 minutes, by campaign.

    A call in which one is completed began at most two hours before its end; the interview may have begun in
    an earlier call.
    """
    since = now - timedelta(hours=1)
    facts = {"ids": list(ids), "since": since, "begun": since - timedelta(hours=2), "now": now}
    return {row.campaign_id: row.forms for row in await session.execute(_FORMS, facts)}


async def count_ends(
    session: AsyncSession, ids: Sequence[UUID], *, since: datetime, until: datetime
) -> tuple[dict[tuple[UUID, UUID], Ends], dict[tuple[UUID, str], Ends]]:
    """Return how calls ended by (campaign, trunk), and by (campaign, caller ID)."""
    facts = {"ids": list(ids), "since": since, "until": until}
    trunks: dict[tuple[UUID, UUID], list[Row[Any]]] = {}
    callers: dict[tuple[UUID, str], list[Row[Any]]] = {}
    for row in await session.execute(_ENDS, facts):
        trunks.setdefault((row.campaign_id, row.trunk_id), []).append(row)
        if row.caller_id:
            callers.setdefault((row.campaign_id, row.caller_id), []).append(row)
    return (
        {key: _ends(rows) for key, rows in trunks.items()},
        {key: _ends(rows) for key, rows in callers.items()},
    )


def _sums(row: Row[Any]) -> CallSums:
    return CallSums(*(getattr(row, one.name) for one in fields(CallSums)))


def _ends(rows: Sequence[Row[Any]]) -> Ends:
    mix: dict[str, int] = {}
    for row in rows:
        name = row.outcome if row.cause is None else f"{row.outcome} {row.cause}"
        mix[name] = mix.get(name, 0) + row.calls
    return Ends(
        calls=sum(row.calls for row in rows),
        answered=sum(row.answered for row in rows),
        failed=sum(row.calls for row in rows if row.outcome in TRUNK_FAILURES),
        mix=mix,
    )
