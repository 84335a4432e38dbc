"""``outdial user``: people's accounts and the tokens of programs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts import people
from campaigns.accounts.people import UserNotFound
from campaigns.accounts.throttle import Throttle, account_bucket, code_bucket, own_bucket
from campaigns.tenancy import audit, bootstrap, tokens
from campaigns.tenancy.models import Role, User
from cli.installation import Opened, opened
from cli.output import listing, report
from dialer.db import transaction

app = typer.Typer(help="Users, their passwords, sessions and tokens.", no_args_is_help=True)

Client = Annotated[str, typer.Option(help="The client's name; made when new.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Login = Annotated[str, typer.Argument(help="The user's login.")]
NewRole = Annotated[Role, typer.Option(help="What a new user may do.")]


@asynccontextmanager
async def user_of(login: str, client: str) -> AsyncIterator[tuple[Opened, AsyncSession, User]]:
    """Yield a user of the client, locked, in a transaction.

    Raises:
        UserNotFound: the client has no such user.
    """
    async with opened(client) as work, transaction(work.sessions) as session:
        known = await bootstrap.find_user(session, login)
        if known is None:
            raise UserNotFound(login=login)
        yield work, session, await people.find(session, known.id, client_id=work.client_id)


async def _create(work: Opened, session: AsyncSession, login: str, role: Role) -> User:
    first = await bootstrap.is_first_in_charge(session, role)
    user = await bootstrap.create_user(
        session, client_id=work.client_id, login=login, role=role, clock=work.clock
    )
    user.manages_clients = first
    facts = {"login": login, "role": role.value} | ({"manages_clients": True} if first else {})
    await audit.trace(session, user, "user.created", facts, user_id=None, clock=work.clock)
    return user


@app.command()
def add(
    login: Login,
    client: Client = "Outdial",
    role: NewRole = Role.AGENT,
    as_json: AsJson = False,
) -> None:
    """Make a user with a password for the first sign-in, where another must be chosen."""
    asyncio.run(_add(login, client, role, as_json=as_json))


async def _add(login: str, client: str, role: Role, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        user = await _create(work, session, login, role)
        password = await people.give_password(session, user, work.clock, by=None)
    report({"login": login, "role": role.value, "password": password}, as_json=as_json)


@app.command("list")
def list_users(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the client's users."""
    asyncio.run(_list(client, as_json=as_json))


