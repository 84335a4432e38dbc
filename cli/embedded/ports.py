"""Free loopback ports, remembered so that a restarted service keeps its address."""

from __future__ import annotations

import json
import random
import socket
from contextlib import AbstractContextManager
from pathlib import Path

from cli.embedded.locks import locked
from cli.embedded.process import EmbeddedError, write_private

LOOPBACK = "127.0.0.1"
#: Ports are drawn below Linux's default range for outgoing connections, which begins at 32768, so
#: that no short-lived connection sits on a remembered port.
FIRST_PORT, LAST_PORT = 10_000, 32_000
#: RTP takes two ports for each leg; this block is enough for 1,000 legs.
RTP_BLOCK = 2_000


def is_free(port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> bool:
    """Tell whether a loopback port can be bound now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            # As servers do it: a port whose last connections still linger counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


class PortBook:
    """The ports of one instance: picked once, kept in a file, picked again when taken meanwhile.

    Args:
        path: The file, for example ``.run/main/ports.json``.
        rng: The source of the first guesses, so that two checkouts seldom collide.
    """

    def __init__(self, path: Path, rng: random.Random) -> None:
        self._path = path
        self._rng = rng

    def tcp(self, name: str, *, keep: bool = False) -> int:
        """Return the TCP port called ``name``.

        Args:
            name: What the port is for.
            keep: Return the remembered port even if it is in use: its owner is running.

        Raises:
            EmbeddedError: no free port was found.
        """
        with self._alone():
            return self._port(name, socket.SOCK_STREAM, keep=keep)

    def udp(self, name: str, *, keep: bool = False) -> int:
        """Return the UDP port called ``name``; see :meth:`tcp`."""
        with self._alone():
            return self._port(name, socket.SOCK_DGRAM, keep=keep)

    def rtp(self, name: str = "rtp", *, keep: bool = False) -> tuple[int, int]:
        """Return the first and last port of a block for media, the first one even.

        The block is probed at every 50th port: a block that another Asterisk uses is nearly always
        seen, because it holds sockets spread at random.
        """
        with self._alone():
            first = self._rtp(name, keep=keep)
        return first, first + RTP_BLOCK - 1

    def _rtp(self, name: str, *, keep: bool) -> int:
        known = self._read().get(name)
        if known is not None and (keep or _block_is_free(known)):
            return known
        for _ in range(200):
            first = self._rng.randrange(FIRST_PORT, LAST_PORT - RTP_BLOCK, 2)
            if not self._overlaps(name, first, RTP_BLOCK) and _block_is_free(first):
                self._remember(name, first)
                return first
        raise EmbeddedError("no block of free UDP ports for media")

    def _port(self, name: str, kind: socket.SocketKind, *, keep: bool) -> int:
        known = self._read().get(name)
        if known is not None and (keep or is_free(known, kind)):
            return known
        for _ in range(200):
            port = self._rng.randrange(FIRST_PORT, LAST_PORT)
            if not self._overlaps(name, port, 1) and is_free(port, kind):
                self._remember(name, port)
                return port
        raise EmbeddedError(f"no free port for {name}")

    def _alone(self) -> AbstractContextManager[None]:
        # Two commands of a fresh installation start together and must agree on one port.
        return locked(self._path.with_name(f"{self._path.name}.lock"))

    def _overlaps(self, name: str, first: int, count: int) -> bool:
        taken = [
            (port, RTP_BLOCK if other.startswith("rtp") else 1)
            for other, port in self._read().items()
            if other != name
        ]
        return any(first < port + size and port < first + count for port, size in taken)

    def _read(self) -> dict[str, int]:
        try:
            kept = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return {str(name): int(port) for name, port in kept.items()}

    def _remember(self, name: str, port: int) -> None:
        write_private(self._path, json.dumps(self._read() | {name: port}, indent=1))


def _block_is_free(first: int) -> bool:
    return all(is_free(p, socket.SOCK_DGRAM) for p in range(first, first + RTP_BLOCK, 50))
