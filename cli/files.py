"""``outdial import`` and ``outdial export``."""

import asyncio
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlmodel import col, select

from campaigns import lifecycle
from campaigns.delivery.export import export_results
from campaigns.leads.enrol import enrol
from campaigns.lists.importing import ImportReport, import_list, refused_csv
from campaigns.models import Campaign
from cli.installation import Opened, opened
from cli.output import console, report
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


def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, TXT, XLSX, XLS or ODS, in any encoding.")],
    campaign: Annotated[
        str | None, typer.Option(help="Enrol the contacts in this campaign.")
    ] = None,
    region: Annotated[
        str, typer.Option(help="Country of numbers without a code: RU, UA, US…")
    ] = "RU",
    name: Annotated[
        str | None, typer.Option(help="The list's name; the file's when left out.")
    ] = None,
    refused: Annotated[
        Path | None, typer.Option(help="Write the refused rows here, to mend.")
    ] = None,
    client: Client = "Outdial",
    as_json: AsJson = False,
) -> None:
    """Import a contact list. Every row is accounted for: accepted, or refused with its reason."""
    data = read_file(file)
    asyncio.run(_import(file, data, campaign, region, name, refused, client, as_json=as_json))


def read_file(file: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        Invalid: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise Invalid(f"The file cannot be read: {error.strerror}.", file=str(file)) from error


async def _import(
    file: Path,
    data: bytes,
    campaign: str | None,
    region: str,
    name: str | None,
    refused: Path | None,
    client: str,
    *,
    as_json: bool,
) -> None:
    async with opened(client) as work:
        target = await find_campaign(work, campaign) if campaign else None
        found, enrolled = await import_with_progress(
            work, data, file.name, name or file.stem, region, target, quiet=as_json
        )
        if refused is not None:
            async with work.sessions() as session:
                text = await refused_csv(session, found.list_id, work.client_id)
            await asyncio.to_thread(refused.write_text, text, encoding="utf-8-sig")
    report(_facts(found, enrolled), as_json=as_json, title=f"Imported {file.name}")


async def import_with_progress(
    work: Opened,
    data: bytes,
    file_name: str,
    name: str,
    region: str,
    campaign: Campaign | None,
    *,
    quiet: bool,
) -> tuple[ImportReport, int]:
    """Import a list (and enrol it) in one transaction, with a progress bar on the terminal."""
    columns = (
        TextColumn("importing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task("rows", total=None)
        async with transaction(work.sessions) as session:
            found = await import_list(
                session,
                client_id=work.client_id,
                name=name,
                file_name=file_name,
                data=data,
                region=region,
                clock=work.clock,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
            enrolled = 0
            if campaign is not None:
                enrolled = await enrol(
                    session, campaign.id, found.list_id, client_id=work.client_id, clock=work.clock
                )
    return found, enrolled


def _facts(found: ImportReport, enrolled: int) -> dict[str, object]:
    return {
        "list_id": str(found.list_id),
        "rows_in": found.rows_in,
        "rows_accepted": found.rows_accepted,
        "rows_refused": found.rows_refused,
        "refused_by_reason": dict(found.refused_by_reason),
        "phones": found.phones,
        "leads_enrolled": enrolled,
    }


def export_file(
    campaign: Annotated[str, typer.Argument(help="The campaign's name or id.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    client: Client = "Outdial",
    separator: Annotated[str, typer.Option(help="Between two cells.")] = ",",
    as_json: AsJson = False,
) -> None:
    """Export a campaign's results as CSV: the client's own columns first, then what became of them."""
    asyncio.run(_export(campaign, out, client, separator, as_json=as_json))


async def _export(campaign: str, out: Path, client: str, separator: str, *, as_json: bool) -> None:
    async with opened(client) as work:
        found = await find_campaign(work, campaign)
        async with work.sessions() as session:
            summary = await export_results(
                session, found.id, client_id=work.client_id, out=out, separator=separator
            )
    facts = {"file": str(out), "rows": summary.rows, "sha256": summary.sha256}
    report(facts, as_json=as_json, title=f"Exported {found.name}")
