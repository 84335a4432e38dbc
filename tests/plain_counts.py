"""Counts by people who do not trust the program: plain SQL over calls, operators' states and interviews.

Nothing of ``campaigns`` is imported here, and no roll-up is read. An instant counts to the millisecond, so
a span is the same however it is cut; a day and an hour are those of a zone.
"""
# ruff: noqa: S608 - statements of tests, made of our own names

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

Key = tuple[str, ...]
Counts = dict[Key, dict[str, int]]

_MS = "(floor(extract(epoch FROM {0}) * 1000))::bigint"


def _ms(since: str, until: str) -> str:
    """Whoever sets a clock back makes nothing shorter than nothing."""
    span = f"({_MS.format(until)} - {_MS.format(since)})"
    return f"(CASE WHEN {span} < 0 THEN 0 ELSE {span} END)"


#: One row for each attempt, with what it is grouped by and what it counts for.
_CALLS = f"""
CREATE TEMP TABLE plain_call ON COMMIT DROP AS
SELECT a.campaign_id::text AS campaign,
       to_char(a.started_at AT TIME ZONE '{{zone}}', 'YYYY-MM-DD') AS day,
       (extract(hour FROM a.started_at AT TIME ZONE '{{zone}}'))::int::text AS hour,
       (SELECT c.list_id::text FROM contact c WHERE c.id = a.contact_id) AS list,
       coalesce((SELECT s.agent_id::text FROM agent_session s WHERE s.id = a.agent_session_id), '')
           AS agent,
       coalesce((SELECT i.form_version_id::text FROM interview_call k
                 JOIN interview i ON i.id = k.interview_id WHERE k.attempt_id = a.id), '') AS form,
       a.trunk_id::text AS trunk, coalesce(a.caller_id, '') AS caller_id,
       CASE WHEN a.sip_code IS NOT NULL THEN 'SIP ' || a.sip_code
            WHEN a.cause IS NOT NULL THEN 'Q.850 ' || a.cause ELSE '' END AS cause,
       coalesce(a.outcome, '') AS outcome, coalesce(a.disposition, '') AS disposition,
       a.started_at,
       1 AS attempts,
       (a.answered_at IS NOT NULL)::int AS answered,
       (a.answered_at IS NOT NULL AND (a.connected_at IS NOT NULL OR a.outcome IN
           ('abandoned', 'hung_up_early', 'interrupted')))::int AS persons,
       (a.connected_at IS NOT NULL)::int AS connected,
       (a.answered_at IS NOT NULL AND a.connected_at IS NULL
           AND a.outcome IN ('abandoned', 'interrupted'))::int AS lost,
       (a.connected_at IS NOT NULL AND a.ended_at IS NOT NULL)::int AS talked,
       coalesce({_ms("a.answered_at", "a.connected_at")}, 0) AS wait_ms,
       coalesce(({_ms("a.answered_at", "a.connected_at")} <= 1000)::int, 0) AS taken_in_time,
       coalesce({_ms("a.connected_at", "coalesce(a.left_at, a.ended_at)")}, 0) AS talk_ms,
       coalesce({_ms("a.answered_at", "a.ended_at")}, 0) AS line_ms,
       coalesce((SELECT sum({_ms("p.began_at", "p.ended_at")}) FROM call_part p
                 WHERE p.attempt_id = a.id AND p.kind = 'held'), 0)::bigint AS hold_ms,
       (a.outcome = 'interrupted')::int AS interrupted,
       (a.disposition = 'sale')::int AS successes,
       (a.disposition = 'refused')::int AS refusals,
       (SELECT count(*) FROM interview i WHERE i.attempt_id = a.id) AS forms_begun,
       (SELECT count(*) FROM interview i WHERE i.attempt_id = a.id AND i.ending = 'complete')
           AS forms_complete,
       (SELECT count(*) FROM interview i JOIN interview_answer w ON w.interview_id = i.id
        WHERE i.attempt_id = a.id AND w.code = 'happy' AND w.answer ->> 'value' <> '')
           AS csat_answers,
       (SELECT count(*) FROM interview i JOIN interview_answer w ON w.interview_id = i.id
        WHERE i.attempt_id = a.id AND w.code = 'happy'
          AND (w.answer ->> 'value') IN ('7', '8', '9', '10')) AS csat_satisfied
FROM attempt a WHERE a.client_id = '{{client}}'
"""
_OF_CALLS = (
    *("attempts", "answered", "persons", "connected", "lost", "talked", "wait_ms", "taken_in_time"),
    *("talk_ms", "line_ms", "hold_ms", "interrupted", "successes", "refusals", "forms_begun"),
    *("forms_complete", "csat_answers", "csat_satisfied"),
)

