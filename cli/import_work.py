"""The part of ``outdial import`` that needs the installation."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from sqlmodel import col, select

from campaigns.errors import ListNotFound
from campaigns.lists.models import ContactList
from campaigns.lists.reading.tables import open_table
from campaigns.lists.staged import staging
from campaigns.lists.staged.committing import Committed
from campaigns.lists.staged.forecasting import forecast
from campaigns.lists.staged.mended import refused_file
from campaigns.lists.staged.oneshot import import_upload
from campaigns.lists.staged.options import ConsentBasis, ImportOptions
from campaigns.lists.staged.plan import Progress
from campaigns.lists.staged.previewing import changed_mapping
from campaigns.lists.staged.uploads import Upload, UploadFolder, chunks_of, one_chunk
from campaigns.models import Campaign
from cli.files import find_campaign
from cli.imports import Wishes, rehearsed
from cli.installation import Opened, opened
from cli.law import law_of
from cli.output import console, report
from compliance.dnc.shelf import DncShelf
from dialer.errors import Invalid


async def run(wishes: Wishes) -> None:
    """Stage a file and write it, or tell what that would do."""
    async with opened(wishes.client) as work:
        options = await _options(work, wishes)
        folder = UploadFolder(work.settings.uploads())
        mapping = None
        if wishes.columns:
            table = open_table(wishes.file, wishes.file.name, sheet=wishes.sheet)
            mapping = changed_mapping(table, wishes.columns)
        upload = await folder.keep(chunks_of(wishes.file), file_name=wishes.file.name)
        if wishes.dry_run:
            await _forecast(work, wishes, folder, upload, options, mapping)
            return
        done = await write(
            work,
            folder,
            upload,
            options,
            file_name=wishes.file.name,
            name=wishes.name,
            mapping=mapping,
            quiet=wishes.as_json,
        )
        if wishes.refused is not None:
            await _write_refused(work, done, wishes.refused)
    report(_facts(done), as_json=wishes.as_json, title=f"Imported {wishes.file.name}")


async def write(
    work: Opened,
    folder: UploadFolder,
    upload: Upload,
    options: ImportOptions,
    *,
    file_name: str,
    name: str,
    mapping: dict[str, Any] | None = None,
    quiet: bool,
) -> Committed:
    """Import an uploaded file, with a progress bar on the terminal."""
    with progress_bar(quiet=quiet) as progress:
        return await import_upload(
            work.sessions,
            folder,
            upload,
            client_id=work.client_id,
            file_name=file_name,
            name=name,
            options=options,
            user_id=None,
            clock=work.clock,
            book=law_of(work.settings).book,
            mapping=mapping,
            progress=progress,
        )


async def import_data(work: Opened, data: bytes, file_name: str, campaign: Campaign) -> Committed:
    """Import a Russian list that is in memory and enrol it in a campaign."""
    folder = UploadFolder(work.settings.uploads())
    upload = await folder.keep(one_chunk(data), file_name=file_name)
    options = ImportOptions(region="RU", campaign_id=campaign.id)
    return await write(
        work, folder, upload, options, file_name=file_name, name=campaign.name, quiet=False
    )


async def _options(work: Opened, wishes: Wishes) -> ImportOptions:
    campaign = await find_campaign(work, wishes.campaign) if wishes.campaign else None
    list_id = await _find_list(work, wishes.list_name) if wishes.list_name else None
    consent = None
    if wishes.consent is not None:
        if not wishes.consent_proof:
            raise Invalid("Say with --consent-proof where the proof of the consent is.")
        consent = ConsentBasis(kind=wishes.consent, proof=wishes.consent_proof)
    values: dict[str, Any] = {
        "region": wishes.region,
        "sheet": wishes.sheet,
        "list_id": list_id,
        "campaign_id": campaign.id if campaign else None,
        "duplicates_by": wishes.duplicates.by,
        "duplicates_scope": wishes.duplicates.scope,
        "duplicates": wishes.duplicates.then,
        "consent": consent,
    }
    return ImportOptions.read(values)


async def _find_list(work: Opened, name_or_id: str) -> UUID:
    mine = select(ContactList.id).where(col(ContactList.client_id) == work.client_id)
    try:
        wanted = mine.where(col(ContactList.id) == UUID(name_or_id))
    except ValueError:
        wanted = mine.where(col(ContactList.name) == name_or_id)
    async with work.sessions() as session:
        found = (await session.exec(wanted.limit(2))).all()
    if not found:
        raise ListNotFound(f"There is no list {name_or_id!r}.")
    if len(found) > 1:
        raise Invalid(f"Several lists are called {name_or_id!r}: give the id.")
    return found[0]


async def _forecast(
    work: Opened,
    wishes: Wishes,
    folder: UploadFolder,
    upload: Upload,
    options: ImportOptions,
    mapping: dict[str, Any] | None,
) -> None:
    """Tell what the import would do with what is stored already; nothing of it stays."""
    law = law_of(work.settings)
    try:
        async with work.sessions() as session:  # nothing is committed
            row = await staging.stage(
                session,
                folder,
                upload,
                client_id=work.client_id,
                file_name=wishes.file.name,
                name=wishes.name,
                options=options,
                user_id=None,
                clock=work.clock,
                book=law.book,
                mapping=mapping,
            )
            shelf = DncShelf(work.settings.dnc_lists())
            told = await forecast(session, folder, row, law=law, shelf=shelf, clock=work.clock)
            table = await staging.opened(folder, row)
            facts = rehearsed(told.rehearsal, table, row.mapping)
    finally:
        folder.remove(upload.stored_as)
    skips: dict[str, object] = {
        "warnings": told.warnings(),
        "places": dict(told.places),
        "window_closed": told.window_closed,  # null without a campaign
    }
    report(facts | skips, as_json=wishes.as_json, title=f"Would import {wishes.file.name}")


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Progress]:
    """Show on the terminal how many rows are written."""
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task("rows", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


async def _write_refused(work: Opened, done: Committed, path: Path) -> None:
    async with work.sessions() as session:
        file = await refused_file(
            session, done.report.list_id, work.client_id, import_id=done.row.id
        )
    with file, path.open("wb") as out:
        await asyncio.to_thread(shutil.copyfileobj, file, out)


def _facts(done: Committed) -> dict[str, object]:
    found = done.report
    facts: dict[str, object] = {
        "list_id": str(found.list_id),
        "rows_in": found.rows_in,
        "rows_accepted": found.rows_accepted,
        "rows_refused": found.rows_refused,
        "refused_by_reason": dict(found.refused_by_reason),
        "phones": found.phones,
        "leads_enrolled": done.leads_enrolled,
        "import_id": str(done.row.id),
    }
    if found.merged:
        facts["merged"] = found.merged
    if found.warnings:
        facts["warnings"] = dict(found.warnings)
    if done.consents:
        facts["consents"] = done.consents
    return facts
