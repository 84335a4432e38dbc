"""Enrolment: the contacts of a list become leads of a campaign, each in the lane it is drawn from."""

from typing import Any
from uuid import UUID

import sqlmodel
from sqlalchemy import Select, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.models import Lane, Lead
from campaigns.lists.models import Contact, ContactList, Phone
from campaigns.models import Campaign, CampaignList
from campaigns.selection import Selection
from campaigns.states import LeadState
from dialer.clock import Clock
from dialer.db import affected
from dialer.errors import NotFound


async def enrol(
    session: AsyncSession, campaign_id: UUID, list_id: UUID, *, client_id: UUID, clock: Clock
) -> int:
    """Make a lead, due now, of every contact of the list that has none in the campaign yet.

    Erased contacts and contacts without numbers stay out. Leads are drawn in the order of the file,
    and get their ids in it. Enrolling again only adds what is missing. All in the caller's
    transaction.

    Returns:
        How many leads were added.

    Raises:
        NotFound: the campaign or the list does not exist or belongs to another client.
    """
    await link(session, campaign_id, list_id, client_id=client_id)
    priorities = await session.exec(
        sqlmodel.select(Contact.priority).where(col(Contact.list_id) == list_id).distinct()
    )
    for priority in sorted(priorities):
        await lane_of(session, campaign_id, list_id, priority)
    columns = ["id", "client_id", "campaign_id", "contact_id", "lane", "place_id", "sort_key"]
    columns += ["state", "next_attempt_at", "waiting_reason", "phone_position", "attempts_made"]
    columns += ["e164", "person_key"]
    added = (
        insert(Lead)
        .from_select(
            columns, _new_leads(campaign_id, list_id, client_id, clock), include_defaults=False
        )
        .on_conflict_do_nothing(index_elements=["contact_id", "campaign_id"])
    )
    count = affected(await session.exec(added))
    await mark_selection_due(session, campaign_id)
    return count


def _new_leads(campaign_id: UUID, list_id: UUID, client_id: UUID, clock: Clock) -> Select[Any]:
    """Return the rows of leads for the contacts of a list, in the order of the file."""
    return (
        select(
            func.uuidv7(),  # of PostgreSQL 18: ids made by one backend rise
            literal(client_id),
            literal(campaign_id),
            col(Contact.id),
            col(Lane.lane),
            col(Phone.place_id),
            col(Contact.source_row),
            literal(LeadState.WAITING.value),
            literal(clock.now()),
            literal("new"),
            literal(0),
            literal(0),
            col(Phone.e164),
            col(Contact.external_key),
        )
        .join(Phone, (col(Phone.contact_id) == col(Contact.id)) & (col(Phone.position) == 0))
        .join(
            Lane,
            (col(Lane.campaign_id) == campaign_id)
            & (col(Lane.list_id) == col(Contact.list_id))
            & (col(Lane.priority) == col(Contact.priority))
            & (col(Lane.quota_cell) == 0),
        )
        .where(
            col(Contact.list_id) == list_id,
            col(Contact.client_id) == client_id,
            col(Contact.erased_at).is_(None),
        )
        .order_by(col(Contact.source_row))
    )


async def link(session: AsyncSession, campaign_id: UUID, list_id: UUID, *, client_id: UUID) -> None:
    """Let the campaign draw from the list.

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


async def mark_selection_due(session: AsyncSession, campaign_id: UUID) -> None:
    """Keep the campaign's leads from being drawn until its selection has looked at the new ones.

    New leads come into their list's plain lane. It locks the campaign's row, for which its runner
    would wait: the last thing before a commit. The lock keeps a change of the selection from being
    applied in between, without these leads.
    """
    campaign = await session.get_one(
        Campaign, campaign_id, with_for_update={"key_share": True}, populate_existing=True
    )
    selection = Selection.model_validate(campaign.settings.get("selection") or {})
    if not selection.selects_alike(Selection()):
        campaign.selection_due = True
        campaign.selection_version += 1
        await session.flush()


async def lane_of(
    session: AsyncSession,
    campaign_id: UUID,
    list_id: UUID,
    priority: int,
    *,
    quota_cell: int = 0,
) -> int:
    """Return the lane of the campaign's leads of this list, priority and cell; make it if need be.

    A new lane takes the next free even number. One that another open transaction is about to take
    counts as taken, so two long imports into one campaign do not wait for each other.
    """
    mine = (
        (col(Lane.campaign_id) == campaign_id)
        & (col(Lane.list_id) == list_id)
        & (col(Lane.priority) == priority)
        & (col(Lane.quota_cell) == quota_cell)
    )
    known = sqlmodel.select(Lane.lane).where(mine)
    found = (await session.exec(known)).first()
    if found is not None:
        return found
    last = sqlmodel.select(func.coalesce(func.max(col(Lane.lane)), 0)).where(
        col(Lane.campaign_id) == campaign_id
    )
    lane: int = (await session.exec(last)).one()
    while True:
        lane += 2
        key = func.pg_try_advisory_xact_lock(func.hashtext(str(campaign_id)), lane)
        if not (await session.exec(sqlmodel.select(key))).one():
            continue
        made = (
            insert(Lane)
            .values(
                campaign_id=campaign_id,
                lane=lane,
                list_id=list_id,
                priority=priority,
                quota_cell=quota_cell,
            )
            .on_conflict_do_nothing()  # of the number, or of the key: somebody else made it now
        )
        if affected(await session.exec(made)):
            return lane
        found = (await session.exec(known)).first()
        if found is not None:
            return found
