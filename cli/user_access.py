"""``outdial user``: who works for several clients, and who makes clients."""

import asyncio
from typing import Annotated

import typer

from campaigns.tenancy import access, audit, bootstrap
from campaigns.tenancy.models import Role
from cli.output import report
from cli.users import AsJson, Client, Login, user_of

Other = Annotated[
    str, typer.Option("--to", help="The name of the client to work for; made when new.")
]


def give_access(
    login: Login,
    to: Other,
    role: Annotated[Role, typer.Option(help="What the user may do there.")],
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Let a user work for another client, too, in a role of its own there."""
    asyncio.run(_give(login, to, role, client, as_json=as_json))


async def _give(login: str, to: str, role: Role, client: str, *, as_json: bool) -> None:
    async with user_of(login, client) as (work, session, user):
        other = await bootstrap.ensure_client(session, to, work.clock)
        await access.give(session, user, other.id, role, by=None, clock=work.clock)
    report({"login": login, "works_for": to, "role": role.value}, as_json=as_json)


def take_access(
    login: Login, to: Other, client: Client = "Outdial", as_json: AsJson = False
) -> None:
    """Have a user work for another client no longer, from the next request on."""
    asyncio.run(_take(login, to, client, as_json=as_json))


async def _take(login: str, to: str, client: str, *, as_json: bool) -> None:
    async with user_of(login, client) as (work, session, user):
        other = await bootstrap.ensure_client(session, to, work.clock)
        await access.take(session, user.id, other.id, by=None, clock=work.clock)
    report({"login": login, "works_no_longer_for": to}, as_json=as_json)


def manage_clients(
    login: Login,
    client: Client = "Outdial",
    allow: Annotated[bool, typer.Option(help="May, or may no longer.")] = True,
    as_json: AsJson = False,
) -> None:
    """Let an administrator or manager of the call centre make, change and archive clients."""
    asyncio.run(_manage(login, client, allow=allow, as_json=as_json))


async def _manage(login: str, client: str, *, allow: bool, as_json: bool) -> None:
    async with user_of(login, client) as (work, session, user):
        if user.manages_clients != allow:
            user.manages_clients = allow
            facts = {"manages_clients": {"from": not allow, "to": allow}}
            await audit.trace(session, user, "user.changed", facts, user_id=None, clock=work.clock)
    report({"login": login, "manages_clients": allow}, as_json=as_json)
