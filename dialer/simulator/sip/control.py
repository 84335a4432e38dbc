"""Orders to a running simulator: JSON datagrams, each answered with one."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

Order = Mapping[str, Any]
Answer = dict[str, Any]


class ControlPort(asyncio.DatagramProtocol):
    """Takes orders on a UDP port of 127.0.0.1 and answers each.

    An answer has ``ok``, and ``error`` if it is false. An ``id`` in an order comes back with it.
    """

    def __init__(self, obey: Callable[[Order], Answer]) -> None:
        self._obey = obey
        self._transport: asyncio.DatagramTransport | None = None
        self.port = 0

    async def start(self, port: int = 0) -> None:
        """Bind; port 0 takes a free one.

        Raises:
            OSError: the port is taken.
        """
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", port)
        )
        self.port = self._transport.get_extra_info("sockname")[1]

    def stop(self) -> None:
        """Take no more orders."""
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Obey one order and answer it."""
        answer = self._answer(data)
        if self._transport is not None:
            self._transport.sendto(json.dumps(answer).encode(), addr)

    def _answer(self, data: bytes) -> Answer:
        try:
            order = json.loads(data)
            answer = {"ok": True, **self._obey(order)}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return {"ok": False, "error": f"{type(error).__name__}: {error}"}
        if "id" in order:
            answer["id"] = order["id"]
        return answer


class _Asker(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self.answer.done():
            self.answer.set_result(json.loads(data))

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)


async def give_order(port: int, order: Order, *, timeout_s: float = 5.0) -> Answer:
    """Send one order to a simulator's control port and return its answer.

    Raises:
        TimeoutError: no answer came.
        ConnectionRefusedError: nobody listens there.
    """
    loop = asyncio.get_running_loop()
    transport, asker = await loop.create_datagram_endpoint(_Asker, remote_addr=("127.0.0.1", port))
    try:
        transport.sendto(json.dumps(order).encode())
        return await asyncio.wait_for(asker.answer, timeout_s)
    finally:
        transport.close()
