"""Where sealed recordings lie: a directory or an S3-compatible storage, behind one interface."""

import glob
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from dialer.errors import ConfigurationError, Unavailable
from dialer.settings import Settings

#: What an operating system says of a full disk, a full quota, a file-size limit (ENOSPC, EDQUOT, EFBIG).
_FULL = ("os error 28", "os error 122", "os error 27")
#: The sweep tries again soon enough: a request does not wait longer for a storage that is away.
_PATIENCE = timedelta(seconds=10)


class StoreAway(Unavailable):
    """The storage does not answer, or refuses us."""

    code = "store_away"
    message = "The storage of the recordings is away; try again."


class StoreFull(StoreAway):
    """There is no room for another recording."""

    code = "disk_full"
    message = "The storage of the recordings is full."


class ObjectMissing(Unavailable):
    """A recording's file is not in the storage."""

    code = "object_missing"
    message = "The recording's file is not in the storage."


@dataclass(frozen=True, slots=True)
class RecordingStore:
    """The storage of one installation. Every method may raise ``StoreAway``."""

    objects: Any  #: obstore's: it is the same interface for a directory and for S3
    folder: Path | None = None  #: when it is a directory

    async def put(self, name: str, data: bytes) -> None:
        """Store an object: it appears whole, or not at all.

        Raises:
            StoreFull: there is no room.
        """
        try:
            # In one piece: a directory's file is renamed into place, S3 takes it or does not.
            await obstore.put_async(self.objects, name, data, use_multipart=False)
        except (BaseError, OSError) as error:
            full = any(sign in str(error) for sign in _FULL)
            raise (StoreFull if full else StoreAway)(why=type(error).__name__) from error

    async def get(self, name: str) -> bytes:
        """Return a whole object.

        Raises:
            ObjectMissing: it is not there.
        """
        try:
            found = await obstore.get_async(self.objects, name)
            return bytes(await found.bytes_async())
        except (FileNotFoundError, NotFoundError) as error:
            raise ObjectMissing from error
        except (BaseError, OSError) as error:
            raise StoreAway(why=type(error).__name__) from error

    async def get_range(self, name: str, start: int, end: int) -> bytes:
        """Return the bytes ``start`` to ``end`` (exclusive) of an object.

        Raises:
            ObjectMissing: it is not there.
        """
        try:
            return bytes(await obstore.get_range_async(self.objects, name, start=start, end=end))
        except (FileNotFoundError, NotFoundError) as error:
            raise ObjectMissing from error
        except (BaseError, OSError) as error:
            raise StoreAway(why=type(error).__name__) from error

    async def delete(self, name: str) -> None:
        """Delete an object and what an interrupted write left of it; one that is gone is fine."""
        try:
            await obstore.delete_async(self.objects, name)
        except (FileNotFoundError, NotFoundError):
            pass
        except (BaseError, OSError) as error:
            raise StoreAway(why=type(error).__name__) from error
        if self.folder is not None:
            await anyio.to_thread.run_sync(_delete_parts, self.folder / name)

    async def names(self) -> list[str]:
        """Return the names of all objects."""
        try:
            pages = [page async for page in obstore.list(self.objects)]
        except (BaseError, OSError) as error:
            raise StoreAway(why=type(error).__name__) from error
        return sorted(one["path"] for page in pages for one in page)


def open_store(settings: Settings) -> RecordingStore:
    """Return the storage an installation is set to.

    Raises:
        ConfigurationError: the address is neither a directory nor ``s3://bucket/folder``.
    """
    where = settings.recording_store or str(settings.recordings())
    if "://" not in where:
        folder = Path(where).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        return RecordingStore(LocalStore(folder, automatic_cleanup=True), folder)
    parts = urlsplit(where)
    if parts.scheme != "s3" or not parts.netloc:
        raise ConfigurationError(
            "OUTDIAL_RECORDING_STORE is a directory or s3://bucket/folder.", given=parts.scheme
        )
    secret, endpoint = settings.recording_store_secret_key, settings.recording_store_endpoint
    facts: dict[str, Any] = {"region": settings.recording_store_region}
    if endpoint is not None:
        facts["endpoint"] = endpoint
        facts["client_options"] = {"allow_http": endpoint.startswith("http://")}
    if settings.recording_store_access_key is not None and secret is not None:
        facts["access_key_id"] = settings.recording_store_access_key
        facts["secret_access_key"] = secret.get_secret_value()
    return RecordingStore(
        S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            retry_config={"max_retries": 3, "retry_timeout": _PATIENCE},
            **facts,
        )
    )


def _delete_parts(path: Path) -> None:
    """Delete what a killed write left: obstore writes beside the name, then renames."""
    for part in path.parent.glob(f"{glob.escape(path.name)}#*"):
        part.unlink(missing_ok=True)
