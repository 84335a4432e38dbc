"""SFTP: to a server whose host key is pinned, under a temporary name and then renamed."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import asyncssh

from campaigns.delivery.deliveries.wire.addresses import Network, pinned
from campaigns.delivery.deliveries.wire.faults import SendFault, network_faults
from campaigns.delivery.deliveries.wire.putting import Sent
from campaigns.delivery.deliveries.words import DeliveryReason
from dialer.errors import Invalid

_CONNECT_WITHIN_S = 20.0
#: A server that takes nothing for so long is away.
_STALLED_S = 60.0
#: Source: asyncssh's own block size for SFTP.
_BLOCK_BYTES = 64 * 1024

_REASONS: tuple[tuple[type[Exception], DeliveryReason], ...] = (
    (asyncssh.HostKeyNotVerifiable, DeliveryReason.HOST_KEY_CHANGED),
    (asyncssh.PermissionDenied, DeliveryReason.SIGN_IN_REFUSED),
    (asyncssh.SFTPNoSuchFile, DeliveryReason.NO_SUCH_PLACE),
    (asyncssh.SFTPNoSuchPath, DeliveryReason.NO_SUCH_PLACE),
    (asyncssh.SFTPPermissionDenied, DeliveryReason.NOT_ALLOWED),
    (asyncssh.SFTPWriteProtect, DeliveryReason.NOT_ALLOWED),
    (asyncssh.ConnectionLost, DeliveryReason.BROKEN_OFF),
    (asyncssh.SFTPConnectionLost, DeliveryReason.BROKEN_OFF),
    (asyncssh.SFTPNoConnection, DeliveryReason.BROKEN_OFF),
)


class BadPrivateKey(Invalid):
    """A private key cannot be read."""

    code = "bad_private_key"
    message = (
        "This is no private key, or it has a passphrase: paste one in OpenSSH's format without."
    )


class BadHostKey(Invalid):
    """A server's key cannot be read."""

    code = "bad_host_key"
    message = "This is no host key: paste a line such as ssh-ed25519 AAAA…"


@dataclass(frozen=True, slots=True)
class SftpPlace:
    """A folder of a server."""

    host: str
    port: int
    user: str
    directory: str
    host_key: str  #: as OpenSSH writes it: ``ssh-ed25519 AAAA…``
    allowed: Sequence[Network]
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["SftpPutter"]:
        """Connect and sign in.

        Raises:
            SendFault: not reached, another key than the pinned one, or not let in.
        """
        if not self.host_key:
            raise SendFault(DeliveryReason.HOST_KEY_UNKNOWN)
        place = await pinned(self.host, self.port, self.allowed)
        with network_faults(), _ssh_faults():
            async with asyncio.timeout(_CONNECT_WITHIN_S):
                connection = await self._connect(place.addresses[0])
            async with connection, connection.start_sftp_client() as client:
                yield SftpPutter(client, PurePosixPath(self.directory or "."))

    async def _connect(self, address: str) -> asyncssh.SSHClientConnection:
        keys = [readable_key(self.private_key)] if self.private_key else None
        connection: asyncssh.SSHClientConnection = await asyncssh.connect(
            address,
            self.port,
            username=self.user,
            password=self.password,
            client_keys=keys,
            known_hosts=([host_key(self.host_key)], [], []),
            config=None,  # nothing of whoever runs the worker
            agent_path=None,
            gss_host=None,
            preferred_auth="publickey" if keys else "password,keyboard-interactive",
        )
        return connection

    async def check(self, name: str) -> str:
        """Write and delete a small file."""
        async with self.opened() as putter:
            await putter.try_out(name)
        return f"{self.user}@{self.host}:{self.directory or '.'}"


@dataclass(frozen=True, slots=True)
class SftpPutter:
    """A session of SFTP."""

    client: asyncssh.SFTPClient
    directory: PurePosixPath

    async def put(self, source: Path, name: str, sent: Sent) -> None:
        """Upload as ``.name.part``, compare the size, rename; what a killed worker left is written over."""
        part = str(self.directory / f".{name}.part")
        size = 0
        async with self.client.open(part, "wb") as target:
            with source.open("rb") as file:
                while block := await asyncio.to_thread(file.read, _BLOCK_BYTES):
                    async with asyncio.timeout(_STALLED_S):
                        await target.write(block)
                    size += len(block)
                    sent(len(block))
        arrived = (await self.client.stat(part)).size
        if arrived != size:
            raise SendFault(DeliveryReason.BROKEN_OFF, f"{arrived} of {size} bytes arrived")
        await self._rename(part, str(self.directory / name))

    async def _rename(self, part: str, name: str) -> None:
        """Rename over what is there; servers without OpenSSH's extension need it away first."""
        try:
            await self.client.posix_rename(part, name)
        except asyncssh.SFTPOpUnsupported:
            if await self.client.exists(name):
                await self.client.remove(name)
            await self.client.rename(part, name)

    async def try_out(self, name: str) -> None:
        """Write and delete a small file."""
        path = str(self.directory / name)
        async with self.client.open(path, "wb") as target:
            await target.write(b"Outdial tests this place; the file may be deleted.\n")
        await self.client.remove(path)


def readable_key(text: str) -> asyncssh.SSHKey:
    """Return a private key.

    Raises:
        BadPrivateKey: it cannot be read.
    """
    try:
        return asyncssh.import_private_key(text.strip() + "\n")
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise BadPrivateKey from error


def host_key(text: str) -> asyncssh.SSHKey:
    """Return a server's public key.

    Raises:
        BadHostKey: it cannot be read.
    """
    try:
        return asyncssh.import_public_key(text.strip())
    except asyncssh.KeyImportError as error:
        raise BadHostKey from error


async def offered_host_key(host: str, port: int, allowed: Sequence[Network]) -> tuple[str, str]:
    """Return the key that a server shows and its fingerprint, for a person to compare.

    Raises:
        SendFault: the server cannot be reached.
    """
    place = await pinned(host, port, allowed)
    with network_faults(), _ssh_faults():
        async with asyncio.timeout(_CONNECT_WITHIN_S):
            key = await asyncssh.get_server_host_key(place.addresses[0], port, config=None)
    if key is None:
        raise SendFault(DeliveryReason.REFUSED, "the server shows no key")
    words = key.export_public_key("openssh").decode().split()
    return " ".join(words[:2]), key.get_fingerprint()


@contextmanager
def _ssh_faults() -> Iterator[None]:
    """Turn what asyncssh raises into a ``SendFault``."""
    try:
        yield
    except (asyncssh.Error, asyncssh.SFTPError) as error:
        found: Any = next((reason for kind, reason in _REASONS if isinstance(error, kind)), None)
        noun = "SFTP" if isinstance(error, asyncssh.SFTPError) else "SSH"
        code = f"{noun} {error.code}"
        raise SendFault(found or DeliveryReason.REFUSED, code, words=str(error)) from error
