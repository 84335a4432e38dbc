"""Downloads: a file goes out piece by piece, and is closed however the download ends.

Files hold people's numbers: who took one is in the audit log.
"""

from collections.abc import AsyncIterator, Mapping
from tempfile import SpooledTemporaryFile
from uuid import UUID

import anyio.to_thread
from fastapi.responses import StreamingResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.staged.mended import refused_file
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock

_CHUNK_BYTES = 64 * 1024


def csv_download(
    file: SpooledTemporaryFile[bytes], file_name: str, headers: Mapping[str, str] | None = None
) -> StreamingResponse:
    """Return a table as a download, from where the file stands; it is closed with the download."""
    return StreamingResponse(
        _pieces(file),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{file_name}"',
            **(headers or {}),
        },
    )


async def refused_download(
    session: AsyncSession,
    who: Identity,
    clock: Clock,
    list_id: UUID,
    *,
    import_id: UUID | None = None,
) -> StreamingResponse:
    """Return the refused rows of a list, or of one import, as a download.

    Raises:
        NotFound: no such list of this client.
    """
    file = await refused_file(session, list_id, who.client_id, import_id=import_id)
    facts = {"import": str(import_id)} if import_id else {}
    await audit.record(
        session,
        client_id=who.client_id,
        user_id=who.user_id,
        at=clock.now(),
        action="refused_rows.downloaded",
        subject="contact_list",
        subject_id=list_id,
        facts=facts,
    )
    return csv_download(file, f"refused-{import_id or list_id}.csv")


async def _pieces(file: SpooledTemporaryFile[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await anyio.to_thread.run_sync(file.read, _CHUNK_BYTES):
            yield piece
    finally:
        file.close()
