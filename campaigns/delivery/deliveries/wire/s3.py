"""S3 and what speaks like it. An object appears whole or not at all, so it needs no temporary name."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import (
    BaseError,
    NotFoundError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from campaigns.delivery.deliveries.wire.addresses import Network, pinned
from campaigns.delivery.deliveries.wire.faults import SendFault, network_faults
from campaigns.delivery.deliveries.wire.putting import Sent
from campaigns.delivery.deliveries.words import DeliveryReason

#: Source: Amazon S3 User Guide, "Multipart upload limits": parts of 5 MiB and more.
_PART_BYTES = 8 * 1024 * 1024
_WITHIN_S = 60
#: How the library says what a server answered.
_STATUS = re.compile(r"status(?: code)?:? ([1-5][0-9]{2})\b")


@dataclass(frozen=True, slots=True)
class S3Place:
    """A prefix in a bucket."""

    bucket: str
    prefix: str
    region: str
    endpoint: str  #: empty: Amazon's
    access_key_id: str
    secret_access_key: str = field(repr=False)
    allowed: Sequence[Network] = ()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["S3Putter"]:
        """Judge the endpoint's address.

        The library looks the name up once more, so this is a look, not a pin; unlike a webhook's, the
        answers of a bucket are shown to nobody.

        Raises:
            SendFault: the endpoint is unknown, or in a network that is not allowed.
        """
        with_tls = True
        if self.endpoint:
            parts = urlsplit(self.endpoint)
            with_tls = parts.scheme == "https"
            port = parts.port or (443 if with_tls else 80)
            place = await pinned(parts.hostname or "", port, self.allowed)
            if not with_tls and not place.is_trusted:
                raise SendFault(
                    DeliveryReason.TLS_FAILED, "https is wanted outside of allowed networks"
                )
        store = S3Store(
            self.bucket,
            prefix=self.prefix.strip("/") or None,
            endpoint=self.endpoint or f"https://s3.{self.region}.amazonaws.com",
            region=self.region,
            access_key_id=self.access_key_id,
            secret_access_key=self.secret_access_key,
            virtual_hosted_style_request=False,
            client_options={"timeout": f"{_WITHIN_S}s", "allow_http": not with_tls},
            retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=_WITHIN_S)},
        )
        with network_faults(), _store_faults():
            yield S3Putter(store)

    async def check(self, name: str) -> str:
        """Write and delete a small object."""
        async with self.opened() as putter:
            await obstore.put_async(putter.store, name, b"Outdial tests this place.\n")
            await obstore.delete_async(putter.store, name)
        return f"s3://{self.bucket}/{self.prefix.strip('/')}"


@dataclass(frozen=True, slots=True)
class S3Putter:
    """An open bucket."""

    store: S3Store

    async def put(self, source: Path, name: str, sent: Sent) -> None:
        """Upload in parts; the object is there when the last one is."""

        async def parts() -> AsyncIterator[bytes]:
            with source.open("rb") as file:
                while part := await asyncio.to_thread(file.read, _PART_BYTES):
                    yield part
                    sent(len(part))

        await obstore.put_async(self.store, name, parts(), chunk_size=_PART_BYTES)


@contextmanager
def _store_faults() -> Iterator[None]:
    """Turn what obstore raises into a ``SendFault``; its own texts are pages long."""
    try:
        yield
    except UnauthenticatedError as error:
        raise SendFault(DeliveryReason.SIGN_IN_REFUSED) from error
    except (PermissionDeniedError, PermissionError) as error:
        raise SendFault(DeliveryReason.NOT_ALLOWED) from error
    except (NotFoundError, FileNotFoundError) as error:
        raise SendFault(DeliveryReason.NO_SUCH_PLACE) from error
    except BaseError as error:
        said = str(error)
        away = "error sending request" in said or "connect" in said.lower()
        reason = DeliveryReason.UNREACHABLE if away else DeliveryReason.REFUSED
        status = _STATUS.search(said)
        code = f"HTTP {status[1]}" if status else ""
        raise SendFault(reason, code, words=said.partition("\n")[0]) from error
