"""What SIP asks of the carrier over a lossy network, checked datagram by datagram."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from dialer.simulator.sip.call import CallState
from dialer.simulator.sip.endpoint import Address
from dialer.simulator.sip.messages import Headers, Request, header, parse
from tests.integration.sip_world import World, running_world, until


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(tmp_path / "carrier.jsonl") as made:
        yield made


def datagram(method: str, *, call_id: str, routes: Sequence[str] = ()) -> bytes:
    headers: Headers = {
        "via": ["SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1"],
        "from": ["<sip:me@x>;tag=a"],
        "to": ["<sip:1@x>"],
        "call-id": [call_id],
        "cseq": [f"1 {method}"],
        "contact": ["<sip:me@127.0.0.1:9>"],
    }
    if routes:
        headers["record-route"] = list(routes)
    return Request(method, "sip:t-answer-r10@x", headers).encode()


class Raw(asyncio.DatagramProtocol):
    """A bare socket that keeps every datagram."""

    def __init__(self) -> None:
        self.received: list[str] = []

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Keep it."""
        self.received.append(data.decode())

    def count(self, start: str) -> int:
        """Return how many datagrams begin like this."""
        return sum(text.startswith(start) for text in self.received)


@pytest.fixture
async def raw(world: World) -> AsyncIterator[tuple[Raw, Callable[[bytes], None]]]:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        Raw, remote_addr=("127.0.0.1", world.carrier.port)
    )
    yield protocol, transport.sendto
    transport.close()


RawSocket = tuple[Raw, Callable[[bytes], None]]


async def test_200_ok_is_repeated_until_acknowledged(world: World, raw: RawSocket) -> None:
    heard, send = raw
    send(datagram("INVITE", call_id="c1"))
    await until(lambda: heard.count("SIP/2.0 200") >= 2)
    (call,) = world.carrier.live()
    assert call.state is CallState.ANSWERED
    send(datagram("ACK", call_id="c1"))
    await until(lambda: call.state is CallState.UP)
    call.hang_up()
    # Nobody answers our BYE, so it is repeated.
    await until(lambda: heard.count("BYE sip:me@127.0.0.1:9") >= 2)


async def test_a_repeated_invite_is_one_call(world: World, raw: RawSocket) -> None:
    heard, send = raw
    for _ in range(3):
        send(datagram("INVITE", call_id="c1"))
    await until(lambda: heard.count("SIP/2.0 100") >= 3)
    assert world.book().total == 1


async def test_routes_are_kept_for_our_own_requests(world: World, raw: RawSocket) -> None:
    heard, send = raw
    routes = ["<sip:p1;lr>, <sip:p2;lr>", "<sip:p3;lr>"]
    send(datagram("INVITE", call_id="c1", routes=routes))
    await until(lambda: heard.count("SIP/2.0 200"))
    world.carrier.live()[0].hang_up()
    await until(lambda: heard.count("BYE"))
    bye = parse(next(t for t in heard.received if t.startswith("BYE")).encode())
    assert bye.headers["route"] == ["<sip:p1;lr>", "<sip:p2;lr>", "<sip:p3;lr>"]
    assert header(bye, "to") == "<sip:me@x>;tag=a"


async def test_strangers_get_an_answer_and_rubbish_none(world: World, raw: RawSocket) -> None:
    heard, send = raw
    for rubbish in (b"\r\n\r\n", b"\xff\xfe", b"INVITE\r\nVia\r\n\r\n", b"SIP/2.0 x y\r\n\r\n"):
        send(rubbish)
    send(datagram("BYE", call_id="c8"))
    send(datagram("OPTIONS", call_id="c9"))
    await until(lambda: len(heard.received) >= 2)
    assert [text[:11] for text in heard.received] == ["SIP/2.0 481", "SIP/2.0 200"]
    assert world.carrier.stats()["malformed"] == 4
