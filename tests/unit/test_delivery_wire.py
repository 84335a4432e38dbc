"""What goes over the wire: addresses, signatures, mail servers."""

import asyncio
import base64
import socket
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest
from standardwebhooks import Webhook

from campaigns.delivery.deliveries.wire import webhook
from campaigns.delivery.deliveries.wire.addresses import may_be_reached, pinned, read_networks
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.delivery.deliveries.wire.mail import MailServer
from campaigns.delivery.deliveries.wire.signing import (
    BadSigningSecret,
    key_of,
    new_signing_secret,
    signed_headers,
)
from campaigns.delivery.deliveries.wire.webhook import Receiver, post_signed
from campaigns.delivery.deliveries.words import (
    DeliveryReason,
)
from dialer.clock import SystemClock
from dialer.errors import ConfigurationError
from dialer.sealing import KeyRing, new_key

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RING = KeyRing.parse(new_key())


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.1.2.3"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1"),
        *("::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:0a00:0001::", "ff02::1", "198.18.0.1"),
    ],
)
def test_addresses_of_private_networks_are_out_of_reach_unless_allowed(address: str) -> None:
    ip = ip_address(address)
    assert not may_be_reached(ip, ())
    assert may_be_reached(ip, read_networks("0.0.0.0/0, ::/0"))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_reached(address: str) -> None:
    assert may_be_reached(ip_address(address), ())


def test_an_allowed_network_is_no_hole_for_another_one() -> None:
    allowed = read_networks("10.1.0.0/16")
    assert may_be_reached(ip_address("10.1.9.9"), allowed)
    assert may_be_reached(ip_address("::ffff:10.1.9.9"), allowed)
    assert not may_be_reached(ip_address("10.2.0.1"), allowed)
    with pytest.raises(ConfigurationError):
        read_networks("10.1.0.0/99")


async def test_a_name_with_one_private_address_among_public_ones_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def answers(*_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
            for address in ("93.184.215.14", "169.254.169.254")
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answers)
    with pytest.raises(SendFault) as fault:
        await pinned("rebinding.example", 443, ())
    assert fault.value.reason is DeliveryReason.PRIVATE_ADDRESS


async def test_the_connection_goes_to_the_address_that_was_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that answers differently the second time gains nothing."""
    asked: list[str] = []
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def answers(host: Any, port: Any, **more: Any) -> list[Any]:
        asked.append(host)
        if host == "rebinding.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        return list(await real(host, port, **more))

    monkeypatch.setattr(loop, "getaddrinfo", answers)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    receiver = Receiver(f"http://rebinding.example:{port}/", (new_signing_secret(),))
    allowed = read_networks("127.0.0.0/8")
    async with server:
        with pytest.raises(SendFault) as fault:
            await post_signed(receiver, b"{}", message_id="m", now=NOW, allowed=allowed)
    assert fault.value.reason in {DeliveryReason.BROKEN_OFF, DeliveryReason.UNREACHABLE}
    assert asked.count("rebinding.example") == 1
    plain = Receiver("http://93.184.215.14/", receiver.signing)
    with pytest.raises(SendFault) as fault:
        await post_signed(plain, b"{}", message_id="m", now=NOW, allowed=allowed)
    assert fault.value.reason is DeliveryReason.TLS_FAILED, "no plain http outside"


def test_signatures_verify_with_the_specifications_library() -> None:
    now = SystemClock().now()
    old, new = new_signing_secret(), new_signing_secret()
    body = '{"имя":1}'.encode()
    headers = signed_headers((new, old), message_id="msg_1", at=now, body=body)
    for secret in (old, new):
        assert Webhook(secret).verify(body, headers) == {"имя": 1}
    with pytest.raises(Exception, match="match"):
        Webhook(new_signing_secret()).verify(body, headers)
    for bad in ("whsec_", "whsec_c2hvcnQ=", base64.b64encode(b"x" * 32).decode(), "whsec_?"):
        with pytest.raises(BadSigningSecret):
            key_of(bad)


def test_mail_servers_are_read_from_one_address() -> None:
    server = MailServer.parse("smtps://us%40er:p%2Fw@mail.example", "Acme <a@b.example>")
    assert server is not None
    assert (server.port, server.with_tls, server.user, server.password) == (
        465,
        True,
        "us@er",
        "p/w",
    )
    assert "p/w" not in repr(server)
    assert MailServer.parse(None, None) is None
    for url, sender in (("http://x", "a@b.example"), ("smtp://mail.example", None)):
        with pytest.raises(ConfigurationError):
            MailServer.parse(url, sender)


def test_patience_is_read_in_seconds_and_as_a_date() -> None:
    assert webhook._patience_s("120", NOW) == 120
    assert webhook._patience_s("Mon, 23 Nov 2026 09:10:00 GMT", NOW) == 600
    assert webhook._patience_s("soon", NOW) is None
    assert webhook._patience_s(None, NOW) is None
