"""Downloads: a file goes out piece by piece, and is closed however the download ends."""

from collections.abc import AsyncIterator, Mapping
from tempfile import SpooledTemporaryFile

import anyio.to_thread
from fastapi.responses import StreamingResponse

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


async def _pieces(file: SpooledTemporaryFile[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await anyio.to_thread.run_sync(file.read, _CHUNK_BYTES):
            yield piece
    finally:
        file.close()
