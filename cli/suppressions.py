"""``outdial dnc add`` and ``remove``: the client's own do-not-call list."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from campaigns.law import suppressions
from campaigns.law.suppressions import cancel_ringing, in_parts
from cli.files import find_campaign
from cli.installation import opened
from cli.law import e164_of, reading
from cli.output import report
from cli.users import AsJson, Client
from compliance.dnc.reading import read_numbers
from compliance.dnc.tally import Tally
from dialer.db import transaction
from dialer.errors import Invalid

Region = Annotated[str, typer.Option(help="Country of numbers without a code: RU, US…")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("add")(add)
    app.command("remove")(remove)


def add(
    number: Annotated[str | None, typer.Argument(help="The number, with its country code.")] = None,
    file: Annotated[Path | None, typer.Option(help="Numbers of a text or CSV file.")] = None,
    region: Region = "RU",
    reason: Annotated[str, typer.Option(help="Why.")] = "do_not_call",
    campaign: Annotated[str | None, typer.Option(help="Only for this campaign.")] = None,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Put numbers on the client's own list; calls that ring at them are cancelled at once."""
    if (number is None) == (file is None):
        raise Invalid("Give a number or --file.")
    asyncio.run(_add(number, file, region, reason, campaign, client, as_json=as_json))


async def _add(
    number: str | None,
    file: Path | None,
    region: str,
    reason: str,
    campaign: str | None,
    client: str,
    *,
    as_json: bool,
) -> None:
    tally, numbers, added, cancelled = Tally(), 0, 0, 0
    source = _numbers(file, region, tally) if file else iter([e164_of(number or "", region)])
    async with opened(client) as work:
        target = await find_campaign(work, campaign) if campaign else None
        for part in in_parts(source):
            async with transaction(work.sessions) as session:
                done = await suppressions.suppress(
                    session,
                    client_id=work.client_id,
                    e164s=part,
                    reason=reason,
                    source="cli",
                    user_id=None,
                    clock=work.clock,
                    campaign_id=target.id if target else None,
                )
            await cancel_ringing(work.redis, done.live_calls)
            numbers, added = numbers + len(part), added + done.added
            cancelled += len(done.live_calls)
    if file is not None:
        tally.report()  # a file without any number is a wrong file
    facts = {"numbers": numbers, "added": added, "lines_refused": tally.refused}
    report({**facts, "live_calls": cancelled}, as_json=as_json)


def _numbers(file: Path, region: str, tally: Tally) -> Iterator[str]:
    with reading(file):
        for block in read_numbers(file, region=region, tally=tally):
            yield from (f"+{number}" for number in block.tolist())


def remove(
    number: Annotated[str, typer.Argument(help="The number, with its country code.")],
    reason: Annotated[str, typer.Option(help="Why it may be called again.")],
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Take a number off the client's own list; the audit log keeps why."""
    asyncio.run(_remove(e164_of(number), reason, client, as_json=as_json))


async def _remove(e164: str, reason: str, client: str, *, as_json: bool) -> None:
    async with opened(client) as work, transaction(work.sessions) as session:
        rows = await suppressions.find(session, client_id=work.client_id, e164=e164)
        if not rows:
            raise suppressions.SuppressionNotFound
        for row in rows:
            await suppressions.lift(
                session,
                row.id,
                client_id=work.client_id,
                reason=reason,
                user_id=None,
                clock=work.clock,
            )
    report({"removed": len(rows)}, as_json=as_json)
