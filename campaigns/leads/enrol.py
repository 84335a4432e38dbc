"""Enrolment: the contacts of a list become leads of a campaign."""

from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.models import Lead
from campaigns.lists.models import Contact, ContactList
from campaigns.models import Campaign, CampaignList
from campaigns.states import LeadState
from dialer.clock import Clock
from dialer.errors import NotFound


async def enrol(
    session: AsyncSession, campaign_id: UUID, list_id: UUID, *, client_id: UUID, clock: Clock
) -> int:
    """Make a lead, due now, of every contact of the list that has none in the campaign yet.

    Leads get their ids in the order of the file. Enrolling again only adds what is missing. It is
    one statement in the caller's transaction.

    Returns:
        How many leads were added.

    Raises:
        NotFound: the campaign or the list does not exist or belongs to another client.
    """
    campaign = await session.get(Campaign, campaign_id)
    if campaign is None or campaign.client_id != client_id:
        raise NotFound("There is no such campaign here.")
    contact_list = await session.get(ContactList, list_id)
    if contact_list is None or contact_list.client_id != client_id:
        raise NotFound("There is no such list here.")
    await session.exec(
        insert(CampaignList)
        .values(campaign_id=campaign_id, list_id=list_id)
        .on_conflict_do_nothing()
    )
    contacts = (
        select(
            func.uuidv7(),  # of PostgreSQL 18: ids made by one backend rise
            literal(client_id),
            literal(campaign_id),
            col(Contact.id),
            literal(LeadState.WAITING.value),
            literal(clock.now()),
            literal("new"),
            literal(0),
            literal(0),
        )
        .where(col(Contact.list_id) == list_id, col(Contact.client_id) == client_id)
        .order_by(col(Contact.source_row))
    )
    columns = ["id", "client_id", "campaign_id", "contact_id", "state", "next_attempt_at"]
    columns += ["waiting_reason", "phone_position", "attempts_made"]
    added = (
        insert(Lead)
        .from_select(columns, contacts, include_defaults=False)
        .on_conflict_do_nothing(index_elements=["campaign_id", "contact_id"])
    )
    return (await session.exec(added)).rowcount
