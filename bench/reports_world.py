"""A year of calls for the bench of reports: made by a few statements, without triggers and indexes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.models import Campaign
from campaigns.states import CampaignState
from campaigns.tenancy.models import Client
from dialer.db import SessionFactory, transaction

CAMPAIGNS, AGENTS, LISTS, REGIONS, TRUNKS, CALLER_IDS = 10, 400, 20, 40, 4, 20
DAYS = 365
#: Calls to one contact, on average.
CALLS_A_LEAD = 2.5
CHUNK = 500_000
_TABLES = ("contact", "lead", "attempt", "agent_state_entry")
#: What is built at once afterwards; the unique ones stay.
_SPARE = (
    *("ix_attempt_campaign", "ix_attempt_number", "ix_attempt_lead", "ix_attempt_contact"),
    *("ix_attempt_answered", "ix_attempt_short", "ix_attempt_disposition", "ix_lead_due"),
    *("ix_lead_dialing", "ix_lead_waiting_reason", "ix_agent_state_entry_campaign"),
)
#: Calls of one number's history are not asked for here: the disk is better kept for rows.
_LEFT_OUT = frozenset({"ix_attempt_number", "ix_attempt_contact", "ix_lead_due"})

_PEOPLE = (
    "INSERT INTO contact_list (id, client_id, name, file_name, file_sha256, region, columns, rows_in,"
    " rows_accepted, rows_refused, imported_at) SELECT CAST(md5('list' || n) AS uuid), :client,"
    " 'List ' || n, 'x', '', 'RU', '[]', 0, 0, 0, :now FROM generate_series(0, :lists - 1) AS n",
    "INSERT INTO place (zones, jurisdictions, source, confidence) SELECT"
    " ARRAY[(ARRAY['Europe/Moscow','Asia/Yekaterinburg','Asia/Vladivostok'])[1 + n % 3]],"
    " ARRAY['RU-' || n], 'number', 'narrow' FROM generate_series(1, :regions) AS n",
    "INSERT INTO trunk (id, client_id, name, endpoint, max_channels, calls_per_s, simulated, rate_tokens)"
    " SELECT CAST(md5('trunk' || n) AS uuid), :client, 'Trunk ' || n, 'PJSIP/{number}@c', 30, 4, true, 0"
    " FROM generate_series(0, :trunks - 1) AS n",
    "INSERT INTO agent (id, client_id, name, endpoint) SELECT CAST(md5('agent' || n) AS uuid), :client,"
    " 'Agent ' || n, 'PJSIP/a' FROM generate_series(0, :agents - 1) AS n",
    "INSERT INTO agent_session (id, client_id, agent_id, campaign_id, started_at, ended_at, wants,"
    " extensions) SELECT CAST(md5('shift' || n) AS uuid), :client, CAST(md5('agent' || n) AS uuid),"
    " (CAST(:campaigns AS uuid[]))[1 + n % :count], :start, :now, 'offline', 0"
    " FROM generate_series(0, :agents - 1) AS n",
    "INSERT INTO disposition (id, client_id, campaign_id, code, label, success, suppresses, refuses,"
    " position) SELECT uuidv7(), :client, c, d, d, d = 'sale', false, d = 'refused', 0"
    " FROM unnest(CAST(:campaigns AS uuid[])) AS c, unnest(ARRAY['sale', 'refused', 'callback']) AS d",
)
_LEADS = """
    WITH made AS (SELECT n FROM generate_series(CAST(:first AS bigint), :last) AS n
    ), contacts AS (
        INSERT INTO contact (id, client_id, list_id, source_row, name, fields, priority, created_at)
        SELECT CAST(md5('c' || n) AS uuid), :client, CAST(md5('list' || n % :lists) AS uuid), n, '', '{}', 0,
               :now FROM made)
    INSERT INTO lead (id, client_id, campaign_id, contact_id, lane, place_id, sort_key, state,
                      waiting_reason, phone_position, e164, attempts_made, result)
    SELECT CAST(md5('l' || n) AS uuid), :client, (CAST(:campaigns AS uuid[]))[1 + n % :count],
           CAST(md5('c' || n) AS uuid), 2, 1 + n % :regions, n,
           CASE WHEN n % 3 = 0 THEN 'waiting' ELSE 'done' END, 'new', 0, '+7' || (9000000000 + n), 2,
           CASE WHEN n % 3 <> 0 THEN 'sale' END FROM made
