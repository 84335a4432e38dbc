"""``outdial trunk``: the ways out to the telephone network, and the numbers people see."""

import asyncio
from typing import Annotated

import typer
from sqlmodel import col, or_, select

from campaigns.leads import party_room
from campaigns.models import Trunk
from campaigns.tenancy import bootstrap
from cli.installation import opened
from cli.output import listing, report
from cli.users import AsJson, Client
from dialer import phone
from dialer.clock import Clock
from dialer.db import transaction

app = typer.Typer(help="Trunks and caller IDs.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[
        str, typer.Argument(help="The trunk's name, also of its endpoint in Asterisk.")
    ],
    endpoint: Annotated[
        str | None, typer.Option(help="What is dialled; default PJSIP/{number}@NAME.")
    ] = None,
    max_channels: Annotated[int, typer.Option(min=1, help="Most calls at once.")] = 30,
    calls_per_s: Annotated[float, typer.Option(min=0.1, help="Most new calls a second.")] = 4.0,
    simulated: Annotated[
        bool, typer.Option(help="It leads to a simulated carrier: no calling hours.")
    ] = False,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Add a trunk, or change the limits of one that is there."""
    asyncio.run(
        _add(
            name,
            endpoint or f"PJSIP/{{number}}@{name}",
            max_channels,
            calls_per_s,
            client,
            simulated=simulated,
            as_json=as_json,
        )
    )


async def _add(
    name: str,
    endpoint: str,
    max_channels: int,
    calls_per_s: float,
    client: str,
    *,
    simulated: bool,
    as_json: bool,
) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        trunk = await bootstrap.ensure_trunk(
            session,
            name=name,
            endpoint=endpoint,
            max_channels=max_channels,
            calls_per_s=calls_per_s,
            simulated=simulated,
        )
        facts = {
            "name": trunk.name,
            "endpoint": trunk.endpoint,
            "max_channels": trunk.max_channels,
            "calls_per_s": trunk.calls_per_s,
            "simulated": trunk.simulated,
        }
    report(facts, as_json=as_json)


@app.command("list")
def list_trunks(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the trunks the client may use, with the reason of one that is paused."""
    asyncio.run(_list(client, as_json=as_json))


async def _list(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        usable = or_(col(Trunk.client_id).is_(None), col(Trunk.client_id) == work.client_id)
        used = await party_room.lines_in_use(session)
        rows = [
            {
                "name": trunk.name,
                "endpoint": trunk.endpoint,
                "max_channels": trunk.max_channels,
                "calls_per_s": trunk.calls_per_s,
                "live_calls": used.get(trunk.id, (0, 0))[0],
                "third_parties": used.get(trunk.id, (0, 0))[1],
                "simulated": trunk.simulated,
                "paused_because": trunk.paused_reason if _rests(trunk, work.clock) else None,
            }
            for trunk in await session.exec(select(Trunk).where(usable).order_by(col(Trunk.name)))
        ]
    listing(rows, as_json=as_json, empty="No trunks yet: `outdial trunk add NAME`.")


@app.command()
def caller_id(
    number: Annotated[str, typer.Argument(help="The number people see, with its country code.")],
    display_name: Annotated[str, typer.Option(help="The name people see.")] = "",
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Add a caller ID the client's campaigns may show."""
    e164 = phone.parse(number, "ZZ").e164  # ZZ: no country is assumed
    asyncio.run(_caller_id(e164, display_name, client, as_json=as_json))


async def _caller_id(e164: str, display_name: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        await bootstrap.ensure_caller_id(
            session, client_id=work.client_id, e164=e164, display_name=display_name
        )
    report({"caller_id": e164, "display_name": display_name}, as_json=as_json)


def _rests(trunk: Trunk, clock: Clock) -> bool:
    return trunk.paused_until is not None and trunk.paused_until > clock.now()
