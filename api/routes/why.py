"""Why is it not dialling? For a campaign the counts by reason, for a lead its one reason."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Query

from api.auth import ReaderDep
from api.deps import ClockDep, ServicesDep, SessionDep
from api.errors import problems
from api.pages.board import read_live
from api.schemas.why import CampaignWhyOut, LeadWhyOut, LocalTime, ReasonOut
from campaigns import lifecycle
from campaigns.errors import CampaignNotFound, LeadNotFound
from campaigns.leads.keeping import keeper_for
from campaigns.leads.why import LeadWhy, ReasonCount, explain_campaign, explain_lead
from campaigns.states import CampaignState
from dialer.errors import Forbidden, Invalid, Unauthenticated

router = APIRouter(
    prefix="/campaigns/{campaign_id}",
    tags=["campaigns"],
    responses=problems(Unauthenticated, Forbidden, CampaignNotFound),
)


class UnknownZone(Invalid):
    """The viewer's zone is no IANA name."""

    code = "unknown_zone"
    message = "The time zone must be an IANA name, such as Europe/Kyiv."


@router.get("/why")
async def why_campaign(
    campaign_id: UUID,
    who: ReaderDep,
    session: SessionDep,
    services: ServicesDep,
    clock: ClockDep,
) -> CampaignWhyOut:
    """Return what keeps the campaign and its open leads from being dialled."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    keeper = await keeper_for(session, campaign, services.law, services.shelf, clock)
    rows = await explain_campaign(session, keeper, campaign_id, now=clock.now())
    live = await read_live(services.redis, campaign_id)
    whole = list(live.why) if live is not None else []
    if live is None and campaign.state is CampaignState.RUNNING:
        whole = ["no dialing worker runs this campaign"]
    elif campaign.state is not CampaignState.RUNNING:
        whole = [f"the campaign is {campaign.state.value}"]
    return CampaignWhyOut(campaign=whole, leads=[ReasonOut(**vars_of(row)) for row in rows])


@router.get("/leads/{lead_id}/why", responses=problems(LeadNotFound, UnknownZone))
async def why_lead(
    campaign_id: UUID,
    lead_id: UUID,
    who: ReaderDep,
    session: SessionDep,
    services: ServicesDep,
    clock: ClockDep,
    zone: Annotated[str, Query(description="The viewer's IANA time zone.")] = "UTC",
) -> LeadWhyOut:
    """Return the one reason why a lead is not dialled, and when that may change."""
    viewer = known_zone(zone)
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    keeper = await keeper_for(session, campaign, services.law, services.shelf, clock)
    found = await explain_lead(session, keeper, lead_id, campaign_id=campaign_id, now=clock.now())
    return LeadWhyOut(
        **vars_of(found),
        next_at_contact=[local_time(at, z) for z in found.zones] if (at := found.next_at) else [],
        next_at_viewer=local_time(found.next_at, viewer) if found.next_at else None,
    )


def known_zone(name: str) -> str:
    """Return an IANA name that exists.

    Raises:
        UnknownZone: there is none of that name.
    """
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(zone=name) from error


def local_time(at: datetime, zone: str) -> LocalTime:
    """Return a moment as a clock in ``zone`` shows it."""
    return LocalTime(zone=zone, at=at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes"))


def vars_of(row: ReasonCount | LeadWhy) -> dict[str, Any]:
    """Return the fields of a slotted dataclass."""
    return {one.name: getattr(row, one.name) for one in fields(row)}
