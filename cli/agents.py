"""``outdial agent``: who takes calls, and their shifts."""

import asyncio
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

import typer
from sqlmodel import col, select

from campaigns.agents import sessions as shifts
from campaigns.agents import sharing
from campaigns.agents.models import Agent, AgentSession
from campaigns.commands import CommandName, send
from campaigns.models import Campaign
from campaigns.tenancy import bootstrap
from cli.files import find_campaign
from cli.installation import Opened, opened
from cli.output import listing, report
from cli.users import AsJson, Client
from dialer.agent.states import AgentState
from dialer.db import transaction
from dialer.errors import Invalid, NotFound

app = typer.Typer(help="Agents and their shifts.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The agent's name.")]
Shares = Annotated[
    list[str], typer.Argument(help="Names or ids of campaigns, with weights: Spring=2 Autumn=1.")
]


@app.command()
def add(
    name: Name,
    endpoint: Annotated[
        str | None, typer.Option(help="A telephone: PJSIP/agent-1. None: the agent's browser.")
    ] = None,
    login: Annotated[str | None, typer.Option(help="The user who is this agent.")] = None,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Add an agent; without --endpoint the telephone is in the browser of the user --login."""
    if endpoint is None and login is None:
        raise Invalid("Give a telephone (--endpoint), or the user whose browser it is (--login).")
    asyncio.run(_add(name, endpoint, login, client, as_json=as_json))


async def _add(
    name: str, endpoint: str | None, login: str | None, client: str, *, as_json: bool
) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        user = await bootstrap.find_user(session, login) if login is not None else None
        if login is not None and (user is None or user.client_id != work.client_id):
            raise NotFound(f"The client has no user {login!r}: `outdial user list` shows them.")
        agent = await shifts.create_agent(
            session,
            client_id=work.client_id,
            name=name,
            endpoint=endpoint,
            user_id=user.id if user is not None else None,
        )
        facts = {"id": str(agent.id), "name": agent.name, "endpoint": agent.endpoint}
    report(facts, as_json=as_json)


@app.command("list")
def list_agents(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the client's agents and where they are signed in."""
    asyncio.run(_list(client, as_json=as_json))


async def _list(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        is_open = (col(AgentSession.agent_id) == Agent.id) & col(AgentSession.ended_at).is_(None)
        statement = (
            select(Agent, AgentSession)
            .outerjoin(AgentSession, is_open)
            .where(col(Agent.client_id) == work.client_id)
            .order_by(col(Agent.name))
        )
        found = (await session.exec(statement)).all()
        weights = await sharing.campaigns_of(session, [shift for _, shift in found if shift])
        mine = select(Campaign.id, Campaign.name).where(col(Campaign.client_id) == work.client_id)
        names = dict((await session.exec(mine)).all())
        rows = [
            {
                "name": agent.name,
                "endpoint": agent.endpoint,
                "wants": shift.wants.value if shift else "signed out",
                "campaign_id": str(shift.campaign_id) if shift else None,
                "campaigns": _told(weights[shift.id], names) if shift else "",
            }
            for agent, shift in found
        ]
    listing(rows, as_json=as_json, empty="No agents yet: `outdial agent add NAME --endpoint …`.")


def _told(weights: Mapping[UUID, float], names: Mapping[UUID, str]) -> str:
    shared = len(weights) > 1
    return ", ".join(
        f"{names[one]} ({weight:g})" if shared else names[one] for one, weight in weights.items()
    )


@app.command()
def sign_in(
    name: Name,
    campaigns: Shares,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Begin a shift: the agent's telephone is called and stays connected.

    Several campaigns share the agent by weight: `outdial agent sign-in Olga Spring=2 Autumn=1`.
    """
    asyncio.run(_sign_in(name, campaigns, client, as_json=as_json))


async def _sign_in(name: str, campaigns: list[str], client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        named, weights = await _weights(work, campaigns)
        agent = await find_named(work, name)
        async with transaction(work.sessions) as session:
            shift = await sharing.sign_in(
                session, agent.id, weights, client_id=work.client_id, clock=work.clock, by=None
            )
        await send(work.redis, shift.campaign_id, CommandName.AGENTS_CHANGED)
    report({"agent": name, "campaign": named, "session": str(shift.id)}, as_json=as_json)


@app.command()
def share(
    name: Name, campaigns: Shares, client: Client = "Outdial", as_json: AsJson = False
) -> None:
    """Change the campaigns of a shift, or their weights; a call that is on is finished first."""
    asyncio.run(_share(name, campaigns, client, as_json=as_json))


async def _share(name: str, campaigns: list[str], client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        named, weights = await _weights(work, campaigns)
        agent = await find_named(work, name)
        async with transaction(work.sessions) as session:
            shift = await shifts.find_open(session, agent.id, client_id=work.client_id)
            shift = await sharing.set_campaigns(
                session,
                shift.id,
                weights,
                client_id=work.client_id,
                clock=work.clock,
                by=None,
            )
        await send(work.redis, shift.campaign_id, CommandName.AGENTS_CHANGED)
    report({"agent": name, "campaign": named, "session": str(shift.id)}, as_json=as_json)


async def _weights(work: Opened, campaigns: list[str]) -> tuple[str, dict[UUID, float]]:
    """Return what ``NAME=WEIGHT`` means: the names for people, and the weights by campaign."""
    named: list[str] = []
    weights: dict[UUID, float] = {}
    for given in campaigns:
        name, weight = _taken_apart(given)
        campaign = await find_campaign(work, name)
        if campaign.id in weights:
            raise sharing.BadWeights(f"The campaign {name!r} is named twice.")
        weights[campaign.id] = weight
        named.append(f"{campaign.name} ({weight:g})" if len(campaigns) > 1 else campaign.name)
    return ", ".join(named), weights


def _taken_apart(given: str) -> tuple[str, float]:
    name, separator, weight = given.rpartition("=")
    try:
        return (name, float(weight)) if separator and name else (given, 1.0)
    except ValueError:  # the name has such a sign
        return given, 1.0


@app.command()
def ready(name: Name, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Take calls again after a pause."""
    asyncio.run(_wish(name, client, AgentState.READY, None, as_json=as_json))


@app.command()
def pause(
    name: Name,
    code: Annotated[str, typer.Option(help="Why: break, lunch, training…")] = "break",
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Take no calls: at once when free, after the call otherwise."""
    asyncio.run(_wish(name, client, AgentState.PAUSED, code, as_json=as_json))


@app.command()
def sign_out(name: Name, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """End the shift: at once when free, after the call otherwise."""
    asyncio.run(_wish(name, client, AgentState.OFFLINE, None, as_json=as_json))


async def _wish(
    name: str, client: str, wants: AgentState, code: str | None, *, as_json: bool
) -> None:
    async with opened(client) as work:
        agent = await find_named(work, name)
        async with transaction(work.sessions) as session:
            shift = await shifts.find_open(session, agent.id, client_id=work.client_id)
            if wants is AgentState.OFFLINE:
                await shifts.sign_out(session, shift.id, client_id=work.client_id, clock=work.clock)
            else:
                await shifts.set_wants(
                    session, shift.id, wants, client_id=work.client_id, pause_code=code
                )
            campaign_id: UUID = shift.campaign_id
        await send(work.redis, campaign_id, CommandName.AGENTS_CHANGED)
    report({"agent": name, "wants": wants.value}, as_json=as_json)


async def find_named(work: Opened, name: str) -> Agent:
    """Return the client's agent of this name.

    Raises:
        NotFound: there is none.
    """
    async with work.sessions() as session:
        statement = select(Agent).where(
            col(Agent.client_id) == work.client_id, col(Agent.name) == name
        )
        agent = (await session.exec(statement)).first()
    if agent is None:
        raise NotFound(f"There is no agent {name!r}. `outdial agent list` shows who there is.")
    return agent
