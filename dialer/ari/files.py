"""Files of Asterisk over HTTP: a download on the events websocket would hold everything else up."""

from pathlib import Path

import aiohttp

from dialer.ari.connection import AriEndpoint
from dialer.ari.errors import AriRefused, AriUnavailable

_CHUNK = 64 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=300, connect=5)


async def download_recording(endpoint: AriEndpoint, name: str, to: Path) -> int:
    """Download a stored recording to a file and return its size in bytes.

    The file appears under its name only when it is whole.

    Raises:
        AriRefused: there is no such recording.
        AriUnavailable: Asterisk is away, or the transfer broke.
    """
    part = to.with_suffix(to.suffix + ".part")
    who = aiohttp.encode_basic_auth(endpoint.user, endpoint.password)
    url = f"{endpoint.url}/recordings/stored/{name}/file"
    try:
        async with (
            aiohttp.ClientSession(headers={"Authorization": who}, timeout=_TIMEOUT) as session,
            session.get(url) as response,
        ):
            if response.status >= 300:
                raise AriRefused(http_code=response.status, request="download_recording")
            size = 0
            with part.open("wb") as file:
                async for chunk in response.content.iter_chunked(_CHUNK):
                    size += file.write(chunk)
    except (aiohttp.ClientError, TimeoutError) as error:
        part.unlink(missing_ok=True)
        raise AriUnavailable from error
    part.replace(to)
    return size
