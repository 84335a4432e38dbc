"""Contacts with chosen facts, enrolled in campaigns: for tests of filters, selections and callbacks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.enrol import enrol
from campaigns.leads.models import Lead
from campaigns.lists.models import Contact, ContactList, Phone
from campaigns.models import Campaign
from campaigns.states import PhoneKind
from dialer.clock import FrozenClock
from tests.factories import make_place, numbers

MOSCOW = ("Europe/Moscow",)


async def make_list(
    session: AsyncSession,
    client_id: UUID,
    now: datetime,
    people: Sequence[Mapping[str, Any]],
    *,
    first_number: int = 0,
) -> UUID:
    """Add a list with one contact for each mapping of facts, in this order; return its id.

    ``fields``, ``name`` and the other columns of a contact are taken as they are; ``phones`` is how many
    numbers it has (1), ``zones`` where they may be.
    """
    made = ContactList(
        client_id=client_id,
        name="People",
        file_name="people.csv",
        file_sha256="0" * 64,
        region="RU",
        rows_in=len(people),
        rows_accepted=len(people),
        imported_at=now,
    )
    session.add(made)
    await session.flush()
    contacts, phones = [], []
    fresh = iter(numbers(3 * len(people), first_number))
    for row, facts in enumerate(people, start=1):
        own = dict(facts)
        count, zones = own.pop("phones", 1), own.pop("zones", MOSCOW)
        values: dict[str, Any] = {"name": f"Person {row}", "created_at": now} | own
        contact = Contact(client_id=client_id, list_id=made.id, source_row=row, **values)
        contacts.append(contact)
        place_id = await make_place(session, zones)
        phones += [
            Phone(
                contact_id=contact.id,
                position=position,
                client_id=client_id,
                kind=PhoneKind.MOBILE if position else PhoneKind.PRIMARY,
                e164=next(fresh),
                region="RU",
                place_id=place_id,
            )
            for position in range(count)
        ]
    session.add_all(contacts)
    await session.flush()
    session.add_all(phones)
    await session.flush()
    return made.id


async def enrol_list(
    session: AsyncSession, campaign: Campaign, list_id: UUID, clock: FrozenClock
) -> list[Lead]:
    """Enrol a list and return its leads in the order of the file."""
    await enrol(session, campaign.id, list_id, client_id=campaign.client_id, clock=clock)
    rows = (
        select(Lead)
        .join(Contact, col(Contact.id) == col(Lead.contact_id))
        .where(col(Lead.campaign_id) == campaign.id, col(Contact.list_id) == list_id)
        .order_by(col(Contact.source_row))
    )
    return list((await session.exec(rows)).all())
