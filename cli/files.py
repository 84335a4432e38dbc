"""``outdial export``, and finding campaigns by name."""

import asyncio
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlmodel import col, select

from campaigns import lifecycle
from campaigns.delivery.export import export_results
from campaigns.delivery.refresh_export import export_refresh
from campaigns.delivery.words import ExportFormat
from campaigns.models import Campaign
from campaigns.tenancy.audit import trace
from cli.export_work import make_file
from cli.installation import Opened, opened
from cli.output import report
from cli.users import AsJson, Client
from dialer.db import transaction
from dialer.errors import Invalid, NotFound


async def find_campaign(work: Opened, name_or_id: str) -> Campaign:
    """Return the client's campaign by id or by name.

    Raises:
        NotFound: the client has no such campaign.
    """
    async with work.sessions() as session:
        try:
            wanted = UUID(name_or_id)
        except ValueError:
            statement = select(Campaign).where(
                col(Campaign.client_id) == work.client_id, col(Campaign.name) == name_or_id
            )
            found = (await session.exec(statement)).first()
            if found is None:
                raise NotFound(
                    f"There is no campaign {name_or_id!r}. `outdial campaign list` shows what there is."
                ) from None
            return found
        return await lifecycle.find(session, wanted, client_id=work.client_id)


def read_file(file: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        Invalid: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise Invalid(f"The file cannot be read: {error.strerror}.", file=str(file)) from error


def export_file(
    campaign: Annotated[str, typer.Argument(help="The campaign's name or id.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    client: Client = "Outdial",
    separator: Annotated[str, typer.Option(help="Between two cells.")] = ",",
    refresh: Annotated[
        bool, typer.Option("--refresh", help="A row for each field of a record instead.")
    ] = False,
    format_: Annotated[
        ExportFormat | None,
        typer.Option("--format", help="With a layout's columns, and the form's answers."),
    ] = None,
    layout: Annotated[
        int | None, typer.Option(help="Number of the frozen layout; else the newest.")
    ] = None,
    only_changed: Annotated[
        bool, typer.Option("--only-changed", help="Of a refreshed database the changed rows only.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Of a refreshed database operators by their names.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Export a campaign's results: as plain CSV of calls, or with --format as a file of any kind.

    The client's own columns come first, under their own names.
    """
    if format_ is None and layout is None:
        asyncio.run(_export(campaign, out, client, separator, refresh=refresh, as_json=as_json))
        return
    kind = format_ or ExportFormat.CSV
    options: dict[str, Any] = {"separator": separator} if kind is ExportFormat.CSV else {}
    if kind is ExportFormat.REFRESH:
        options = {"only_changed": only_changed, "names": names}
    asyncio.run(_make(campaign, out, client, kind, layout, options, as_json=as_json))


async def _make(
    campaign: str,
    out: Path,
    client: str,
    kind: ExportFormat,
    layout: int | None,
    options: dict[str, Any],
    *,
    as_json: bool,
) -> None:
    async with opened(client) as work:
        found = await find_campaign(work, campaign)
        done = await make_file(work, found, out, kind, layout=layout, options=options)
    facts = {"file": str(out), "rows": done.rows_done, "sha256": done.sha256, **done.facts}
    report(facts, as_json=as_json, title=f"Exported {found.name}")


async def _export(
    campaign: str, out: Path, client: str, separator: str, *, refresh: bool, as_json: bool
) -> None:
    export, action = export_results, "results.downloaded"
    if refresh:
        export, action = export_refresh, "refresh.downloaded"
    async with opened(client) as work:
        found = await find_campaign(work, campaign)
        async with work.sessions() as session:
            summary = await export(
                session, found.id, client_id=work.client_id, out=out, separator=separator
            )
        taken = {"rows": summary.rows, "sha256": summary.sha256}
        async with transaction(work.sessions) as session:
            await trace(session, found, action, taken, user_id=None, clock=work.clock)
    facts = {"file": str(out), "rows": summary.rows, "sha256": summary.sha256}
    report(facts, as_json=as_json, title=f"Exported {found.name}")
