"""``outdial caller-id`` and ``outdial campaign caller-ids``: the numbers people see, and pools of them."""

import asyncio
from typing import Annotated, Any

import typer

from campaigns import caller_ids
from campaigns.caller_ids import CallerIdWish
from campaigns.commands import CommandName, send
from campaigns.models import CallerId
from cli.files import find_campaign
from cli.installation import opened
from cli.output import listing, report
from cli.users import AsJson, Client
from dialer import phone
from dialer.db import transaction

app = typer.Typer(help="Caller IDs: the numbers people see.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The number, with its country code.")]


@app.command()
def add(
    number: Number,
    display_name: Annotated[str | None, typer.Option(help="The name people see.")] = None,
    region: Annotated[
        str | None, typer.Option(help="ISO 3166, such as RU or US-NY: shown to people there.")
    ] = None,
    attestation: Annotated[
        str | None, typer.Option(help="How the operator attests it: A, B, C or empty.")
    ] = None,
    label: Annotated[str | None, typer.Option(help="The text the operator shows with it.")] = None,
    daily_cap: Annotated[
        int | None, typer.Option(min=0, help="Most calls a day over all campaigns; 0: no limit.")
    ] = None,
    rest_s: Annotated[
        int | None, typer.Option(min=0, help="Seconds of rest between two calls; 0: none.")
    ] = None,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Add a caller ID, or change one that is there: what is not named stays."""
    wish = CallerIdWish(display_name, region, attestation, label, daily_cap, rest_s)
    asyncio.run(_add(_e164(number), wish, client, as_json=as_json))


async def _add(e164: str, wish: CallerIdWish, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        row = await caller_ids.save_caller_id(
            session, e164, wish, client_id=work.client_id, by=None, clock=work.clock
        )
        facts = _facts(row)
    report(facts, as_json=as_json)


@app.command("list")
def list_caller_ids(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the client's caller IDs with their limits."""
    asyncio.run(_list(client, as_json=as_json))


async def _list(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        rows = [_facts(row) for row in await caller_ids.list_caller_ids(session, work.client_id)]
    listing(rows, as_json=as_json, empty="No caller IDs yet: `outdial caller-id add NUMBER`.")


@app.command()
def disable(number: Number, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Show a number no more; `outdial caller-id add` takes it up again."""
    asyncio.run(_disable(_e164(number), client, as_json=as_json))


async def _disable(e164: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        row = await caller_ids.disable_caller_id(
            session, e164, client_id=work.client_id, by=None, clock=work.clock
        )
        facts = _facts(row)
    report(facts, as_json=as_json)


def pool(
    name: Annotated[str, typer.Argument(help="The campaign's name or id.")],
    numbers: Annotated[
        list[str] | None, typer.Argument(help="All numbers of the pool; none: no pool.")
    ] = None,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Set the pool of caller IDs a campaign shows besides its own one."""
    asyncio.run(_pool(name, [_e164(one) for one in numbers or ()], client, as_json=as_json))


async def _pool(name: str, numbers: list[str], client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        campaign = await find_campaign(work, name)
        async with transaction(work.sessions) as session:
            await caller_ids.set_pool(
                session,
                campaign.id,
                numbers,
                client_id=work.client_id,
                by=None,
                clock=work.clock,
            )
        await send(work.redis, campaign.id, CommandName.REFRESH)
    report({"campaign": campaign.name, "caller_ids": sorted(set(numbers))}, as_json=as_json)


def _e164(number: str) -> str:
    return phone.parse(number, "ZZ").e164  # ZZ: no country is assumed


def _facts(row: CallerId) -> dict[str, Any]:
    return {
        "caller_id": row.e164,
        "display_name": row.display_name,
        "region": row.region,
        "attestation": row.attestation,
        "label": row.label,
        "daily_cap": row.daily_cap,
        "rest_s": row.rest_s,
        "disabled_at": row.disabled_at and row.disabled_at.isoformat(),
    }
