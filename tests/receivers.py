"""Who gets deliveries in tests: real servers on loopback for SFTP, S3, e-mail and webhooks."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import asyncssh
import obstore
from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

PASSWORD = "otter"


@dataclass
class SftpHost:
    """An SFTP server on a folder."""

    root: Path
    port: int = 0
    host_key: str = ""
    client_key: str = ""  #: a private key that is let in
    hold_writes: asyncio.Event | None = None  #: every write waits for it
    writes: int = 0

    def files(self) -> dict[str, bytes]:
        """What has arrived, by name."""
        return {
            path.name: path.read_bytes() for path in sorted(self.root.rglob("*")) if path.is_file()
        }


@asynccontextmanager
async def sftp_host(root: Path) -> AsyncIterator[SftpHost]:
    """Run an SFTP server with a password and a key."""
    key, client = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    host = SftpHost(root)

    class Login(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("acme", PASSWORD)

    class Files(asyncssh.SFTPServer):
        def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
            super().__init__(channel, chroot=str(root).encode())

        async def write(self, file_obj: object, offset: int, data: bytes) -> int:
            host.writes += 1
            if host.hold_writes is not None:
                await host.hold_writes.wait()
            written = super().write(file_obj, offset, data)
            return await written if asyncio.iscoroutine(written) else written  # type: ignore[return-value]

    (root / "authorized").write_bytes(client.export_public_key())
    keys = asyncssh.read_authorized_keys(str(root / "authorized"))
    (root / "authorized").unlink()
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Login,
        server_host_keys=[key],
        authorized_client_keys=keys,
        sftp_factory=Files,
        allow_scp=False,
    )
    host.port = server.get_port()
    host.host_key = " ".join(key.export_public_key().decode().split()[:2])
    host.client_key = client.export_private_key().decode()
    async with server:
        yield host


@dataclass
class Got:
    """One request as it came."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Hook:
    """A receiver of webhooks that answers as it is told."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answers: list[int | str] = field(default_factory=list)  #: codes, ``drop`` or ``hang``; then 204
    headers: dict[str, str] = field(default_factory=dict)
    echoes: bool = False  #: says what it was told
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Keep the request and answer."""
        got = Got(dict(request.headers), await request.read())
        self.got.append(got)
        order = self.answers.pop(0) if self.answers else 204
        if order == "hang":
            await self.released.wait()
            order = 204
        if order == "drop":
            assert request.transport is not None
            request.transport.abort()
            order = 500
        said = got.body.decode() if self.echoes else "no"
        return web.Response(
            status=int(order), headers=self.headers, text="" if order == 204 else said
        )


@asynccontextmanager
async def hook() -> AsyncIterator[Hook]:
    """Run a receiver of webhooks."""
    made = Hook()
    app = web.Application()
    app.router.add_post("/hook", made.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield made
    finally:
        made.released.set()
        await runner.cleanup()


@dataclass
class Postbox:
    """A mail server that keeps letters."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refuses: str = ""  #: a recipient

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        """Take or refuse a recipient."""
        del server, session, options
        if address == self.refuses:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Keep a letter."""
        del server, session
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


@asynccontextmanager
async def postbox() -> AsyncIterator[Postbox]:
    """Run a mail server."""
    box = Postbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="localhost"), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()


@contextmanager
def s3_host() -> Iterator[str]:
    """Run an S3 server in a thread and yield its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def s3_objects(endpoint: str, bucket: str) -> dict[str, bytes]:
    """Return what is in a bucket, by name."""
    store = S3Store(
        bucket,
        endpoint=endpoint,
        region="us-east-1",
        access_key_id="id",
        secret_access_key="secret",
        client_options={"allow_http": True},
        virtual_hosted_style_request=False,
    )
    names = [one["path"] for page in obstore.list(store) for one in page]
    return {name: bytes(obstore.get(store, name).bytes()) for name in names}
