"""A campaign's results as a file."""

import tempfile
from collections.abc import Iterator
from typing import BinaryIO, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.auth import ReaderDep
from api.deps import SessionDep
from api.errors import problems
from campaigns import lifecycle
from campaigns.delivery.export import export_results
from campaigns.errors import CampaignNotFound
from dialer.errors import Forbidden, Unauthenticated

_CHUNK_BYTES = 64 * 1024

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
    who: ReaderDep,
    session: SessionDep,
    separator: Literal[",", ";"] = ",",
) -> StreamingResponse:
    """Return one row per lead: the client's own columns, then what became of it.

    The file is complete before its first byte is sent: an export that fails is an error, never half
    a file that looks like a whole one.
    """
    await lifecycle.find(session, campaign_id, client_id=who.client_id)
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the stream closes it
    try:
        done = await export_results(
            session,
            campaign_id,
            client_id=who.client_id,
            out=file,  # type: ignore[arg-type] # it has what a BinaryIO has
            separator=separator,
        )
    except BaseException:
        file.close()
        raise
    headers = {
        "Content-Disposition": f'attachment; filename="results-{campaign_id}.csv"',
        "Content-Length": str(file.tell()),
        "X-Content-SHA256": done.sha256,
    }
    chunks = _chunks(file)  # type: ignore[arg-type] # the same
    return StreamingResponse(chunks, media_type="text/csv; charset=utf-8", headers=headers)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