#: One row for each hour that an operator's state touches.
_TIMES = f"""
CREATE TEMP TABLE plain_time ON COMMIT DROP AS
SELECT campaign, agent, state, day, hour, since, until, {_ms("since", "until")} AS ms
FROM (
    SELECT e.campaign_id::text AS campaign, s.agent_id::text AS agent, e.state,
           to_char(h AT TIME ZONE '{{zone}}', 'YYYY-MM-DD') AS day,
           (extract(hour FROM h AT TIME ZONE '{{zone}}'))::int::text AS hour,
           greatest(e.started_at, h) AS since,
           least(coalesce(e.ended_at, s.ended_at, timestamptz '{{now}}'), h + interval '1 hour')
               AS until
    FROM agent_state_entry e JOIN agent_session s ON s.id = e.session_id
    CROSS JOIN generate_series(
        date_trunc('hour', e.started_at),
        coalesce(e.ended_at, s.ended_at, timestamptz '{{now}}'), interval '1 hour') AS h
    WHERE s.client_id = '{{client}}'
) AS piece WHERE until > since AND state <> 'offline'
"""
_STATES = (
    *("on_call", "wrap_up", "ready", "previewing", "dialing", "reserved", "connecting", "paused"),
)

#: One row for each lead that was dialled: the day of its last call, and the call that says most.
_CASES = """
CREATE TEMP TABLE plain_case ON COMMIT DROP AS
SELECT l.campaign_id::text AS campaign,
       (SELECT c.list_id::text FROM contact c WHERE c.id = l.contact_id) AS list,
       to_char((SELECT max(a.started_at) FROM attempt a WHERE a.lead_id = l.id)
               AT TIME ZONE '{zone}', 'YYYY-MM-DD') AS day,
       1 AS cases,
       (SELECT count(*) FROM attempt a WHERE a.lead_id = l.id) AS case_attempts,
       (l.state = 'done' AND best.disposition IS NOT NULL)::int AS cases_done,
       (l.state = 'done' AND best.disposition IS NOT NULL
           AND (SELECT count(*) FROM attempt a WHERE a.lead_id = l.id) = 1)::int AS cases_done_at_first,
       coalesce((best.disposition = 'sale')::int, 0) AS complete,
       coalesce((best.disposition = 'refused')::int, 0) AS refused
FROM lead l CROSS JOIN LATERAL (
    SELECT a.disposition FROM attempt a WHERE a.lead_id = l.id
    ORDER BY (a.disposition IS NOT NULL) DESC, a.started_at DESC LIMIT 1
) AS best
WHERE l.client_id = '{client}'
"""
_OF_CASES = (
    *("cases", "case_attempts", "cases_done", "cases_done_at_first", "complete", "refused"),
)


class PlainCounts:
    """A client's counts at an instant, for the length of a transaction."""

    def __init__(self, session: AsyncSession) -> None:
        """Count with a session's connection."""
        self._session = session

    async def prepare(self, client_id: UUID, zone: str, now: datetime) -> None:
        """Write a row for each attempt, each hour of a state and each case into tables of our own."""
        facts = {"client": client_id, "zone": zone, "now": now.isoformat()}
        for statement in (_CALLS, _TIMES, _CASES):
            await self._session.execute(text(statement.format(**facts)))

    async def calls(self, *by: str, where: str = "true") -> Counts:
        """Count attempts and what happened in them."""
        said = [f"sum({one})::bigint AS {one}" for one in _OF_CALLS]
        return await self._read(_grouped("plain_call", said, by, where), _OF_CALLS, by)

    async def cases(self, *by: str) -> Counts:
        """Count leads that were dialled."""
        said = [f"sum({one})::bigint AS {one}" for one in _OF_CASES]
        return await self._read(_grouped("plain_case", said, by, "true"), _OF_CASES, by)

    async def times(self, *by: str, where: str = "true") -> Counts:
        """Count milliseconds in each state of the operators."""
        sums = {f"{one}_ms": f"sum(ms) FILTER (WHERE state = '{one}')" for one in _STATES}
        if "hour" not in by:
            sums["agent_days"] = "count(DISTINCT (campaign, agent, day))"
        said = [f"coalesce({sql}, 0)::bigint AS {name}" for name, sql in sums.items()]
        return await self._read(_grouped("plain_time", said, by, where), tuple(sums), by)

    async def all(self, *by: str) -> Counts:
        """Count whatever is known by these dimensions."""
        found: Counts = {}
        parts = [await self.calls(*by)]
        if set(by) <= {"campaign", "agent", "day", "hour"}:
            parts.append(await self.times(*by))
        if set(by) <= {"campaign", "list", "day"}:
            parts.append(await self.cases(*by))
        for part in parts:
            for key, counts in part.items():
                found.setdefault(key, {}).update(counts)
        return found

    async def rows(self, statement: str, **facts: Any) -> list[Mapping[str, Any]]:
        """Return the rows of any statement."""
        found = await self._session.execute(text(statement), facts)
        return [dict(row) for row in found.mappings()]

    async def _read(self, statement: str, columns: Sequence[str], by: Sequence[str]) -> Counts:
        rows = (await self._session.execute(text(statement))).mappings()
        return {
            tuple(str(row[one]) for one in by): {name: int(row[name] or 0) for name in columns}
            for row in rows
        }


