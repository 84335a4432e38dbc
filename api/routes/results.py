"""A campaign's results as a file."""

import tempfile
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.auth import ExporterDep
from api.deps import ClockDep, SessionDep
from api.downloading import csv_download
from api.errors import problems
from campaigns import lifecycle
from campaigns.delivery.export import export_results
from campaigns.errors import CampaignNotFound
from campaigns.tenancy.audit import trace
from dialer.errors import Forbidden, Unauthenticated

#: Results larger than this wait on the disk, not in memory.
_IN_MEMORY_BYTES = 8 * 1024 * 1024

router = APIRouter(
    prefix="/campaigns",
    tags=["campaigns"],
    responses=problems(Unauthenticated, Forbidden, CampaignNotFound),
)


@router.get("/{campaign_id}/results.csv", response_class=StreamingResponse)
async def download_results(
    campaign_id: UUID,
    who: ExporterDep,
    session: SessionDep,
    clock: ClockDep,
    separator: Literal[",", ";"] = ",",
) -> StreamingResponse:
    """Return one row per lead: the client's own columns, then what became of it.

    The file is complete before its first byte is sent: an export that fails is an error, never half
    a file that looks like a whole one.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the stream closes it
    try:
        done = await export_results(
            session,
            campaign_id,
            client_id=who.client_id,
            out=file,
            separator=separator,
        )
        facts = {"rows": done.rows, "sha256": done.sha256}
        await trace(
            session, campaign, "results.downloaded", facts, user_id=who.user_id, clock=clock
        )
    except BaseException:
        file.close()
        raise
    headers = {"Content-Length": str(file.tell()), "X-Content-SHA256": done.sha256}
    file.seek(0)
    return csv_download(file, f"results-{campaign_id}.csv", headers)
