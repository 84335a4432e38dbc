"""The campaign of the engine bench: many leads, enough agents, a trunk without tight limits."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent, AgentSession
from campaigns.leads.enrol import enrol
from campaigns.lists.models import Contact, ContactList, Phone
from campaigns.models import Campaign, Trunk
from campaigns.states import CampaignState
from campaigns.tenancy.models import Client
from dialer.clock import SystemClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id

ALL_WEEK = {day: [["00:00", "23:59"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
SETTINGS: dict[str, Any] = {
    "mode": "power",
    "dial_ratio": 5,
    "wrap_up_s": 0,
    "ring_timeout_s": 15,
    "hours": ALL_WEEK,
    "retry": {},
    "hopper_size": 500,
}


async def make_campaign(sessions: SessionFactory, *, leads: int, agents: int) -> UUID:
    """Add a campaign that waits for nothing but a worker, and return its id."""
    clock = SystemClock()
    now = clock.now()
    async with transaction(sessions) as session:
        client = Client(name="Bench", created_at=now)
        endpoint = "PJSIP/{number}@carrier"
        trunk = Trunk(
            name="carrier", endpoint=endpoint, max_channels=5000, calls_per_s=5000, simulated=True
        )
        session.add_all([client, trunk])
        await session.flush()
        campaign = Campaign(
            client_id=client.id,
            name="Engine bench",
            state=CampaignState.RUNNING,
            trunk_id=trunk.id,
            settings=SETTINGS,
            created_at=now,
        )
        session.add(campaign)
        await session.flush()
        list_id = await _add_contacts(session, client.id, leads)
        await enrol(session, campaign.id, list_id, client_id=client.id, clock=clock)
        await _add_agents(session, campaign, agents)
        campaign_id = campaign.id
    async with transaction(sessions) as session:
        for table in ("lead", "contact", "phone", "attempt", "campaign", "trunk"):
            await session.execute(text(f"ANALYZE {table}"))
    return campaign_id


async def _add_contacts(session: AsyncSession, client_id: UUID, leads: int) -> UUID:
    now = SystemClock().now()
    contact_list = ContactList(
        client_id=client_id,
        name="Leads",
        file_name="leads.csv",
        file_sha256="0" * 64,
        region="RU",
        columns=["Phone"],
        rows_in=leads,
        rows_accepted=leads,
        imported_at=now,
    )
    session.add(contact_list)
    await session.flush()
    place_id = await _add_place(session)
    contacts: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "client_id": client_id,
            "list_id": contact_list.id,
            "source_row": row,
            "name": f"Person {row}",
            "fields": {},
            "created_at": now,
        }
        for row in range(1, leads + 1)
    ]
    phones = [
        {
            "id": new_id(),
            "client_id": client_id,
            "contact_id": contact["id"],
            "position": 0,
            "e164": f"+7495{2000000 + row}",
            "region": "RU",
            "place_id": place_id,
        }
        for row, contact in enumerate(contacts)
    ]
    await session.execute(insert(Contact), contacts)
    await session.execute(insert(Phone), phones)
    return contact_list.id


async def _add_place(session: AsyncSession) -> int:
    place = await session.execute(
        text(
            "INSERT INTO place (zones, jurisdictions, source, confidence)"
            " VALUES (ARRAY['Europe/Moscow'], ARRAY['RU', 'RU-MOW'], 'number', 'narrow')"
            " RETURNING id"
        )
    )
    return int(place.scalar_one())


async def _add_agents(session: AsyncSession, campaign: Campaign, agents: int) -> None:
    now = SystemClock().now()
    for n in range(agents):
        agent = Agent(
            client_id=campaign.client_id, name=f"Agent {n}", endpoint=f"PJSIP/agent-{n + 1}"
        )
        session.add(agent)
        await session.flush()
        session.add(
            AgentSession(
                client_id=campaign.client_id,
                agent_id=agent.id,
                campaign_id=campaign.id,
                started_at=now,
            )
        )
