"""``outdial user``: tokens for the API and the pages."""

import asyncio
from typing import Annotated

import typer

from campaigns.tenancy import bootstrap, tokens
from campaigns.tenancy.models import Role
from cli.installation import opened
from cli.output import report
from dialer.db import transaction

app = typer.Typer(help="Users and their tokens.", no_args_is_help=True)

Client = Annotated[str, typer.Option(help="The client's name; made when new.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command()
def token(
    login: Annotated[str, typer.Argument(help="The user's login; made when new.")],
    client: Client = "Outdial",
    role: Annotated[Role, typer.Option(help="What a new user may do.")] = Role.MANAGER,
    as_json: AsJson = False,
) -> None:
    """Issue a token for a user. It is shown once: only its digest is kept."""
    asyncio.run(_token(login, client, role, as_json=as_json))


async def _token(login: str, client: str, role: Role, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        user = await bootstrap.find_user(session, login)
        if user is None:
            user = await bootstrap.create_user(
                session, client_id=work.client_id, login=login, role=role, clock=work.clock
            )
        plaintext = await tokens.issue(session, user.id, work.clock)
    report({"login": login, "role": user.role.value, "token": plaintext}, as_json=as_json)
