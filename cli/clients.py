"""``outdial client``: what a client may dial, and with whom it shares the law's caps."""

import asyncio
from typing import Annotated, Any

import typer

from campaigns.tenancy.limits import ClientWish, change_client
from campaigns.tenancy.models import Client
from cli.installation import opened
from cli.output import report
from cli.users import AsJson
from dialer.db import transaction

app = typer.Typer(help="Clients and what they may dial.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The client's name; made when new.")]

#: Takes a list of countries or kinds away.
NONE = "none"


@app.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """Show what a client may dial."""
    asyncio.run(_set(name, ClientWish(), as_json=as_json))


@app.command("set")
def change(
    name: Name,
    legal_entity: Annotated[
        str | None, typer.Option(help="Clients of one legal entity share the law's caps.")
    ] = None,
    allow_country: Annotated[
        list[str] | None,
        typer.Option(help="A country it may call, two letters; again for more; none: all."),
    ] = None,
    allow_number_type: Annotated[
        list[str] | None,
        typer.Option(
            help="A kind it may call besides harmless ones, such as premium; again for more;"
            " none: no more."
        ),
    ] = None,
    second_factor: Annotated[
        list[str] | None,
        typer.Option(help="A role that needs a second factor; again for more; none: no role."),
    ] = None,
    two_person_law: Annotated[
        bool | None,
        typer.Option(help="Whether what loosens a setting of law needs a second person."),
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="The time zone of its people, such as Europe/Moscow.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change what a client may dial and how its users sign in: what is not named stays."""
    countries, kinds = _words(allow_country, upper=True), _words(allow_number_type)
    roles = _words(second_factor)
    wish = ClientWish(legal_entity, countries, kinds, roles, two_person_law, zone)
    asyncio.run(_set(name, wish, as_json=as_json))


async def _set(name: str, wish: ClientWish, *, as_json: bool) -> None:
    async with opened(name) as work, transaction(work.sessions) as session:
        facts = _facts(
            await change_client(session, work.client_id, wish, by=None, clock=work.clock)
        )
    report(facts, as_json=as_json)


def _words(given: list[str] | None, *, upper: bool = False) -> list[str] | None:
    if not given:
        return None
    words = [word.strip().lower() for word in given if word.strip().lower() != NONE]
    return [word.upper() for word in words] if upper else words


def _facts(client: Client) -> dict[str, Any]:
    return {
        "client": client.name,
        "legal_entity": client.legal_entity,
        "allowed_countries": client.allowed_countries,
        "allowed_number_types": client.allowed_number_types,
        "second_factor_roles": client.second_factor_roles,
        "two_person_law": client.two_person_law,
        "zone": client.zone,
        "archived_at": client.archived_at,
    }
