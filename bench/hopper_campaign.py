"""A campaign of any size for the hopper's bench: half of its leads outside their window, a tenth due."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.models import Campaign
from campaigns.states import CampaignState
from campaigns.tenancy.models import Client
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id

#: Zone groups: the even ones are open now, so half of the leads are outside their window.
PLACES = 24
#: Lists of the campaign; each has a lane of new leads and one of leads tried before.
LISTS = 2
CHUNK = 500_000

_ROWS = text(
    """
    WITH made AS (
        SELECT n, uuidv7() AS contact_id FROM generate_series(CAST(:first AS int), :last) AS n
    ), contacts AS (
        INSERT INTO contact (id, client_id, list_id, source_row, name, fields, priority, created_at)
        SELECT contact_id, :client_id, (CAST(:lists AS uuid[]))[1 + n % :list_count], n,
               'Person ' || n, jsonb_build_object('Phone', n), 0, :now FROM made
    ), phones AS (
        INSERT INTO phone (contact_id, position, client_id, kind, e164, region, place_id)
        SELECT contact_id, 0, :client_id, 'primary', '+7' || (9000000000 + n), 'RU',
               (CAST(:places AS int[]))[1 + (n / 7) % :place_count] FROM made
    )
    INSERT INTO lead (id, client_id, campaign_id, contact_id, lane, place_id, sort_key, state,
                      next_attempt_at, waiting_reason, phone_position, attempts_made, e164)
    SELECT uuidv7(), :client_id, :campaign_id, contact_id,
           2 + 2 * (n % :list_count) + (n / 3) % 2, (CAST(:places AS int[]))[1 + (n / 7) % :place_count],
           n, 'waiting',
           -- Every tenth is due: new leads since they were enrolled, tried ones since up to a day.
           CAST(:now AS timestamptz) + CASE
               WHEN n % 10 = (n / 10) % 10 AND (n / 3) % 2 = 0 THEN interval '-1 hour'
               WHEN n % 10 = (n / 10) % 10 THEN -(1 + (n::bigint * 7919) % 86400) * interval '1 second'
               ELSE (1 + (n::bigint * 7919) % 86400) * interval '1 second' END,
           'new', 0, (n / 3) % 2, '+7' || (9000000000 + n)
    FROM made
    """
)


async def make_campaign(
    sessions: SessionFactory, leads: int, *, now: datetime
) -> tuple[UUID, list[int]]:
    """Add a campaign with ``leads`` leads; return its id and the places that are open."""
    async with transaction(sessions) as session:
        client = Client(name=f"Bench {leads}", created_at=now)
        session.add(client)
        await session.flush()
        campaign = Campaign(
            client_id=client.id, name="Hopper", state=CampaignState.RUNNING, created_at=now
        )
        session.add(campaign)
        await session.flush()
        lists = await _add_lists(session, client.id, campaign.id, leads, now)
        places = [await _add_place(session, n) for n in range(PLACES)]
    for first in range(1, leads + 1, CHUNK):
        async with transaction(sessions) as session:
            await session.execute(text("SET LOCAL statement_timeout = 0"))
            facts = {
                "first": first,
                "last": min(leads, first + CHUNK - 1),
                "client_id": client.id,
                "campaign_id": campaign.id,
                "lists": lists,
                "list_count": LISTS,
                "places": places,
                "place_count": PLACES,
                "now": now,
            }
            await session.execute(_ROWS, facts)
    return campaign.id, places[::2]


async def _add_lists(
    session: AsyncSession, client_id: UUID, campaign_id: UUID, leads: int, now: datetime
) -> list[UUID]:
    ids = [new_id() for _ in range(LISTS)]
    for number, list_id in enumerate(ids):
        await session.execute(
            text(
                "INSERT INTO contact_list (id, client_id, name, file_name, file_sha256, region,"
                " columns, rows_in, rows_accepted, rows_refused, imported_at)"
                " VALUES (:id, :client, 'List', 'list.csv', '', 'RU', '[]', :n, :n, 0, :now)"
            ),
            {"id": list_id, "client": client_id, "n": leads // LISTS, "now": now},
        )
        await session.execute(
            text(
                "INSERT INTO lane (campaign_id, lane, list_id, priority, quota_cell)"
                " VALUES (:campaign, :lane, :list, 0, 0)"
            ),
            {"campaign": campaign_id, "lane": 2 + 2 * number, "list": list_id},
        )
    return ids


async def _add_place(session: AsyncSession, number: int) -> int:
    zone = f"Bench/Zone-{number}"
    known = text("SELECT id FROM place WHERE zones = CAST(:zones AS varchar[])")
    found = (await session.execute(known, {"zones": [zone]})).scalar_one_or_none()
    if found is None:
        made = await session.execute(
            text(
                "INSERT INTO place (zones, jurisdictions, source, confidence)"
                " VALUES (:zones, ARRAY['XX'], 'number', 'narrow') RETURNING id"
            ),
            {"zones": [zone]},
        )
        found = made.scalar_one()
    return int(found)


# Building the indexes at once is several times quicker than keeping them while ten million rows come.
_SPARE = ("ix_phone_e164", "ix_lead_due", "ix_lead_dialing", "ix_lead_waiting_reason")
_TABLES = ("contact", "phone", "lead")


async def put_indexes_off(sessions: SessionFactory) -> dict[str, str]:
    """Drop what only slows the load down, and return what makes it again."""
    async with transaction(sessions) as session:
        rows = await session.execute(
            text("SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(:names)"),
            {"names": list(_SPARE)},
        )
        definitions = {row.indexname: row.indexdef for row in rows}
        for name in definitions:
            await session.execute(text(f"DROP INDEX {name}"))
        for table in _TABLES:
            await session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    return definitions


async def put_indexes_back(sessions: SessionFactory, definitions: dict[str, str]) -> None:
    """Make the indexes again, as the migrations made them, and the checks too."""
    for definition in definitions.values():
        async with transaction(sessions) as session:
            await session.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
            await session.execute(text(definition))
    async with transaction(sessions) as session:
        for table in _TABLES:
            await session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