async def _list(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        rows = [_facts(user) for user in await people.list_users(session, work.client_id)]
    listing(rows, as_json=as_json, empty="There are no users. `outdial user add` makes one.")


def _facts(user: User) -> dict[str, Any]:
    kept = "none" if user.password_hash is None else "own"
    return {
        "login": user.login,
        "role": user.role.value,
        "password": "to be changed" if user.password_must_change else kept,
        "disabled_at": user.disabled_at,
    }


@app.command()
def password(
    login: Login,
    client: Client = "Outdial",
    ask: Annotated[
        bool, typer.Option(help="Type the password instead of having one made up.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Give a user a new password, to be changed at the next sign-in; all sessions end."""
    typed = typer.prompt("New password", hide_input=True, confirmation_prompt=True) if ask else ""
    asyncio.run(_password(login, client, typed, as_json=as_json))


async def _password(login: str, client: str, typed: str, *, as_json: bool) -> None:
    async with user_of(login, client) as (work, session, user):
        if typed:
            await people.set_password(session, user, typed, work.clock, by=None, must_change=True)
        else:
            made = await people.give_password(session, user, work.clock, by=None)
    shown = {} if typed else {"password": made}
    report({"login": login, **shown, "at_sign_in": "must be changed"}, as_json=as_json)


@app.command("set-role")
def set_role(
    login: Login,
    role: Annotated[Role, typer.Argument(help="What the user may do from now on.")],
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Give a user another role, from the next request on."""
    asyncio.run(_set_role(login, role, client, as_json=as_json))


async def _set_role(login: str, role: Role, client: str, *, as_json: bool) -> None:
    async with user_of(login, client) as (work, session, user):
        await people.change_role(session, user, role, work.clock, by=None)
    report({"login": login, "role": role.value}, as_json=as_json)


@app.command()
def disable(login: Login, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Shut a user out: sessions end at once, tokens open nothing."""
    asyncio.run(_disable(login, client, as_json=as_json))


async def _disable(login: str, client: str, *, as_json: bool) -> None:
    async with user_of(login, client) as (work, session, user):
        await people.disable(session, user, work.clock, by=None)
        facts = _facts(user)
    report(facts, as_json=as_json)


@app.command()
def enable(login: Login, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Let a user in again."""
    asyncio.run(_enable(login, client, as_json=as_json))


async def _enable(login: str, client: str, *, as_json: bool) -> None:
    async with user_of(login, client) as (work, session, user):
        await people.enable(session, user, work.clock, by=None)
        facts = _facts(user)
    report(facts, as_json=as_json)


@app.command("sign-out")
def sign_out(login: Login, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """End all sessions of a user, from the next request on."""
    asyncio.run(_sign_out(login, client, as_json=as_json))


async def _sign_out(login: str, client: str, *, as_json: bool) -> None:
    async with user_of(login, client) as (work, session, user):
        ended = await people.revoke_sessions(session, user, work.clock, by=None)
    report({"login": login, "sessions_ended": ended}, as_json=as_json)


@app.command("reset-second-factor")
def reset_second_factor(login: Login, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Take a lost second factor off; all sessions end."""
    asyncio.run(_reset_factor(login, client, as_json=as_json))


async def _reset_factor(login: str, client: str, *, as_json: bool) -> None:
    async with user_of(login, client) as (work, session, user):
        had = await people.reset_factor(session, user, work.clock, by=None)
    report(
        {"login": login, "second_factor": "taken off" if had else "there was none"}, as_json=as_json
    )


@app.command()
def unlock(login: Login, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """End the waits after failed sign-ins of a user."""
    asyncio.run(_unlock(login, client, as_json=as_json))


async def _unlock(login: str, client: str, *, as_json: bool) -> None:
    async with user_of(login, client) as (work, session, user):
        throttle = Throttle(work.redis, work.clock)
        await throttle.forget([account_bucket(login), code_bucket(user.id), own_bucket(user.id)])
        await audit.trace(session, user, "user.unlocked", {}, user_id=None, clock=work.clock)
    report({"login": login, "waits": "ended"}, as_json=as_json)


@app.command()
def token(
    login: Annotated[str, typer.Argument(help="The user's login; made when new.")],
    client: Client = "Outdial",
    role: NewRole = Role.MANAGER,
    as_json: AsJson = False,
) -> None:
    """Issue a token of the API for a user. It is shown once: only its digest is kept."""
    asyncio.run(_token(login, client, role, as_json=as_json))


async def _token(login: str, client: str, role: Role, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        user = await bootstrap.find_user(session, login)
        if user is None:
            user = await _create(work, session, login, role)
        plaintext = await tokens.issue(session, user.id, work.clock)
        await audit.trace(session, user, "token.issued", {}, user_id=None, clock=work.clock)
    report({"login": login, "role": user.role.value, "token": plaintext}, as_json=as_json)


@app.command("revoke-tokens")
def revoke_tokens(login: Login, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Make all tokens of a user useless."""
    asyncio.run(_revoke_tokens(login, client, as_json=as_json))


async def _revoke_tokens(login: str, client: str, *, as_json: bool) -> None:
    async with user_of(login, client) as (work, session, user):
        revoked = await tokens.revoke_all(session, user.id, work.clock)
        facts = {"tokens": revoked}
        await audit.trace(session, user, "token.revoked", facts, user_id=None, clock=work.clock)
    report({"login": login, "tokens_revoked": revoked}, as_json=as_json)
