"""A number an agent typed, as a lead of the campaign: the contact that has it, or a new one."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.enrol import lane_of, link
from campaigns.leads.models import Lead
from campaigns.lists.models import Contact, ContactList, Phone
from campaigns.models import CampaignList
from campaigns.states import LeadState
from compliance.models import Place
from compliance.places.zones import place
from dialer import phone
from dialer.clock import Clock
from dialer.phone import PhoneNumber

#: The list of a client's contacts whose numbers were typed by agents.
LIST_NAME = "Typed by agents"
#: Where no list of the campaign says another country: a number then needs its country code.
_NO_REGION = "ZZ"


async def lead_of_number(
    session: AsyncSession, campaign_id: UUID, typed: str, *, client_id: UUID, clock: Clock
) -> tuple[UUID, int]:
    """Return the lead of the contact with this number, and the number's position; made if need be.

    Raises:
        InvalidPhone: it is not a number that can be dialled.
    """
    number = phone.parse(typed, await _region(session, campaign_id))
    found = await _known(session, campaign_id, number, client_id)
    if found is not None:
        return found
    listed = await _list(session, client_id, clock)
    # Two agents may type one number at once: the later of them finds the other's contact.
    found = await _known(session, campaign_id, number, client_id)
    if found is not None:
        return found
    return await _make(session, campaign_id, number, listed, clock=clock), 0


async def _known(
    session: AsyncSession, campaign_id: UUID, number: PhoneNumber, client_id: UUID
) -> tuple[UUID, int] | None:
    # A lead that still waits comes before one that is done.
    statement = (
        select(Lead.id, Phone.position)
        .join(Phone, col(Phone.contact_id) == col(Lead.contact_id))
        .where(
            col(Phone.e164) == number.e164,
            col(Phone.client_id) == client_id,
            col(Lead.client_id) == client_id,
            col(Lead.campaign_id) == campaign_id,
        )
        .order_by((col(Lead.state) == LeadState.WAITING).desc(), col(Lead.id))
        .limit(1)
    )
    found = (await session.exec(statement)).first()
    return (found[0], found[1]) if found is not None else None


async def _region(session: AsyncSession, campaign_id: UUID) -> str:
    """Return the country that the campaign's oldest list assumes."""
    statement = (
        select(ContactList.region)
        .join(CampaignList, col(CampaignList.list_id) == col(ContactList.id))
        .where(col(CampaignList.campaign_id) == campaign_id)
        .order_by(col(ContactList.id))
        .limit(1)
    )
    return (await session.exec(statement)).first() or _NO_REGION


async def _make(
    session: AsyncSession,
    campaign_id: UUID,
    number: PhoneNumber,
    listed: ContactList,
    *,
    clock: Clock,
) -> UUID:
    """Add a contact with this number to the client's list of typed numbers, and enrol it."""
    now, client_id = clock.now(), listed.client_id
    listed.rows_in += 1
    listed.rows_accepted += 1
    contact = Contact(
        client_id=client_id, list_id=listed.id, source_row=listed.rows_in, created_at=now
    )
    session.add(contact)
    await session.flush()
    place_id = await _place_id(session, number.e164)
    session.add(
        Phone(
            client_id=client_id,
            contact_id=contact.id,
            position=0,
            e164=number.e164,
            region=number.region,
            place_id=place_id,
        )
    )
    await session.flush()
    await link(session, campaign_id, listed.id, client_id=client_id)
    lead = Lead(
        client_id=client_id,
        campaign_id=campaign_id,
        contact_id=contact.id,
        lane=await lane_of(session, campaign_id, listed.id, 0),
        place_id=place_id,
        sort_key=contact.source_row,
        next_attempt_at=now,
        e164=number.e164,
    )
    session.add(lead)
    await session.flush()
    return lead.id


async def _list(session: AsyncSession, client_id: UUID, clock: Clock) -> ContactList:
    """Return the client's list of typed numbers, locked until the commit: rows are counted in it."""
    await session.exec(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"typed {client_id}", 0)))
    )
    statement = (
        select(ContactList)
        .where(col(ContactList.client_id) == client_id, col(ContactList.name) == LIST_NAME)
        .order_by(col(ContactList.id))
        .limit(1)
        .with_for_update()
    )
    listed = (await session.exec(statement)).first()
    if listed is None:
        listed = ContactList(
            client_id=client_id,
            name=LIST_NAME,
            file_name="",
            file_sha256="",
            region=_NO_REGION,
            imported_at=clock.now(),
        )
        session.add(listed)
        await session.flush()
    return listed


async def _place_id(session: AsyncSession, e164: str) -> int:
    found = place(e164)
    values = {
        "zones": list(found.zones),
        "jurisdictions": list(found.jurisdictions),
        "source": found.source,
        "confidence": found.confidence,
    }
    await session.exec(insert(Place).values(**values).on_conflict_do_nothing())
    same = [col(getattr(Place, name)) == value for name, value in values.items()]
    place_id = (await session.exec(select(Place.id).where(*same))).one()
    assert place_id is not None  # noqa: S101 - a row has its key
    return place_id
