"""Downloads: a file goes out piece by piece, and is closed however the download ends."""

from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile

import anyio.to_thread
from fastapi.responses import StreamingResponse

_CHUNK_BYTES = 64 * 1024


def csv_download(file: SpooledTemporaryFile[bytes], file_name: str) -> StreamingResponse:
    """Return a table as a download; the file is closed with it."""
    return StreamingResponse(
        _pieces(file),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


async def _pieces(file: SpooledTemporaryFile[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await anyio.to_thread.run_sync(file.read, _CHUNK_BYTES):
            yield piece
    finally:
        file.close()
