"""``outdial campaign``: create, watch and steer campaigns."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer
from sqlmodel import col, select

from campaigns import lifecycle
from campaigns.commands import CommandName, board_key, send
from campaigns.lifecycle import Changed
from campaigns.models import Campaign
from campaigns.reports.figures import Figures, campaign_figures
from cli.campaign_files import apply_file, diff_file, export_campaign
from cli.files import find_campaign
from cli.installation import Opened, opened
from cli.law import law_of
from cli.output import listing, report
from cli.users import AsJson, Client
from dialer.db import transaction
from dialer.errors import Invalid
from dialer.jobs import JobName

app = typer.Typer(help="Campaigns: create, start, watch, steer.", no_args_is_help=True)
app.command("apply")(apply_file)
app.command("diff")(diff_file)
app.command("export")(export_campaign)

Name = Annotated[str, typer.Argument(help="The campaign's name or id.")]
Reason = Annotated[str, typer.Option(help="Shown to everybody who asks why.")]
Move = Callable[..., Awaitable[Changed]]


@app.command("list")
def list_campaigns(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the client's campaigns, the newest first."""
    asyncio.run(_list(client, as_json=as_json))


async def _list(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        statement = (
            select(Campaign)
            .where(col(Campaign.client_id) == work.client_id)
            .order_by(col(Campaign.created_at).desc())
        )
        rows = [
            {"name": c.name, "state": c.state.value, "why": c.state_reason, "id": str(c.id)}
            for c in await session.exec(statement)
        ]
    listing(rows, as_json=as_json, empty="No campaigns yet: `outdial campaign create NAME`.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The new campaign's name.")],
    trunk: Annotated[str | None, typer.Option(help="The trunk's name.")] = None,
    caller_id: Annotated[str | None, typer.Option(help="The E.164 number people see.")] = None,
    settings: Annotated[str, typer.Option(help="Settings as JSON; see docs/settings.md.")] = "{}",
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Create a draft campaign."""
    asyncio.run(_create(name, trunk, caller_id, settings, client, as_json=as_json))


async def _create(
    name: str,
    trunk: str | None,
    caller_id: str | None,
    settings: str,
    client: str,
    *,
    as_json: bool,
) -> None:
    try:
        wishes = json.loads(settings)
    except ValueError as error:
        raise Invalid(f"--settings is not JSON: {error}.") from error
    async with opened(client) as work, transaction(work.sessions) as session:
        made = await lifecycle.create(
            session,
            client_id=work.client_id,
            name=name,
            settings=wishes,
            clock=work.clock,
            by=None,
            trunk=trunk,
            caller_id=caller_id,
        )
        facts = {"id": str(made.id), "name": made.name, "state": made.state.value}
    report(facts, as_json=as_json)


@app.command()
def start(name: Name, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Start a draft; what stands in the way is named with its remedy."""
    asyncio.run(_move(lifecycle.start, name, client, as_json=as_json))


@app.command()
def pause(
    name: Name, reason: Reason = "", client: Client = "Outdial", as_json: AsJson = False
) -> None:
    """Place no new calls; live ones end by themselves and agents stay signed in."""
    asyncio.run(_move(lifecycle.pause, name, client, as_json=as_json, reason=reason))


@app.command()
def resume(name: Name, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Go on after a pause."""
    asyncio.run(_move(lifecycle.resume, name, client, as_json=as_json))


@app.command()
def stop(
    name: Name, reason: Reason = "", client: Client = "Outdial", as_json: AsJson = False
) -> None:
    """End the campaign for good; live calls end by themselves."""
    asyncio.run(_move(lifecycle.stop, name, client, as_json=as_json, reason=reason))


async def _move(move: Move, name: str, client: str, *, as_json: bool, **facts: Any) -> None:
    async with opened(client) as work:
        campaign = await find_campaign(work, name)
        changed = await move_campaign(work, campaign, move, **facts)
    report(
        {"name": campaign.name, "state": changed.campaign.state.value, "notes": changed.notes},
        as_json=as_json,
    )


async def move_campaign(work: Opened, campaign: Campaign, move: Move, **facts: Any) -> Changed:
    """Change a campaign's state and tell the workers."""
    if move in (lifecycle.start, lifecycle.resume):
        facts |= {"law": law_of(work.settings)}
    async with transaction(work.sessions) as session:
        changed = await move(
            session, campaign.id, client_id=work.client_id, clock=work.clock, by=None, **facts
        )
    await send(work.redis, campaign.id, CommandName.REFRESH)
    await work.jobs.enqueue(JobName.ADOPT_CAMPAIGN, campaign_id=str(campaign.id))
    return changed


@app.command()
def show(name: Name, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Show a campaign's figures."""
    asyncio.run(_show(name, client, as_json=as_json))


async def _show(name: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        campaign, figures, board = await _look(work, name)
    report(
        {
            "name": campaign.name,
            "state": campaign.state.value,
            "why": campaign.state_reason,
            **_figures(figures),
            "not_dialling_because": board.get("why", []),
        },
        as_json=as_json,
        title=campaign.name,
    )


async def _look(work: Opened, name: str) -> tuple[Campaign, Figures, dict[str, Any]]:
    """Return a campaign with its figures and its runner's live ones."""
    campaign = await find_campaign(work, name)
    async with work.sessions() as session:
        figures = await campaign_figures(
            session, campaign.id, client_id=work.client_id, now=work.clock.now()
        )
    return campaign, figures, await live_board(work, campaign)


async def live_board(work: Opened, campaign: Campaign) -> dict[str, Any]:
    """Return the runner's newest live figures; empty when nobody runs the campaign."""
    raw = await work.redis.get(board_key(campaign.id))
    found: dict[str, Any] = json.loads(raw) if raw else {}
    return found


def _figures(figures: Figures) -> dict[str, Any]:
    calls, agents = figures.calls, figures.agents
    return {
        "leads": {state.value: n for state, n in figures.leads.by_state.items()},
        "results": dict(figures.leads.by_result),
        "attempts": calls.attempts,
        "by_outcome": {outcome.value: n for outcome, n in calls.by_outcome.items()},
        "answered_by_person": calls.answered_by_person,
        "abandoned": calls.abandoned,
        "wait_p50_ms": calls.wait_p50_ms,
        "wait_p99_ms": calls.wait_p99_ms,
        "talk_total_s": calls.talk_total_s,
        "occupancy": agents.occupancy_rate,
        "agents": {state.value: n for state, n in agents.now.items()},
    }