"""
# Nine of ten calls in the twelve hours of a working day; a quarter is answered, most of it by persons.
_ATTEMPTS = """
    INSERT INTO attempt (id, client_id, campaign_id, lead_id, contact_id, e164, place_id, trunk_id,
        caller_id, fence, number_in_lead, decision, subject, reserved_agent, started_at, answered_at,
        connected_at, ended_at, outcome, cause, sip_code, agent_session_id, disposition)
    SELECT uuidv7(), :client, (CAST(:campaigns AS uuid[]))[1 + l % :count], CAST(md5('l' || l) AS uuid),
           CAST(md5('c' || l) AS uuid), '+7' || (9000000000 + l), 1 + l % :regions,
           CAST(md5('trunk' || h % :trunks) AS uuid), '+7495' || (1000000 + h % :caller_ids), 1,
           1 + n / :leads, '{}', '', false, at,
           CASE WHEN kind < 4 THEN at + interval '9 s' END,
           CASE WHEN kind < 3 THEN at + interval '9 s' + (h % 2500) * interval '1 ms' END,
           at + (20 + h % 200) * interval '1 s',
           (ARRAY['connected','connected','connected','machine','no_answer','no_answer','no_answer',
                  'busy','unreachable','invalid_number','abandoned','no_answer'])[1 + kind],
           (ARRAY[16, 17, 19])[1 + h % 3], (ARRAY[200, 486, 480, 404])[1 + h % 4],
           CASE WHEN kind < 3 THEN
               CAST(md5('shift' || ((h / 7) % :agents / :count * :count + l % :count)) AS uuid) END,
           CASE WHEN kind < 3 THEN (ARRAY['sale', 'refused', 'callback', 'callback'])[1 + h % 4] END
    FROM (
        SELECT n, n % :leads AS l, h, h % 12 AS kind,
               CAST(:start AS timestamptz) + (h / 13 % :days) * interval '1 day'
               + (6 + h / 5000 % 12) * interval '1 hour' + (h % 3600) * interval '1 s' AS at
        FROM (SELECT n, abs(hashint8(n)::bigint) AS h
              FROM generate_series(CAST(:first AS bigint), :last) AS n) AS drawn
    ) AS call
"""
_STATES = """
    INSERT INTO agent_state_entry (id, session_id, campaign_id, state, started_at, ended_at)
    SELECT uuidv7(), CAST(md5('shift' || agent) AS uuid), (CAST(:campaigns AS uuid[]))[1 + agent % :count],
           (ARRAY['ready', 'on_call', 'wrap_up', 'paused'])[1 + k % 4],
           day + (360 + k * 24) * interval '1 minute', day + (384 + k * 24) * interval '1 minute'
    FROM generate_series(CAST(:start AS timestamptz), :now, interval '1 day') AS day,
         generate_series(0, :agents - 1) AS agent, generate_series(0, 19) AS k
    WHERE day < CAST(:now AS timestamptz) - interval '1 day'
"""


async def make_year(
    sessions: SessionFactory, attempts: int, *, start: datetime, now: datetime
) -> UUID:
    """Add a client with a year of calls; return its id."""
    async with transaction(sessions) as session:
        client = Client(name="Bench", created_at=now)
        session.add(client)
        await session.flush()
        made = [
            Campaign(
                client_id=client.id, name=f"C {n}", state=CampaignState.STOPPED, created_at=start
            )
            for n in range(CAMPAIGNS)
        ]
        session.add_all(made)
        await session.flush()
        ids = [one.id for one in made]
    leads = max(int(attempts / CALLS_A_LEAD), 1)
    facts = {
        **{"client": client.id, "campaigns": ids, "count": CAMPAIGNS, "leads": leads, "now": now},
        **{"lists": LISTS, "regions": REGIONS, "trunks": TRUNKS, "caller_ids": CALLER_IDS},
        **{"agents": AGENTS, "days": DAYS, "start": start},
    }
    indexes = await _off(sessions)
    async with transaction(sessions) as session:
        for statement in _PEOPLE:
            await _run(session, statement, facts)
    for statement, rows in ((_LEADS, leads), (_ATTEMPTS, attempts)):
        for first in range(0, rows, CHUNK):
            async with transaction(sessions, durable=False) as session:
                span = {"first": first, "last": min(rows, first + CHUNK) - 1}
                await _run(session, statement, facts | span)
    async with transaction(sessions) as session:
        await _run(session, _STATES, facts)
    await _on(sessions, indexes)
    return client.id


async def _run(session: AsyncSession, statement: str, facts: dict[str, object]) -> None:
    await session.execute(text("SET LOCAL statement_timeout = 0"))
    asked = {name: value for name, value in facts.items() if f":{name}" in statement}
    await session.execute(text(statement), asked)


async def _off(sessions: SessionFactory) -> list[str]:
    """Take triggers and spare indexes off; return the statements that make the indexes again."""
    async with transaction(sessions) as session:
        for table in _TABLES:
            await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        # A check of each of 120 million references takes longer than all the rest; the rows are ours.
        keys = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
        mine = f"{keys} AND conrelid IN ('attempt'::regclass, 'agent_state_entry'::regclass)"
        for table, name in (await session.execute(text(mine))).all():
            await session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
        asked = text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(CAST(:names AS text[]))"
        )
        found = (await session.execute(asked, {"names": list(_SPARE)})).all()
        for name, _ in found:
            await session.execute(text(f"DROP INDEX {name}"))
    return [made for name, made in found if name not in _LEFT_OUT]


async def _on(sessions: SessionFactory, indexes: list[str]) -> None:
    async with sessions() as session:
        link = await session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        await link.execute(text("SET maintenance_work_mem = '512MB'"))
        for statement in indexes:
            await link.execute(text(statement))
        for table in _TABLES:
            await link.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
        await link.execute(
            text(
                "INSERT INTO report_case_change (campaign_id, client_id, lead_id)"
                " SELECT campaign_id, client_id, id FROM lead"
            )
        )
        await link.execute(text("VACUUM (FREEZE, ANALYZE)"))
