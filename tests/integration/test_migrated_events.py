"""What a migration makes of events that were there: ids go on, gaps are known, words of receivers go."""

from collections.abc import Callable
from datetime import timedelta

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from campaigns.events.retention import let_go
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from dialer.settings import PROJECT_ROOT
from tests.events_world import Happening

_TRY = """
    INSERT INTO webhook_try (id, client_id, endpoint_id, lane_id, first_position, last_position, events,
                             began_at, ended_at, reason, detail)
    VALUES (gen_random_uuid(), :client, :endpoint, :lane, 1, 1, 1, now(), now(), 'refused', :said)
"""
_LANE = """
    INSERT INTO webhook_lane (endpoint_id, lane_id, client_id, position, replays, tries, reason,
                              reason_detail)
    VALUES (:endpoint, :lane, :client, 0, 0, 0, '', 'HTTP 500 Anna')
"""
_ANSWER = """
    INSERT INTO kept_answer (client_id, key, request_sha256, answer, made_at)
    VALUES (:client, 'k', '', '{"added": 2, "contacts": [{"external_id": "KEY-1", "outcome": "added"},
            {"external_id": "KEY-2", "outcome": "refused", "reason": "no_phone"}]}', now())
"""
_OTHER_ANSWER = """
    INSERT INTO kept_answer (client_id, key, request_sha256, answer, made_at)
    VALUES (:client, :key, '', CAST(:answer AS jsonb), now())
"""
_AUDIT = """
    INSERT INTO audit_entry (id, client_id, at, action, subject, subject_id, facts)
    VALUES (gen_random_uuid(), :client, now(), 'webhook.disabled', 'webhook_endpoint', :endpoint,
            '{"reason": "gone", "detail": "HTTP 410 Anna is gone"}')
"""


async def _migrate(url: str, step: Callable[[Config], None]) -> None:
    def run(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(PROJECT_ROOT / "alembic"))
        config.attributes["connection"] = connection
        step(config)

    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


async def test_rows_from_before_go_on_and_name_nobody(
    sessions: SessionFactory, clock: FrozenClock, database_url: str
) -> None:
    world = await Happening.begin(sessions, clock, leads=1)
    other = await world.another_campaign(leads=1)
    row = await world.endpoint("https://crm.example/hook")
    await world.happen()
    await world.place()
    clock.advance(40 * 86_400)
    await let_go(sessions, clock, timedelta(days=30))
    await other.happen()
    await world.place()
    own = {"client": world.made.client_id, "endpoint": row.id, "lane": world.made.id}
    await world.run(_LANE, **own)
    await world.run(_AUDIT, client=own["client"], endpoint=row.id)
    for said in ("HTTP 422 no such person: Anna", "connection refused", ""):
        await world.run(_TRY, said=said, **own)
    await _migrate(database_url, lambda config: command.downgrade(config, "0034-1"))
    await world.run("UPDATE webhook_endpoint SET replays = 3")
    await world.run(_ANSWER, client=own["client"])
    for key, answer in (("begun anew", "null"), ("without contacts", '{"added": 0}')):
        await world.run(_OTHER_ANSWER, client=own["client"], key=key, answer=answer)
    await _migrate(database_url, lambda config: command.upgrade(config, "head"))
    lane = "SELECT replays || ' ' || reason_detail FROM webhook_lane"
    assert await world.scalar(lane) == "3 HTTP 500", (
        "its next message has another id than all before"
    )
    heads = "SELECT string_agg(gone_position::text, ' ' ORDER BY last_position) FROM event_head"
    assert await world.scalar(heads) == "3 3", "at worst a gap too many, never one too few"
    details = "SELECT string_agg(detail, '|' ORDER BY length(detail)) FROM webhook_try"
    assert await world.scalar(details) == "|HTTP 422|connection refused"
    told = "SELECT facts ->> 'detail' FROM audit_entry WHERE action = 'webhook.disabled'"
    assert await world.scalar(told) == "HTTP 410"
    assert await world.scalar("SELECT answer IS NULL FROM kept_answer WHERE key = 'begun anew'")
    assert await world.scalar("SELECT answer -> 'contacts' FROM kept_answer WHERE key = 'k'") == [
        {"outcome": "added"},
        {"outcome": "refused", "reason": "no_phone"},
    ]
