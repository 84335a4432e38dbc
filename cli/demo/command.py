"""The demo's story, from the list to the balanced books."""

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer
from rich.live import Live
from sqlalchemy import text
from sqlmodel import col, delete, select

from campaigns import lifecycle
from campaigns.delivery.export import export_results
from campaigns.models import Campaign
from campaigns.reports.figures import Figures, campaign_figures
from campaigns.states import CampaignState, LeadState
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from cli.campaign import live_board, move_campaign
from cli.demo import desk, summary
from cli.demo.agents import VirtualAgents, sign_in
from cli.demo.balance import Check, check_books, read_carrier
from cli.demo.world import PEOPLE, TALKERS, TRUNK_ENDPOINT, World, require_embedded
from cli.import_work import import_data
from cli.installation import CARRIER, Opened, complete, opened, services_of
from cli.output import console
from compliance.models import Suppression
from dialer import logs
from dialer import settings as dialer_settings
from dialer.agent.states import AgentState
from dialer.db import transaction
from dialer.errors import Invalid

CLIENT = "Demo Client"
AGENTS = 10
#: After this long on a slow machine the rest of the list is left waiting; live calls end by themselves.
DIAL_FOR_S = 180.0
#: The demo gives up after this long: something must be wrong.
LONGEST_S = 230.0
#: A lead that is due later than this is left waiting: the demo does not wait hours for callbacks.
PATIENCE_S = 60.0

SETTINGS: dict[str, Any] = {
    "mode": "progressive",
    "ring_timeout_s": 15,
    "wrap_up_s": 10,
    "max_attempts": 2,
    "retry": {
        outcome: {"after_s": delay_s, "max_attempts": 2}
        for outcome, delay_s in (
            ("busy", 8),
            ("no_answer", 15),
            ("congestion", 5),
            ("unreachable", 10),
            ("no_response", 10),
            ("interrupted", 5),
            ("not_sent", 5),
        )
    },
}


@dataclass(frozen=True, slots=True)
class Result:
    """What the demo found."""

    figures: Figures
    checks: list[Check]
    seconds: float
    recordings: int


def demo(
    agents: Annotated[int, typer.Option(min=1, max=30, help="Virtual agents.")] = AGENTS,
    seed: Annotated[int, typer.Option(help="Of the virtual agents' choices.")] = 1,
    take_calls: Annotated[
        bool, typer.Option("--desk", help="Take the calls yourself, until Ctrl+C.")
    ] = False,
) -> None:
    """Import a dirty list, run a campaign on real telephony, export the results, check the books."""
    settings = dialer_settings.load()
    require_embedded(settings)
    logs.configure(json=False, level="WARNING")
    services = services_of(settings)
    console.print("[bold]Outdial demo[/]: PostgreSQL and Redis are starting…")
    if take_calls and not services.asterisk_installed:
        raise Invalid("The operator's window needs Asterisk: `make asterisk` installs it.")
    public = TALKERS if take_calls else PEOPLE
    world = World(complete(settings, services), services, services.run_dir / "demo", public)
    try:
        with console.status("starting the telephone network and the workers…"):
            world.start(agents)
        if world.simulated:
            console.print("[yellow]Asterisk is not installed (`make asterisk` says why):[/]")
            console.print("the calls of this demo are made by the ARI simulator.")
        acted = _take_calls(world) if take_calls else _run(world, agents, random.Random(seed))
        good = asyncio.run(acted)
    finally:
        world.stop()
    raise typer.Exit(0 if good else 1)


async def _take_calls(world: World) -> bool:
    async with opened(CLIENT, world.settings) as work:
        campaign = await _prepare(work, "Delivery survey", {"wrap_up_s": desk.WRAP_UP_S})
        await move_campaign(work, campaign, lifecycle.start)
        return await desk.serve_operator(world, work, campaign)


async def _run(world: World, agents: int, rng: random.Random) -> bool:
    async with opened(CLIENT, world.settings) as work:
        campaign = await _prepare(work, "Demo", {})
        await sign_in(work, campaign, agents)
        await move_campaign(work, campaign, lifecycle.start)
        console.print(f"Campaign [bold]{campaign.name}[/] started: {agents} agents, progressive.")
        people = VirtualAgents(work, campaign, rng)
        acting = asyncio.create_task(people.run())
        try:
            seconds = await _dial(world, work, campaign)
        finally:
            acting.cancel()
            with suppress(asyncio.CancelledError):
                await acting
        recordings = await _wait_for_recordings(work, campaign, world)
        figures = await _figures(work, campaign)
        checks = await _check(world, work, campaign)
        await _hand_over(world, work, campaign, Result(figures, checks, seconds, recordings))
    return all(check.holds for check in checks)


async def _end_former_demos(work: Opened) -> None:
    """Stop what a demo that was cut short has left running: its agents sit at the same telephones."""
    async with work.sessions() as session:
        unfinished = select(Campaign).where(
            col(Campaign.client_id) == work.client_id,
            col(Campaign.state).in_([CampaignState.RUNNING, CampaignState.PAUSED]),
        )
        former = list(await session.exec(unfinished))
    async with transaction(work.sessions) as session:
        # Its people are simulated: who asked not to be called in one demo is called in the next.
        mine = col(Suppression.client_id) == work.client_id
        await session.execute(delete(Suppression).where(mine))
    for campaign in former:
        await move_campaign(work, campaign, lifecycle.stop, reason="a new demo began")
        console.print(f"Stopped {campaign.name}, which was left running.")


