"""``outdial agent preview``, ``dial`` and ``skip``: what an agent is shown, and the decision."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents import sessions as shifts
from campaigns.agents.models import AgentSession
from campaigns.commands import CommandName, send
from campaigns.leads import deciding, preview_view
from campaigns.leads.asking import Gatekeeper
from campaigns.leads.keeping import keeper_for
from campaigns.leads.preview_models import Preview
from campaigns.leads.preview_view import PreviewView
from campaigns.models import Campaign
from campaigns.states import SkipReason
from cli.agents import Name, find_named
from cli.installation import Opened, opened
from cli.output import report
from cli.users import AsJson, Client
from compliance.dnc.shelf import DncShelf
from compliance.law import load_law
from dialer.db import transaction


def preview(name: Name, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Show the contact in front of an agent, and how the one before ended."""
    asyncio.run(_preview(name, client, as_json=as_json))


async def _preview(name: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, _desk(work, name) as (session, shift, keeper):
        view = await preview_view.shown_to(session, shift, keeper, now=work.clock.now())
        last = await preview_view.last_ended(session, shift)
        facts: dict[str, Any] = _told(view, work) if view else {"shown": None}
        facts["last"] = _ended(last) if last else None
    report(facts, as_json=as_json)


def _told(view: PreviewView, work: Opened) -> dict[str, Any]:
    now = work.clock.now()
    return {
        "shown": str(view.preview.id),
        "lead": str(view.lead.id),
        "name": view.contact.name,
        "fields": view.contact.fields,
        "numbers": [
            f"{one.position}: {one.e164} {one.reason or 'may be dialled'}" for one in view.numbers
        ],
        "local_times": [f"{now.astimezone(ZoneInfo(zone)):%H:%M} {zone}" for zone in view.zones],
        "attempts_made": view.lead.attempts_made,
        "skips": view.skips,
        "promised": view.promise.promised_at.isoformat() if view.promise else None,
        "seconds_left": view.seconds_left,
        "decided": view.preview.wish.value if view.preview.wish else None,
    }


def _ended(last: Preview) -> dict[str, Any]:
    ending = last.ending.value if last.ending else None
    return {"lead": str(last.lead_id), "ending": ending, "reason": last.reason}


def dial(
    name: Name,
    number: Annotated[
        int | None, typer.Option(help="Position of the contact's number; none: its next one.")
    ] = None,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Dial the contact that is shown to an agent."""
    asyncio.run(_dial(name, number, client, as_json=as_json))


async def _dial(name: str, number: int | None, client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        async with _desk(work, name) as (session, shift, keeper):
            decided = await deciding.dial(
                session,
                shift,
                (await _open(session, shift, keeper, work)).preview.id,
                keeper=keeper,
                clock=work.clock,
                user_id=None,
                phone_position=number,
            )
        await send(work.redis, shift.campaign_id, CommandName.PREVIEW_DECIDED)
    report({"agent": name, "lead": str(decided.lead_id), "wish": "dial"}, as_json=as_json)


def skip(
    name: Name,
    reason: Annotated[SkipReason, typer.Option(help="Why.")] = SkipReason.OTHER,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Skip the contact that is shown to an agent: it waits for an hour."""
    asyncio.run(_skip(name, reason, client, as_json=as_json))


async def _skip(name: str, reason: SkipReason, client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        async with _desk(work, name) as (session, shift, keeper):
            shown = (await _open(session, shift, keeper, work)).preview
            await deciding.skip(session, shift, shown.id, reason, clock=work.clock, user_id=None)
        await send(work.redis, shift.campaign_id, CommandName.PREVIEW_DECIDED)
    report({"agent": name, "lead": str(shown.lead_id), "wish": "skip"}, as_json=as_json)


async def _open(
    session: AsyncSession, shift: AgentSession, keeper: Gatekeeper, work: Opened
) -> PreviewView:
    view = await preview_view.shown_to(session, shift, keeper, now=work.clock.now())
    if view is None:
        raise deciding.NothingShown("Nothing is shown to this agent now.")
    return view


@asynccontextmanager
async def _desk(
    work: Opened, name: str
) -> AsyncIterator[tuple[AsyncSession, AgentSession, Gatekeeper]]:
    """Open a transaction at an agent's desk: the open shift, and who is asked about its calls."""
    agent = await find_named(work, name)
    law, shelf = load_law(work.settings.rule_packs_dir), DncShelf(work.settings.dnc_lists())
    async with transaction(work.sessions) as session:
        shift = await shifts.find_open(session, agent.id, client_id=work.client_id)
        campaign = await session.get_one(Campaign, shift.campaign_id)
        yield session, shift, await keeper_for(session, campaign, law, shelf, work.clock)
