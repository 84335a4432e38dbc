"""Exports of a campaign as background jobs, and the layouts of their columns."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import FileResponse

from api import exporting
from api.auth import ManagerDep, ReaderDep, ResultTakerDep
from api.deps import ClockDep, ServicesDep, SessionDep
from api.errors import problems
from api.schemas.exports import ColumnOut, ExportIn, ExportOut, LayoutIn, LayoutOut
from campaigns import lifecycle
from campaigns.delivery import exports
from campaigns.delivery.exports import ExportNotDone, ExportNotFound, ExportNotOver, ExportOver
from campaigns.delivery.layouts import keeping
from campaigns.delivery.layouts.columns import BadLayout, Pick
from campaigns.delivery.layouts.keeping import LayoutInPreparation, LayoutNotFound, NoDraftLayout
from campaigns.delivery.layouts.proposing import proposed_layout
from campaigns.delivery.options import BadExportOptions
from campaigns.errors import CampaignNotFound
from campaigns.portal.errors import NamesNotYours
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(tags=["exports"], responses=problems(Unauthenticated, Forbidden))

_OF_CAMPAIGN = "/campaigns/{campaign_id}"


@router.post(
    f"{_OF_CAMPAIGN}/exports",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(
        CampaignNotFound, LayoutNotFound, LayoutInPreparation, NamesNotYours, BadExportOptions
    ),
)
async def ask_for_export(
    campaign_id: UUID,
    body: ExportIn,
    who: ResultTakerDep,
    session: SessionDep,
    services: ServicesDep,
) -> ExportOut:
    """Have a worker write a file of the campaign's results; look again for how far it is."""
    await session.rollback()
    row = await exporting.ask(
        services, campaign_id, body.format, who, layout=body.layout, options=body.options
    )
    return ExportOut.of(row)


@router.get(f"{_OF_CAMPAIGN}/exports", responses=problems(CampaignNotFound))
async def list_exports(
    campaign_id: UUID, who: ResultTakerDep, session: SessionDep
) -> list[ExportOut]:
    """Return the campaign's exports, the newest first."""
    await lifecycle.find(session, campaign_id, client_id=who.client_id)
    found = await exporting.seen(session, campaign_id, who)
    return [ExportOut.of(row) for row in found]


@router.get("/exports/{export_id}", responses=problems(ExportNotFound))
async def get_export(export_id: UUID, who: ResultTakerDep, session: SessionDep) -> ExportOut:
    """Return one export with its progress."""
    await exporting.require_seen(session, export_id, who)
    return ExportOut.of(await exports.find_export(session, export_id, client_id=who.client_id))


@router.get(
    "/exports/{export_id}/file",
    response_class=FileResponse,
    responses=problems(ExportNotFound, ExportNotDone),
)
async def download_export(
    export_id: UUID, who: ResultTakerDep, session: SessionDep, services: ServicesDep
) -> FileResponse:
    """Return an export's file; its SHA-256 is in ``X-Content-SHA256``."""
    return await exporting.handed_out(session, services, export_id, who)


@router.post("/exports/{export_id}/cancel", responses=problems(ExportNotFound, ExportOver))
async def cancel_export(
    export_id: UUID, who: ResultTakerDep, session: SessionDep, clock: ClockDep
) -> ExportOut:
    """Cancel an export that waits or is being written."""
    await exporting.require_seen(session, export_id, who)
    row = await exports.cancel(
        session, export_id, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return ExportOut.of(row)


@router.post("/exports/{export_id}/again", responses=problems(ExportNotFound, ExportNotOver))
async def begin_export_again(
    export_id: UUID, who: ResultTakerDep, session: SessionDep, services: ServicesDep
) -> ExportOut:
    """Have an export written anew that failed, was cancelled, or whose file is gone."""
    await session.rollback()
    return ExportOut.of(await exporting.begin_again(services, export_id, who))


@router.get(f"{_OF_CAMPAIGN}/export-columns", responses=problems(CampaignNotFound))
async def list_export_columns(
    campaign_id: UUID, who: ReaderDep, session: SessionDep
) -> list[ColumnOut]:
    """Return every column that a layout may have: the client's own, ours, the answers."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    layout = await proposed_layout(session, campaign)
    return [ColumnOut.of(column) for column in layout.columns]


@router.get(f"{_OF_CAMPAIGN}/export-layouts", responses=problems(CampaignNotFound))
async def list_export_layouts(
    campaign_id: UUID, who: ReaderDep, session: SessionDep
) -> list[LayoutOut]:
    """Return the campaign's layouts, the newest first."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    return [LayoutOut.of(row) for row in await keeping.layouts_of(session, campaign)]


@router.put(f"{_OF_CAMPAIGN}/export-layouts/draft", responses=problems(CampaignNotFound, BadLayout))
async def save_export_layout(
    campaign_id: UUID, body: LayoutIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> LayoutOut:
    """Store which columns the next layout has."""
    picks = [Pick(one.column, one.name) for one in body.columns]
    row = await keeping.save_draft(
        session, campaign_id, picks, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return LayoutOut.of(row)


@router.post(
    f"{_OF_CAMPAIGN}/export-layouts/freeze", responses=problems(CampaignNotFound, NoDraftLayout)
)
async def freeze_export_layout(
    campaign_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> LayoutOut:
    """Freeze the draft: exports from now on have its columns, which never change."""
    row = await keeping.freeze(
        session, campaign_id, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return LayoutOut.of(row)
