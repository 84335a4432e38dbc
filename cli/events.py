"""``outdial events``: what happened, where it is told, and telling it again."""

import asyncio
import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from campaigns.events.kinds import EventKind
from campaigns.events.reading import MOST_AT_ONCE, read_after, span_of
from campaigns.events.telling import tell
from campaigns.webhooks import endpoints
from campaigns.webhooks.dead import dead_letters
from campaigns.webhooks.lag import lag_of, state_of
from campaigns.webhooks.replaying import replay
from cli.installation import opened
from cli.output import listing, report
from cli.users import AsJson, Client
from dialer.db import transaction
from dialer.errors import Invalid

app = typer.Typer(help="Events, and the webhooks that tell them.", no_args_is_help=True)

After = Annotated[int | None, typer.Option(help="The cursor; none: the newest ones.", min=0)]
Limit = Annotated[int, typer.Option(help="At most so many.", min=1, max=MOST_AT_ONCE)]
Kinds = Annotated[list[EventKind] | None, typer.Option(help="Only these; repeat it for more.")]
Numbers = Annotated[bool, typer.Option("--numbers", help="Whole phone numbers.")]


@app.command("list")
def list_events(
    client: Client = "Outdial",
    after: After = None,
    kind: Kinds = None,
    limit: Limit = 50,
    numbers: Numbers = False,
    as_json: AsJson = False,
) -> None:
    """List the client's events after a cursor, in order; ``--json`` has everything they tell."""
    asyncio.run(_list(client, after, kind or [], limit, numbers=numbers, as_json=as_json))


async def _list(
    client: str,
    after: int | None,
    kinds: list[EventKind],
    limit: int,
    *,
    numbers: bool,
    as_json: bool,
) -> None:
    async with opened(client) as work, work.sessions() as session:
        span = await span_of(session, work.client_id)
        begin = max(span.floor, span.last - limit) if after is None else after
        page = await read_after(session, work.client_id, begin, kinds=kinds, limit=limit)
        told = await tell(
            session, work.client_id, page.events, with_numbers=numbers, with_names=True
        )
    listing([_row(one, as_json=as_json) for one in told], as_json=as_json, empty="No events.")


def _row(one: dict[str, Any], *, as_json: bool) -> dict[str, Any]:
    if as_json:
        return one
    names = ("position", "type", "at", "campaign_id")
    told = json.dumps(one["data"], ensure_ascii=False)
    return {name: one[name] for name in names} | {"data": told}


@app.command("endpoints")
def list_endpoints(client: Client = "Outdial", as_json: AsJson = False) -> None:
    """List the client's webhook endpoints, what waits for them, and what was given up."""
    asyncio.run(_endpoints(client, as_json=as_json))


async def _endpoints(client: str, *, as_json: bool) -> None:
    async with opened(client) as work, work.sessions() as session:
        rows = []
        for row in await endpoints.endpoints_of(session, work.client_id):
            lag = await lag_of(session, row.id)
            dead = await dead_letters(session, work.client_id, row.id)
            rows.append(
                {
                    "id": row.id,
                    "name": row.name,
                    "url": row.url,
                    "state": state_of(row).value,
                    "reason": row.disabled_reason or None,
                    "waiting": lag.events,
                    "oldest": lag.oldest,
                    "given_up": len(dead),
                }
            )
    listing(rows, as_json=as_json, empty="No endpoints: the page Events makes them.")


@app.command("replay")
def replay_events(
    endpoint: Annotated[UUID, typer.Argument(help="From `outdial events endpoints`.")],
    position: Annotated[int | None, typer.Option(help="The first event to send again.")] = None,
    at: Annotated[str | None, typer.Option(help="Or from when: 2026-11-23T12:00:00+03:00.")] = None,
    campaign: Annotated[UUID | None, typer.Option(help="Only this campaign's events.")] = None,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Send an endpoint everything again from a position or a time on."""
    asyncio.run(_replay(endpoint, position, _moment(at), campaign, client, as_json=as_json))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("Write the time as 2026-11-23T12:00:00+03:00.") from error
    if moment.tzinfo is None:
        raise Invalid("Say the time zone, too: 2026-11-23T12:00:00+03:00.")
    return moment


async def _replay(
    endpoint_id: UUID,
    position: int | None,
    at: datetime | None,
    campaign_id: UUID | None,
    client: str,
    *,
    as_json: bool,
) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        row = await endpoints.find(session, endpoint_id, client_id=work.client_id, lock=True)
        first = await replay(
            session,
            row,
            position=position,
            at=at,
            lane_id=campaign_id,
            user_id=None,
            clock=work.clock,
        )
        facts = {"endpoint": row.name, "position": first}
    report(facts, as_json=as_json)
