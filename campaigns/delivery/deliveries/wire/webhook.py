"""Webhooks: one signed message to an address that was judged; no redirect is followed.

``post_signed`` knows nothing of deliveries: events of calls go the same way.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from campaigns.delivery.deliveries.wire.addresses import Network, Pinned, pinned
from campaigns.delivery.deliveries.wire.faults import SendFault, network_faults
from campaigns.delivery.deliveries.wire.signing import signed_headers
from campaigns.delivery.deliveries.words import DeliveryReason

#: Source: Standard Webhooks, "Request timeout": 15 to 30 seconds.
_WITHIN_S = 20.0
#: So much of an answer to a test is read, for whoever tries an address.
_ANSWER_BYTES = 1024
_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets signed messages."""

    url: str
    signing: tuple[str, ...]  #: secrets, the newest first


class _PinnedResolver(AbstractResolver):
    """Answers with the addresses that were judged, whatever the name says by now."""

    def __init__(self, place: Pinned) -> None:
        self._place = place

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        del family
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._place.addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""


async def post_signed(
    receiver: Receiver,
    body: bytes,
    *,
    message_id: str,
    now: datetime,
    allowed: Sequence[Network],
    with_words: bool = False,
) -> None:
    """Send one message; return when the receiver said that it has it (2xx).

    What it says besides is not read: it may say what it was told, and what is kept of tries would then
    hold data of persons that no erasure finds.

    Args:
        receiver: where to, and with which secrets.
        body: JSON in UTF-8.
        message_id: the same for every try: receivers drop what they have already.
        now: when it is sent; receivers refuse old messages.
        allowed: networks besides the public ones; see ``addresses``.
        with_words: the fault has the receiver's words: for messages about nobody, whose faults are not kept.

    Raises:
        SendFault: why not; ``GONE`` means that nothing may be sent there any more (410).
    """
    place = await _judged(receiver.url, allowed)
    headers = signed_headers(receiver.signing, message_id=message_id, at=now, body=body)
    headers |= {"content-type": "application/json", "user-agent": "Outdial-Webhooks/1"}
    # Several addresses of one host are tried one after the other; a pinned name needs no cache.
    connector = aiohttp.TCPConnector(
        resolver=_PinnedResolver(place), use_dns_cache=False, force_close=True
    )
    timeout = aiohttp.ClientTimeout(total=_WITHIN_S)
    with network_faults(), _client_faults():
        async with (
            aiohttp.ClientSession(
                connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
            ) as session,
            session.post(receiver.url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
                said = await answer.content.read(_ANSWER_BYTES) if with_words else b""
                waits = answer.headers.get("retry-after")
                raise _refusal(answer.status, said.decode(errors="replace"), waits, now)


async def _judged(url: str, allowed: Sequence[Network]) -> Pinned:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    place = await pinned(parts.hostname or "", port, allowed)
    if parts.scheme != "https" and not place.is_trusted:
        raise SendFault(DeliveryReason.TLS_FAILED, "https is wanted outside of allowed networks")
    return place


def _refusal(code: int, said: str, retry_after: str | None, now: datetime) -> SendFault:
    detail = f"HTTP {code} {said}"
    if HTTPStatus.MULTIPLE_CHOICES <= code < HTTPStatus.BAD_REQUEST:
        return SendFault(DeliveryReason.REDIRECTED, f"HTTP {code}")
    if code == HTTPStatus.GONE:
        return SendFault(DeliveryReason.GONE, detail)
    if code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return SendFault(DeliveryReason.SIGN_IN_REFUSED, detail)
    if code in _BUSY:
        return SendFault(DeliveryReason.BUSY, detail, wait_s=_patience_s(retry_after, now))
    return SendFault(DeliveryReason.REFUSED, detail)


def _patience_s(retry_after: str | None, now: datetime) -> float | None:
    """Return how many seconds ``Retry-After`` asks for. Source: RFC 9110, section 10.2.3."""
    if not retry_after:
        return None
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())


@contextmanager
def _client_faults() -> Iterator[None]:
    """Turn what the HTTP client raises into a ``SendFault``."""
    try:
        yield
    except TimeoutError:
        raise  # some of the client's own are that, too
    except aiohttp.ClientSSLError as error:
        raise SendFault(DeliveryReason.TLS_FAILED, str(error)) from error
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError) as error:
        raise SendFault(DeliveryReason.BROKEN_OFF, "the connection was closed") from error
    except aiohttp.ClientOSError as error:
        raise SendFault(DeliveryReason.UNREACHABLE, error.strerror or "") from error
    except aiohttp.ClientError as error:
        raise SendFault(DeliveryReason.REFUSED, type(error).__name__) from error
