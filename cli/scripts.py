"""``outdial script``: what operators say, from and to files, checked, published."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from redis.exceptions import RedisError

from campaigns.scripts import filing, publishing, shelves
from campaigns.scripts.authors import CommandLine
from campaigns.scripts.checking import check
from campaigns.scripts.files import ScriptFile, read_script, write_file
from campaigns.scripts.publishing import said_of, script_channel
from cli.files import read_file
from cli.installation import opened
from cli.output import console, listing, report
from cli.users import AsJson, Client
from dialer.db import transaction

app = typer.Typer(help="Scripts of operators.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A YAML file.")]
Code = Annotated[str, typer.Argument(help="The script's code.")]
Version = Annotated[int | None, typer.Option(help="The version; the draft when left out.")]


@app.command("import")
def import_script(file: File, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Save a file as the draft of the script it names."""
    asyncio.run(_import(read_file(file), client, as_json=as_json))


async def _import(content: bytes, client: str, *, as_json: bool) -> None:
    filed = read_script(content)
    async with opened(client) as work, transaction(work.sessions) as session:
        who = CommandLine(work.client_id)
        draft = await filing.keep_script(session, filed, who=who, clock=work.clock)
        facts = {"script": filed.code, "version": draft.number, "steps": len(filed.steps)}
    report(facts, as_json=as_json)


@app.command("export")
def export_script(
    code: Code, file: File, version: Version = None, client: Client = "Outdial"
) -> None:
    """Write a version to a file."""
    file.write_text(write_file(asyncio.run(_filed(code, version, client))), encoding="utf-8")


async def _filed(code: str, version: int | None, client: str) -> ScriptFile:
    async with opened(client) as work, work.sessions() as session:
        return await filing.script_file(session, code, version, client_id=work.client_id)


@app.command("check")
def check_script(file: File, as_json: AsJson = False) -> None:
    """Say what would bar a file's script from being published; nothing is stored."""
    findings = check(read_script(read_file(file)).script())
    rows = [said_of(finding) for finding in findings]
    listing(rows, as_json=as_json, empty="Nothing is wrong with this script.")
    if any(finding.bars for finding in findings):
        raise typer.Exit(2)


@app.command("publish")
def publish_script(code: Code, client: Client = "Outdial", as_json: AsJson = False) -> None:
    """Publish a script's draft: operators read it at once, those who are talking too."""
    asyncio.run(_publish(code, client, as_json=as_json))


async def _publish(code: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        async with transaction(work.sessions) as session:
            who = CommandLine(work.client_id)
            version = await publishing.publish(
                session, code, revision=None, who=who, clock=work.clock
            )
            facts = {
                "script": code,
                "version": version.number,
                "published_at": version.published_at,
            }
        try:
            await work.redis.publish(script_channel(work.client_id), "changed")
        except (RedisError, OSError):
            console.print("Redis is away: open pages show the script within ten seconds.")
    report(facts, as_json=as_json)


@app.command("list")
def list_scripts(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the client's scripts and their versions."""
    asyncio.run(_list(client, as_json=as_json))


async def _list(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        found = await shelves.list_scripts(session, client_id=work.client_id)
    rows = [
        {
            "script": row.code,
            "name": row.name,
            "version": version.number,
            "published_at": version.published_at or "draft",
            "steps": len(version.content["steps"]),
        }
        for row, version in found
    ]
    listing(rows, as_json=as_json, empty="No scripts yet: `outdial script import <file>`.")
