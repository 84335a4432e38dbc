"""Exports: asked for, looked at, cancelled, begun again. A worker writes them (see ``making.py``)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.delivery.layouts.keeping import layout_for_export
from campaigns.delivery.models import Export
from campaigns.delivery.options import ExportOptions
from campaigns.delivery.words import OPEN, ExportFormat, ExportState
from campaigns.models import Campaign
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.errors import Conflict, NotFound

#: Exports that a page or a request shows at most.
_MOST_SHOWN = 100
_ENDED_BADLY = (ExportState.FAILED, ExportState.CANCELLED, ExportState.GONE)


class ExportNotFound(NotFound):
    """No export of this client has the id."""

    code = "export_not_found"
    message = "There is no such export."


class ExportNotDone(Conflict):
    """There is no file; ``facts["state"]`` says why."""

    code = "export_not_done"
    message = "This export has no file: it is not ready, or its file was deleted."


class ExportOver(Conflict):
    """The export has ended; ``facts["state"]`` says how."""

    code = "export_over"
    message = "This export has ended already."


class ExportNotOver(Conflict):
    """The export is done or under way."""

    code = "export_not_over"
    message = "This export is under way or has its file: there is nothing to begin again."


async def ask(
    session: AsyncSession,
    campaign_id: UUID,
    format: ExportFormat,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
    layout: int | None = None,
    options: Mapping[str, Any] | None = None,
    freezes_draft: bool = True,
) -> Export:
    """Ask for a file of a campaign's results, in the caller's transaction.

    A worker writes it within seconds of the commit, at once with the job ``MAKE_EXPORT``. Then ``state`` is
    ``done``, and :func:`path_of` says where the file is.

    ``layout`` is the number of a frozen layout, None the newest: see ``layout_for_export``; clients freeze no
    draft. For ``options`` see :class:`campaigns.delivery.options.ExportOptions`.

    Raises:
        CampaignNotFound: the client has no such campaign.
        LayoutNotFound, LayoutInPreparation: see ``layout_for_export``.
        BadExportOptions: the format does not know them.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    chosen = dict(options or {})
    ExportOptions.read(chosen, format)
    number, layout_id = None, None
    if format.has_layout:
        frozen = await layout_for_export(
            session, campaign, layout, user_id=user_id, clock=clock, freezes_draft=freezes_draft
        )
        number, layout_id = frozen.number, frozen.id
    now = clock.now()
    row = Export(
        client_id=client_id,
        campaign_id=campaign.id,
        layout_id=layout_id,
        format=format,
        options=chosen,
        file_name=f"{_plain(campaign)}-{now:%Y-%m-%d-%H%M}.{format.suffix}",
        asked_by=user_id,
        asked_at=now,
    )
    session.add(row)
    await session.flush()
    facts = {"format": format.value, "layout": number, "options": chosen}
    await audit.trace(session, row, "export.asked", facts, user_id=user_id, clock=clock)
    return row


def _plain(campaign: Campaign) -> str:
    """Return the campaign's name as every file system takes it."""
    return re.sub(r"[^\w-]+", "-", campaign.name).strip("-")[:80] or "results"


async def find_export(
    session: AsyncSession, export_id: UUID, *, client_id: UUID, lock: bool = False
) -> Export:
    """Return the client's export.

    Raises:
        ExportNotFound: no such export, or it is another client's.
    """
    row = await session.get(Export, export_id, with_for_update=lock, populate_existing=True)
    if row is None or row.client_id != client_id:
        raise ExportNotFound(export_id=str(export_id))
    return row


async def exports_of(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID
) -> Sequence[Export]:
    """Return the campaign's exports, the newest first."""
    statement = (
        select(Export)
        .where(col(Export.campaign_id) == campaign_id, col(Export.client_id) == client_id)
        .order_by(col(Export.asked_at).desc(), col(Export.id).desc())
        .limit(_MOST_SHOWN)
    )
    return (await session.exec(statement)).all()


async def cancel(
    session: AsyncSession, export_id: UUID, *, client_id: UUID, user_id: UUID | None, clock: Clock
) -> Export:
    """Cancel an export; the worker that writes it stops within a second and leaves no file.

    Raises:
        ExportNotFound: no such export of this client.
        ExportOver: it has ended.
    """
    row = await find_export(session, export_id, client_id=client_id, lock=True)
    if row.state not in OPEN:
        raise ExportOver(state=row.state.value)
    row.state, row.ended_at = ExportState.CANCELLED, clock.now()
    session.add(row)
    await audit.trace(session, row, "export.cancelled", {}, user_id=user_id, clock=clock)
    return row


async def begin_again(
    session: AsyncSession, export_id: UUID, *, client_id: UUID, user_id: UUID | None, clock: Clock
) -> Export:
    """Have an export written anew that failed, was cancelled, or whose file is gone.

    Raises:
        ExportNotFound: no such export of this client.
        ExportNotOver: it is under way, or has its file.
    """
    row = await find_export(session, export_id, client_id=client_id, lock=True)
    if row.state not in _ENDED_BADLY:
        raise ExportNotOver(state=row.state.value)
    row.state, row.state_reason, row.tries = ExportState.WAITING, "", 0
    row.rows_done, row.rows_total, row.started_at, row.ended_at = 0, None, None, None
    row.sha256, row.size, row.asked_at = "", 0, clock.now()
    session.add(row)
    await audit.trace(session, row, "export.begun_again", {}, user_id=user_id, clock=clock)
    return row


def path_of(folder: Path, row: Export) -> Path:
    """Return where the file of a finished export is, in the directory of exports.

    Raises:
        ExportNotDone: there is none.
    """
    path = stored_path(folder, row)
    if row.state is not ExportState.DONE or not path.is_file():
        raise ExportNotDone(state=row.state.value)
    return path


def stored_path(folder: Path, row: Export) -> Path:
    """Return where the file of an export is, or will be; its id alone decides."""
    return folder / f"{row.id}.export"
