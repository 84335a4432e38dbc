"""Rows for tests, with sensible values; each function returns what it added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent, AgentSession
from campaigns.leads.models import Lane, Lead
from campaigns.lists.models import Contact, ContactList, Phone
from campaigns.models import Campaign, CampaignList, Disposition, Trunk
from campaigns.states import CampaignState
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Client
from compliance.models import Place
from compliance.places.placement import Confidence, PlacementSource
from dialer.agent.states import AgentState
from dialer.ids import new_id

ALL_WEEK = {day: [["00:00", "23:59"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


@dataclass(frozen=True, slots=True)
class MadeCampaign:
    """A campaign with everything it needs to dial."""

    id: UUID
    client_id: UUID
    trunk_id: UUID
    list_id: UUID
    lead_ids: tuple[UUID, ...]
    session_ids: tuple[UUID, ...]


async def make_client(session: AsyncSession, now: datetime, name: str = "Acme") -> Client:
    """Add a client."""
    client = Client(name=f"{name} {new_id().hex[-6:]}", created_at=now)
    session.add(client)
    await session.flush()
    return client


async def make_trunk(session: AsyncSession, **changes: Any) -> Trunk:
    """Add a trunk that leads to a simulated carrier."""
    values: dict[str, Any] = {
        "name": f"carrier-{new_id().hex[-8:]}",
        "endpoint": "PJSIP/{number}@carrier",
        "max_channels": 100,
        "calls_per_s": 100.0,
        "simulated": True,
    }
    trunk = Trunk(**(values | changes))
    session.add(trunk)
    await session.flush()
    return trunk


async def make_place(
    session: AsyncSession,
    zones: Sequence[str] = ("Europe/Moscow",),
    jurisdictions: Sequence[str] = ("XX",),
) -> int:
    """Return the id of a place; its country ``XX`` has no rules unless the test names another."""
    values = {
        "zones": sorted(zones),
        "jurisdictions": sorted(jurisdictions),
        "source": PlacementSource.NUMBER,
        "confidence": Confidence.NARROW,
    }
    await session.execute(insert(Place).values(**values).on_conflict_do_nothing())
    rows = select(Place.id).where(*(getattr(Place, name) == v for name, v in values.items()))
    place_id = (await session.exec(rows)).one()
    assert place_id is not None
    return place_id


async def move(session: AsyncSession, e164s: Sequence[str], **where: Any) -> None:
    """Move numbers, and the leads that wait for their call, to another place (see ``make_place``)."""
    place_id = await make_place(session, **where)
    for row in (Phone, Lead):
        mine = col(row.e164).in_(e164s)
        await session.exec(update(row).where(mine).values(place_id=place_id))


def numbers(count: int, first: int = 0) -> list[str]:
    """Return valid Moscow numbers nobody else in the test has."""
    return [f"+7495{2000000 + first + i}" for i in range(count)]


async def make_campaign(
    session: AsyncSession,
    now: datetime,
    *,
    leads: Sequence[str] = (),
    agents: int = 0,
    settings: dict[str, Any] | None = None,
    trunk: dict[str, Any] | None = None,
    state: CampaignState = CampaignState.RUNNING,
    client_id: UUID | None = None,
    agent_endpoint: str = "PJSIP/agent-{n}",
) -> MadeCampaign:
    """Add a campaign with leads (one per number) and open agent sessions that want calls."""
    owner = client_id or (await make_client(session, now)).id
    way_out = await make_trunk(session, **(trunk or {}))
    caller_id = await bootstrap.ensure_caller_id(
        session, client_id=owner, e164="+74951234567", display_name="Acme"
    )
    fast = {"wrap_up_s": 1, "hours": ALL_WEEK, "purpose": "survey"}
    campaign = Campaign(
        client_id=owner,
        name=f"Campaign {new_id().hex[-6:]}",
        state=state,
        trunk_id=way_out.id,
        caller_id_id=caller_id.id,
        settings=fast | (settings or {}),
        created_at=now,
    )
    session.add(campaign)
    await session.flush()
    for code, retry_s in (("sale", None), ("refused", None), ("callback", 3600)):
        session.add(
            Disposition(
                client_id=owner,
                campaign_id=campaign.id,
                code=code,
                label=code.title(),
                retry_after_s=retry_s,
                success=code == "sale",
            )
        )
    list_id, lead_ids = await _make_leads(session, now, campaign, leads)
    session_ids = [
        await make_agent(session, now, campaign, agent_endpoint.format(n=n + 1))
        for n in range(agents)
    ]
    return MadeCampaign(
        campaign.id, owner, way_out.id, list_id, tuple(lead_ids), tuple(session_ids)
    )


async def make_agent(
    session: AsyncSession, now: datetime, campaign: Campaign, endpoint: str
) -> UUID:
    """Add an agent with an open session and return the session's id."""
    agent = Agent(
        client_id=campaign.client_id, name=f"Agent {new_id().hex[-8:]}", endpoint=endpoint
    )
    session.add(agent)
    await session.flush()
    shift = AgentSession(
        client_id=campaign.client_id,
        agent_id=agent.id,
        campaign_id=campaign.id,
        started_at=now,
        wants=AgentState.READY,
    )
    session.add(shift)
    await session.flush()
    return shift.id


async def _make_leads(
    session: AsyncSession, now: datetime, campaign: Campaign, e164s: Sequence[str]
) -> tuple[UUID, list[UUID]]:
    contact_list = ContactList(
        client_id=campaign.client_id,
        name="List",
        file_name="list.csv",
        file_sha256="0" * 64,
        region="RU",
        columns=["Phone"],
        rows_in=len(e164s),
        rows_accepted=len(e164s),
        imported_at=now,
    )
    session.add(contact_list)
    await session.flush()
    session.add(CampaignList(campaign_id=campaign.id, list_id=contact_list.id))
    session.add(Lane(campaign_id=campaign.id, lane=2, list_id=contact_list.id))
    place_id = await make_place(session)
    contacts, phones, leads = [], [], []
    for row, e164 in enumerate(e164s, start=1):
        contact = Contact(
            client_id=campaign.client_id,
            list_id=contact_list.id,
            source_row=row,
            name=f"Person {row}",
            fields={"Phone": e164},
            created_at=now,
        )
        contacts.append(contact)
        phones.append(
            Phone(
                client_id=campaign.client_id,
                contact_id=contact.id,
                position=0,
                e164=e164,
                region="RU",
                place_id=place_id,
            )
        )
        leads.append(
            Lead(
                client_id=campaign.client_id,
                campaign_id=campaign.id,
                contact_id=contact.id,
                lane=2,
                place_id=place_id,
                sort_key=row,
                e164=e164,
                next_attempt_at=now,
            )
        )
    session.add_all(contacts)
    await session.flush()
    session.add_all([*phones, *leads])
    await session.flush()
    return contact_list.id, [lead.id for lead in leads]