def _grouped(table: str, said: Sequence[str], by: Sequence[str], where: str) -> str:
    group = f"GROUP BY {', '.join(by)}" if by else ""
    return f"SELECT {', '.join([*by, *said])} FROM {table} WHERE {where} {group}"


def _ratio(over: float | Decimal, under: float | Decimal) -> Decimal | None:
    return Decimal(over) / Decimal(under) if under else None


_WORK = ("on_call", "wrap_up", "ready", "previewing", "dialing", "reserved", "connecting")


def figure(name: str, of: Mapping[str, int], *, rate: Decimal, tariff: Decimal) -> Decimal | None:
    """Return a figure of plain counts, by its definition in words; rate a paid hour, tariff a minute."""
    work = sum(of.get(f"{one}_ms", 0) for one in _WORK)
    logged_in = work + of.get("paused_ms", 0)
    cost = Decimal(logged_in) * rate / 3_600_000 + Decimal(of.get("line_ms", 0)) * tariff / 60_000
    get = of.get
    formulas: dict[str, tuple[float | Decimal, float | Decimal]] = {
        "answer_rate": (get("answered", 0), get("attempts", 0)),
        "unanswered_rate": (get("attempts", 0) - get("answered", 0), get("attempts", 0)),
        "dials_per_talk": (get("attempts", 0), get("connected", 0)),
        "person_rate": (get("persons", 0), get("attempts", 0)),
        "service_level": (get("taken_in_time", 0), get("persons", 0)),
        "lost_rate": (get("persons", 0) - get("connected", 0), get("persons", 0)),
        "abandoned_rate": (get("lost", 0), get("persons", 0)),
        "asa": (get("wait_ms", 0), get("connected", 0) * 1000),
        "talk_mean": (get("talk_ms", 0), get("talked", 0) * 1000),
        "hold_mean": (get("hold_ms", 0), get("talked", 0) * 1000),
        "aht": (get("talk_ms", 0) + get("wrap_up_ms", 0), get("connected", 0) * 1000),
        "time_per_contact": (get("talk_ms", 0) + get("wrap_up_ms", 0), get("cases", 0) * 1000),
        "occupancy": (get("on_call_ms", 0) + get("wrap_up_ms", 0), work),
        "conversion": (get("successes", 0), get("connected", 0)),
        "form_completion": (get("forms_complete", 0), get("forms_begun", 0)),
        "forms_per_hour": (get("forms_complete", 0) * 3_600_000, work),
        "calls_per_hour": (get("connected", 0) * 3_600_000, work),
        "calls_per_agent_day": (get("connected", 0), get("agent_days", 0)),
        "csat": (get("csat_satisfied", 0), get("csat_answers", 0)),
        "fcr": (get("cases_done_at_first", 0), get("cases_done", 0)),
        "attempts_per_case": (get("case_attempts", 0), get("cases", 0)),
        "cost_per_call": (cost, get("connected", 0)),
        "cost_per_form": (cost, get("forms_complete", 0)),
        "cost_per_sale": (cost, get("successes", 0)),
        "cost": (cost, 1),
        "minutes": (get("line_ms", 0), 60_000),
        "logged_in_s": (logged_in, 1000),
        "talk_s": (get("on_call_ms", 0), 1000),
        "hold_s": (get("hold_ms", 0), 1000),
        "wrap_up_s": (get("wrap_up_ms", 0), 1000),
        "wait_s": (get("ready_ms", 0), 1000),
        "readiness_s": (get("on_call_ms", 0) + get("ready_ms", 0), 1000),
        "sales_per_hour": (get("successes", 0) * 3_600_000, work),
        "pause_s": (get("paused_ms", 0), 1000),
    }
    if name in formulas:
        return _ratio(*formulas[name])
    return Decimal(get(name, 0))
