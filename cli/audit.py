"""``outdial audit``: who saw and changed what."""

import asyncio
import json
from typing import Annotated, Any
from uuid import UUID

import typer

from campaigns.accounts.trail import TrailEntry, TrailFilter, read_trail
from campaigns.law.instants import parse_instant
from cli.installation import opened
from cli.output import listing
from cli.users import AsJson, Client

#: Entries without a wish.
_USUAL = 50


def audit(
    client: Client = "Outdial",
    user: Annotated[str | None, typer.Option(help="Only what this login did.")] = None,
    action: Annotated[
        str | None,
        typer.Option(help="Only actions that begin so, such as sign_in or results.downloaded."),
    ] = None,
    subject: Annotated[
        str | None, typer.Option(help="Only about this kind of thing: a table's name.")
    ] = None,
    subject_id: Annotated[
        UUID | None, typer.Option(help="Only about the thing of this id.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="From this day or instant on.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this day or instant.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, the newest.", min=1)] = _USUAL,
    as_json: AsJson = False,
) -> None:
    """Show who saw and changed what of a client, the newest first."""
    wanted = TrailFilter(
        login=user,
        action=action,
        subject=subject,
        subject_id=subject_id,
        since=parse_instant(since) if since else None,
        until=parse_instant(until) if until else None,
    )
    asyncio.run(_show(client, wanted, limit, as_json=as_json))


async def _show(client: str, wanted: TrailFilter, limit: int, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        found = await read_trail(session, wanted, client_id=work.client_id, limit=limit)
    rows = [_facts(entry, as_json=as_json) for entry in found]
    listing(rows, as_json=as_json, empty="Nothing was found.")


def _facts(entry: TrailEntry, *, as_json: bool) -> dict[str, Any]:
    row = entry.row
    facts = row.facts if as_json else json.dumps(row.facts, default=str, ensure_ascii=False)
    return {
        "at": row.at.isoformat(timespec="seconds"),
        "by": entry.login or "command line",
        "action": row.action,
        "subject": row.subject,
        "about": entry.about,
        "subject_id": row.subject_id,
        "facts": facts,
    }