async def _prepare(work: Opened, name: str, changes: Mapping[str, Any]) -> Campaign:
    """Import the list and set the campaign up, as a manager would."""
    await _end_former_demos(work)
    await desk.publish_all(work)
    async with transaction(work.sessions) as session:
        await bootstrap.ensure_trunk(
            session,
            name=CARRIER,
            endpoint=TRUNK_ENDPOINT,
            max_channels=60,
            calls_per_s=10,
            simulated=True,
        )
        await bootstrap.ensure_caller_id(
            session, client_id=work.client_id, e164="+74951234567", display_name="Demo Client"
        )
        campaign = await lifecycle.create(
            session,
            client_id=work.client_id,
            name=f"{name} {work.clock.now():%Y-%m-%d %H:%M:%S}",
            settings={**SETTINGS, **desk.SETTINGS, **changes},
            clock=work.clock,
            by=None,
            trunk=CARRIER,
            caller_id="+74951234567",
        )
    data = (resources.files("cli") / "data" / "demo_contacts.csv").read_bytes()
    found = (await import_data(work, data, "demo_contacts.csv", campaign)).report
    console.print(
        f"Imported demo_contacts.csv: {found.rows_in} rows, {found.rows_accepted} contacts with"
        f" {found.phones} numbers, {found.rows_refused} refused"
        f" ({', '.join(f'{reason} {n}' for reason, n in found.refused_by_reason.items())})."
    )
    return campaign


async def _dial(world: World, work: Opened, campaign: Campaign) -> float:
    """Show the campaign live until nothing is left to dial; return how long it took, seconds."""
    started_s = monotonic()
    stopped = False
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while monotonic() - started_s < LONGEST_S:
            figures = await _figures(work, campaign)
            board = await live_board(work, campaign)
            live.update(summary.live_view(figures, board, monotonic() - started_s))
            if await _is_over(work, campaign):
                break
            if not stopped and (reason := _why_stop(figures, work, monotonic() - started_s)):
                await move_campaign(work, campaign, lifecycle.stop, reason=reason)
                stopped = True
            if dead := world.look_after():
                console.print(f"[red]ended unexpectedly: {', '.join(dead)}[/]")
                break
            await asyncio.sleep(0.5)
    return monotonic() - started_s


async def _is_over(work: Opened, campaign: Campaign) -> bool:
    async with work.sessions() as session:
        row = (
            await session.execute(
                text(
                    "SELECT state, (SELECT count(*) FROM agent_session s WHERE s.campaign_id = c.id"
                    " AND s.ended_at IS NULL) AS signed_in FROM campaign c WHERE id = :id"
                ),
                {"id": campaign.id},
            )
        ).one()
    over = {CampaignState.FINISHED.value, CampaignState.STOPPED.value}
    return row.state in over and row.signed_in == 0


def _why_stop(figures: Figures, work: Opened, seconds: float) -> str:
    if _only_later_leads(figures, work):
        return "only callbacks for later are left"
    return "the demo's time is over" if seconds > DIAL_FOR_S else ""


def _only_later_leads(figures: Figures, work: Opened) -> bool:
    """Tell whether nothing is live and every waiting lead waits for longer than the demo does."""
    leads, busy = figures.leads, (AgentState.ON_CALL, AgentState.WRAP_UP, AgentState.RESERVED)
    live = sum(figures.calls.in_flight.values()) + sum(figures.agents.now.get(s, 0) for s in busy)
    now = work.clock.now()
    soon = [
        row
        for row in leads.waiting
        if row.next_due_at is not None and (row.next_due_at - now).total_seconds() < PATIENCE_S
    ]
    return live == 0 and not leads.by_state.get(LeadState.DIALING, 0) and not soon


async def _wait_for_recordings(work: Opened, campaign: Campaign, world: World) -> int:
    """Wait until the background worker has finished the recordings; return how many there are."""
    deadline_s = monotonic() + 30
    while True:
        async with work.sessions() as session:
            row = (
                await session.execute(
                    text(
                        "SELECT count(*) FILTER (WHERE recording_raw IS NOT NULL) AS unfinished,"
                        " count(recording) AS finished FROM attempt WHERE campaign_id = :id"
                    ),
                    {"id": campaign.id},
                )
            ).one()
        if row.unfinished == 0 or world.simulated or monotonic() > deadline_s:
            return int(row.finished)
        await asyncio.sleep(0.3)


async def _figures(work: Opened, campaign: Campaign) -> Figures:
    async with work.sessions() as session:
        return await campaign_figures(
            session, campaign.id, client_id=work.client_id, now=work.clock.now()
        )


async def _check(world: World, work: Opened, campaign: Campaign) -> list[Check]:
    carrier = read_carrier(world.carrier_log, simulated=world.simulated)
    live_channels = world.live_channels()
    async with work.sessions() as session:
        return await check_books(
            session, campaign.id, carrier, live_channels, simulated=world.simulated
        )


async def _hand_over(world: World, work: Opened, campaign: Campaign, result: Result) -> None:
    """Export the results, give the demo's user a password, and tell."""
    out: Path = world.folder / "results.csv"
    async with work.sessions() as session:
        exported = await export_results(session, campaign.id, client_id=work.client_id, out=out)
    given = await desk.give_login(work, "demo", Role.MANAGER)
    summary.tell(
        campaign_name=campaign.name,
        figures=result.figures,
        checks=result.checks,
        seconds=result.seconds,
        recordings=result.recordings,
        recordings_dir=world.settings.recordings(),
        exported=exported.rows,
        out=out,
        page=f"http://{work.settings.web_host}:{work.settings.web_port}/campaigns/{campaign.id}",
        sign_in=f"{given.login}, password {given.password}",
    )
