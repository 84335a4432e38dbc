"""``outdial campaign why``: what keeps a campaign, and what each of its leads waits for."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import text

from campaigns.errors import LeadNotFound
from campaigns.leads.keeping import keeper_for
from campaigns.leads.why import LeadWhy, explain_campaign, explain_lead
from campaigns.models import Campaign
from campaigns.states import CampaignState
from cli.campaign import live_board
from cli.files import find_campaign
from cli.installation import Opened, opened
from cli.output import report
from cli.users import AsJson, Client
from compliance.dnc.shelf import DncShelf
from compliance.law import load_law


def why(
    name: Annotated[str, typer.Argument(help="The campaign's name or id.")],
    lead: Annotated[str | None, typer.Option(help="Ask about one lead: its id.")] = None,
    number: Annotated[str | None, typer.Option(help="Ask about one lead: a number of its.")] = None,
    zone: Annotated[str, typer.Option(help="Your time zone, an IANA name.")] = "UTC",
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Say why a campaign is not dialling, and what its leads wait for; or ask about one lead."""
    asyncio.run(_why(name, lead, number, zone, client, as_json=as_json))


async def _why(
    name: str, lead: str | None, number: str | None, zone: str, client: str, *, as_json: bool
) -> None:
    async with opened(client) as work:
        campaign = await find_campaign(work, name)
        if lead is None and number is None:
            report(await _about_campaign(work, campaign), as_json=as_json)
        else:
            lead_id = UUID(lead) if lead else await _lead_of(work, campaign, number or "")
            report(await _about_lead(work, campaign, lead_id, zone), as_json=as_json)


async def _about_campaign(work: Opened, campaign: Campaign) -> dict[str, Any]:
    board = await live_board(work, campaign)
    whole = list(board.get("why", []))
    if not board:
        whole = [f"no dialing worker runs this campaign (it is {campaign.state.value})"]
    if campaign.state is not CampaignState.RUNNING:
        whole = [f"the campaign is {campaign.state.value}"]
    async with work.sessions() as session:
        keeper = await keeper_for(session, campaign, *_law(work), work.clock)
        rows = await explain_campaign(session, keeper, campaign.id, now=work.clock.now())
    return {
        "campaign": whole or "it is dialling",
        "leads": [
            {
                "leads": row.leads,
                "reason": row.reason,
                "next_at": _utc(row.next_at),
                "remedy": row.remedy,
            }
            for row in rows
        ],
    }


async def _about_lead(work: Opened, campaign: Campaign, lead_id: UUID, zone: str) -> dict[str, Any]:
    async with work.sessions() as session:
        keeper = await keeper_for(session, campaign, *_law(work), work.clock)
        found = await explain_lead(
            session, keeper, lead_id, campaign_id=campaign.id, now=work.clock.now()
        )
    return {
        "lead": str(found.lead_id),
        "state": found.state.value,
        "reason": found.reason,
        "remedy": found.remedy,
        "rules": list(found.rules),
        "next_at": _utc(found.next_at),
        "next_at_contact": _on_clocks(found),
        "next_at_viewer": found.next_at and found.next_at.astimezone(ZoneInfo(zone)).isoformat(),
        "result": found.result,
    }


def _on_clocks(found: LeadWhy) -> list[str]:
    if found.next_at is None:
        return []
    return [f"{found.next_at.astimezone(ZoneInfo(z)).isoformat()} {z}" for z in found.zones]


def _utc(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _law(work: Opened) -> tuple[Any, DncShelf]:
    settings = work.settings
    return load_law(settings.rule_packs_dir), DncShelf(settings.dnc_lists())


async def _lead_of(work: Opened, campaign: Campaign, number: str) -> UUID:
    async with work.sessions() as session:
        row = await session.execute(
            text(
                "SELECT l.id FROM lead l JOIN phone p ON p.contact_id = l.contact_id"
                " WHERE l.campaign_id = :campaign AND p.e164 = :number LIMIT 1"
            ),
            {"campaign": campaign.id, "number": number},
        )
        found: UUID | None = row.scalar_one_or_none()
    if found is None:
        raise LeadNotFound
    return found
