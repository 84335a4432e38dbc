"""Database refresh: a form made from fields of the client's records, and its result as a file."""

import tempfile
from contextlib import ExitStack
from http import HTTPStatus
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.auth import ExporterDep, ManagerDep
from api.deps import ClockDep, SessionDep
from api.downloading import csv_download
from api.errors import problems
from api.schemas.forms import FormVersionOut
from campaigns import lifecycle
from campaigns.delivery.refresh_export import export_refresh
from campaigns.errors import CampaignNotFound
from campaigns.forms import publishing
from campaigns.forms.refresh_form import RefreshPlan, refresh_form
from campaigns.tenancy.audit import trace
from dialer.errors import Forbidden, Unauthenticated

#: Results larger than this wait on the disk, not in memory.
_IN_MEMORY_BYTES = 8 * 1024 * 1024

router = APIRouter(tags=["forms"], responses=problems(Unauthenticated, Forbidden))


@router.post("/forms/refresh", status_code=HTTPStatus.CREATED)
async def make_refresh_form(
    body: RefreshPlan, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> FormVersionOut:
    """Save a form that asks for each field whether it is right, as a draft."""
    draft = await publishing.save_draft(
        session, refresh_form(body), client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return FormVersionOut.told(body.code, draft)


@router.get(
    "/campaigns/{campaign_id}/refresh.csv",
    response_class=StreamingResponse,
    responses=problems(CampaignNotFound),
)
async def download_refresh(
    campaign_id: UUID,
    who: ExporterDep,
    session: SessionDep,
    clock: ClockDep,
    separator: Literal[",", ";"] = ",",
) -> StreamingResponse:
    """Return one row for each field of each contact: old and new value, and where it was said.

    The file is complete before its first byte is sent, as in the results of a campaign.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    with ExitStack() as stack:
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the stream closes it
        stack.callback(file.close)
        done = await export_refresh(
            session, campaign_id, client_id=who.client_id, out=file, separator=separator
        )
        facts = {"rows": done.rows, "sha256": done.sha256}
        await trace(
            session, campaign, "refresh.downloaded", facts, user_id=who.user_id, clock=clock
        )
        stack.pop_all()
    headers = {"Content-Length": str(file.tell()), "X-Content-SHA256": done.sha256}
    file.seek(0)
    return csv_download(file, f"refresh-{campaign_id}.csv", headers)
