"""The middle of a working day: people on a list, other agents at work, calls that are over."""

from datetime import datetime, timedelta

from campaigns.agents import sessions as shifts
from campaigns.agents.models import AgentSession, AgentStateEntry
from campaigns.leads.models import Callback, Lane, Lead
from campaigns.lists.models import Contact, ContactList, Phone
from campaigns.models import CampaignList
from campaigns.states import LeadState
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome
from dialer.db import transaction
from tests.browser.screens.shop import Shop
from tests.factories import make_place

#: How the first people of the list stand: outcome, disposition, minutes ago.
TALKED = (
    (CallOutcome.CONNECTED, "done", 50),
    (CallOutcome.CONNECTED, "refused", 44),
    (CallOutcome.NO_ANSWER, None, 38),
    (CallOutcome.CONNECTED, "done", 31),
    (CallOutcome.BUSY, None, 27),
    (CallOutcome.MACHINE, None, 22),
    (CallOutcome.CONNECTED, "sale", 12),
)


async def enrol(shop: Shop) -> None:
    """Put everybody on the first list, and the list into the first campaign."""
    words, world = shop.words, shop.world
    names = [name for name, _ in words.columns]
    async with transaction(world.sessions) as session:
        place_id = await make_place(session, zones=(words.zone,))
        lists = [
            ContactList(
                client_id=world.client_id,
                name=name,
                file_name="orders.csv",
                file_sha256="0" * 64,
                region=words.region,
                columns=names,
                rows_in=len(words.people),
                rows_accepted=len(words.people),
                imported_at=shop.clock.now() - timedelta(days=days),
            )
            for days, name in enumerate(words.lists, start=1)
        ]
        session.add_all(lists)
        await session.flush()
        main = shop.campaign_ids[0]
        session.add(CampaignList(campaign_id=main, list_id=lists[0].id))
        session.add(Lane(campaign_id=main, lane=2, list_id=lists[0].id))
        contacts = [
            Contact(
                client_id=world.client_id,
                list_id=lists[0].id,
                source_row=row,
                name=name,
                fields=dict(words.columns),
                language=shop.language,
                created_at=shop.clock.now(),
                tags=["VIP"] if row == 1 else [],
            )
            for row, name in enumerate(words.people, start=1)
        ]
        session.add_all(contacts)
        await session.flush()
        for row, contact in enumerate(contacts, start=1):
            number = (
                f"{words.number}{row:02}" if shop.language == "en" else f"{words.number}{row:03}"
            )
            session.add(
                Phone(
                    client_id=world.client_id,
                    contact_id=contact.id,
                    position=0,
                    e164=number,
                    region=words.region,
                    place_id=place_id,
                )
            )
            lead = Lead(
                client_id=world.client_id,
                campaign_id=main,
                contact_id=contact.id,
                lane=2,
                place_id=place_id,
                sort_key=row,
                e164=number,
                next_attempt_at=shop.clock.now(),
            )
            session.add(lead)
            shop.leads.append(lead)


async def put_others_to_work(shop: Shop) -> None:
    """Let the other agents work: one talks, one is ready, one has a break."""
    now = shop.clock.now()
    doing = (
        (AgentState.ON_CALL, 2.0, None),
        (AgentState.READY, 0.5, None),
        (AgentState.PAUSED, 7.0, "lunch"),
    )
    async with transaction(shop.world.sessions) as session:
        for name, (state, minutes, code) in zip(shop.words.agents, doing, strict=True):
            agent = await shifts.create_agent(
                session,
                client_id=shop.world.client_id,
                name=name,
                endpoint=f"PJSIP/agent-{len(shop.others) + 2}",
                user_id=None,
            )
            shift = AgentSession(
                client_id=shop.world.client_id,
                agent_id=agent.id,
                campaign_id=shop.campaign_ids[0],
                started_at=now - timedelta(hours=1),
                wants=AgentState.PAUSED if code else AgentState.READY,
                pause_code=code,
            )
            session.add(shift)
            await session.flush()
            shop.others.append(shift.id)
            for part, since, until in (
                (AgentState.READY, now - timedelta(hours=1), now - timedelta(minutes=minutes)),
                (state, now - timedelta(minutes=minutes), None),
            ):
                session.add(
                    AgentStateEntry(
                        session_id=shift.id,
                        campaign_id=shop.campaign_ids[0],
                        state=part,
                        pause_code=code if until is None else None,
                        started_at=since,
                        ended_at=until,
                    )
                )


async def live_the_day_so_far(shop: Shop) -> None:
    """Let calls be over, each with its outcome."""
    for lead, (outcome, disposition, ago) in zip(shop.leads[1:], TALKED, strict=False):
        await shop.past(lead, outcome, disposition, ago)
        async with transaction(shop.world.sessions) as session:
            row = await session.get_one(Lead, lead.id)
            row.attempts_made, row.last_outcome = 1, outcome
            if disposition is not None:
                row.state, row.result = LeadState.DONE, disposition
            else:
                row.waiting_reason = f"retry_{outcome.value}"
                row.next_attempt_at = shop.clock.now() + timedelta(hours=3)
    await shop.past(shop.leads[0], CallOutcome.NO_ANSWER, None, 26 * 60)


async def promise(shop: Shop, lead: Lead, at: datetime, note: str) -> None:
    """Have the agent of the desk promise a call."""
    row = Callback(
        client_id=shop.world.client_id,
        campaign_id=lead.campaign_id,
        lead_id=lead.id,
        promised_at=at,
        zone=shop.words.zone,
        agent=shop.words.agent,
        note=note,
        created_at=shop.clock.now(),
    )
    async with transaction(shop.world.sessions) as session:
        session.add(row)
