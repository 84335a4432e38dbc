"""``outdial campaign apply | diff | export``: a campaign as a YAML file."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from campaigns.commands import CommandName, send
from campaigns.setup.applying import Plan, apply, plan
from campaigns.setup.file_reading import ReadFile, read_campaign
from campaigns.setup.file_state import export_yaml
from cli.files import find_campaign, read_file
from cli.installation import opened
from cli.output import console, report
from cli.users import AsJson, Client
from dialer.db import transaction
from dialer.errors import Invalid

File = Annotated[Path, typer.Option("--file", "-f", help="The campaign's YAML file.")]


def apply_file(
    file: File,
    client: Client = "Outdial",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before applying.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a campaign what its file says, after showing what would change; applied twice is once."""
    asyncio.run(_apply(read_campaign(read_file(file)), client, yes=yes, as_json=as_json))


async def _apply(read: ReadFile, client: str, *, yes: bool, as_json: bool) -> None:
    async with opened(client) as work:
        async with work.sessions() as session:
            planned = await plan(session, read, client_id=work.client_id)
        if not as_json:
            _tell(planned)
        if not planned.changes:
            facts = {"campaign": read.said.campaign, "changed": 0}
            report(facts, as_json=as_json)
            return
        if not yes and not typer.confirm("Apply?"):
            raise Invalid("Nothing was applied. With --yes nobody is asked.")
        async with transaction(work.sessions) as session:
            campaign, done, _ = await apply(
                session, read, client_id=work.client_id, clock=work.clock, by=None
            )
        await send(work.redis, campaign.id, CommandName.REFRESH)
    report(
        {
            "campaign": campaign.name,
            "id": str(campaign.id),
            "changed": len(done.changes),
            "changes": [str(one) for one in done.changes],
        },
        as_json=as_json,
    )


def _tell(planned: Plan) -> None:
    for change in planned.changes:
        console.print(str(change), markup=False, highlight=False, soft_wrap=True)
    if not planned.changes:
        console.print("No change: the campaign is what the file says.")


def diff_file(file: File, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Show what applying a campaign's file would change; nothing is changed."""
    asyncio.run(_diff(read_campaign(read_file(file)), client, as_json=as_json))


async def _diff(read: ReadFile, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        planned = await plan(session, read, client_id=work.client_id)
    if as_json:
        report({"changes": [str(one) for one in planned.changes]}, as_json=True)
    else:
        _tell(planned)


def export_campaign(
    name: Annotated[str, typer.Argument(help="The campaign's name or id.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write; none: print it.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Settings with their start value too.")
    ] = False,
    client: Client = "Outdial",
) -> None:
    """Write a campaign as a YAML file that `apply` takes."""
    asyncio.run(_export(name, out, client, everything=everything))


async def _export(name: str, out: Path | None, client: str, *, everything: bool) -> None:
    async with opened(client) as work:
        campaign = await find_campaign(work, name)
        async with work.sessions() as session:
            text = await export_yaml(
                session, campaign.id, client_id=work.client_id, everything=everything
            )
    if out is not None:
        await asyncio.to_thread(out.write_text, text, encoding="utf-8")
        return
    console.print(text, markup=False, highlight=False, soft_wrap=True, end="")
