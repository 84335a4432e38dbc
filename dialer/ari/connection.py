"""REST and events over one websocket, with reconnection.

Events are handed to a plain function in the order in which they came: reading does not go on before
it returns, so a slow consumer slows Asterisk down (TCP) instead of growing a queue here. The function
must therefore not wait for a request; it starts tasks. Requests under way are bounded.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from time import perf_counter
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from dialer.ari import messages as msg
from dialer.ari import metrics
from dialer.ari.errors import (
    AriOverloaded,
    AriRefused,
    AriTimeout,
    AriUnavailable,
    AriWrongPassword,
)

log = structlog.get_logger()

REQUEST_TIMEOUT_S = 5.0
MAX_UNDER_WAY = 1_000
#: First and longest wait between attempts to connect again.
BACKOFF_S = (0.1, 2.0)
#: Frames kept by the websocket library before it stops reading from the socket.
RECEIVE_QUEUE_FRAMES = 1_024


@dataclass(frozen=True, slots=True)
class AriEndpoint:
    """Where Asterisk's REST interface is and who we are to it."""

    url: str  #: http://host:port/ari
    user: str
    password: str

    def websocket_url(self, application: str) -> str:
        """Return the URL of the events websocket of an application."""
        parts = urlsplit(self.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        query = urlencode(
            {
                "app": application,
                "subscribeAll": "false",
                "api_key": f"{self.user}:{self.password}",
            }
        )
        return f"{scheme}://{parts.netloc}{parts.path}/events?{query}"


class AriConnection:
    """One application's connection. ``run()`` keeps it up until it is replaced or cancelled."""

    def __init__(
        self,
        endpoint: AriEndpoint,
        application: str,
        *,
        on_event: Callable[[msg.AriEvent], None],
        on_connected: Callable[[], None],
        on_lost: Callable[[], None],
        may_connect: Callable[[], Awaitable[bool]] | None = None,
    ) -> None:
        """Prepare; nothing is opened before ``run()``.

        ``on_connected`` is called after every (re)connection: what happened meanwhile was not told
        and must be read. ``on_lost`` is called when the connection breaks. ``may_connect`` is asked
        before every connection, because connecting takes the application from another owner.
        """
        self._endpoint = endpoint
        self._application = application
        self._on_event = on_event
        self._on_connected = on_connected
        self._on_lost = on_lost
        self._may_connect = may_connect
        self._socket: ClientConnection | None = None
        self._waiting: dict[str, asyncio.Future[msg.RestResponse]] = {}
        self._ids = count(1)
        self.replaced = False  #: another owner has our application name: hear and say nothing more

    @property
    def is_up(self) -> bool:
        """Tell whether requests can be sent."""
        return self._socket is not None and not self.replaced

    def retire(self) -> None:
        """Hear and say nothing more: the calls are another owner's.

        Asterisk goes on serving the old socket's requests, so it is for us to send none.
        """
        self.replaced = True

    async def run(self) -> None:
        """Connect, read, and connect again until another owner replaces us.

        Raises:
            AriWrongPassword: a person must act; trying again would not help.
        """
        delay_s = BACKOFF_S[0]
        while not self.replaced:
            try:
                if self._may_connect is None or await self._may_connect():
                    await self._connect_and_read()
                    delay_s = BACKOFF_S[0]
            except (OSError, InvalidHandshake, TimeoutError) as error:
                if isinstance(error, InvalidStatus) and error.response.status_code in (401, 403):
                    raise AriWrongPassword from error
                log.warning("ari.not_reachable", error=type(error).__name__, retry_s=delay_s)
            if not self.replaced:
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, BACKOFF_S[1])

    async def _connect_and_read(self) -> None:
        async with connect(
            self._endpoint.websocket_url(self._application),
            compression=None,
            max_size=None,
            max_queue=RECEIVE_QUEUE_FRAMES,
            open_timeout=5,
            ping_interval=5,
            ping_timeout=10,
            close_timeout=1,
            proxy=None,
        ) as socket:
            self._socket = socket
            log.info("ari.connected", application=self._application)
            try:
                self._on_connected()
                with suppress(ConnectionClosed):
                    async for raw in socket:
                        self._receive(raw)
            finally:
                self._lose()

    def _receive(self, raw: str | bytes) -> None:
        message = msg.decode(raw)
        if isinstance(message, msg.RestResponse):
            waiter = self._waiting.pop(message.request_id, None)
            if waiter is not None and not waiter.done():
                waiter.set_result(message)
            return
        if isinstance(message, str):
            metrics.EVENTS.labels(message).inc()
            return
        metrics.EVENTS.labels(type(message).__name__).inc()
        if self.replaced:
            return
        self.replaced = isinstance(message, msg.ApplicationReplaced)
        self._on_event(message)

    def _lose(self) -> None:
        self._socket = None
        metrics.CONNECTIONS_LOST.inc()
        waiting, self._waiting = self._waiting, {}
        for waiter in waiting.values():
            if not waiter.done():
                waiter.set_exception(AriUnavailable())
        self._on_lost()

    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        *,
        operation: str = "",
    ) -> Any:
        """Send one request and return its decoded body (None when empty).

        ``operation`` names it in metrics and errors; paths hold ids, which would not group.

        Raises:
            AriRefused: Asterisk answered with 300 or more.
            AriTimeout, AriUnavailable, AriOverloaded: no answer.
        """
        operation = operation or f"{method} {path}"
        started_s = perf_counter()
        try:
            response = await self._exchange(method, path, query, body)
        except AriUnavailable as error:
            metrics.REQUESTS_FAILED.labels(operation, error.code).inc()
            raise
        metrics.REQUEST_SECONDS.labels(operation).observe(perf_counter() - started_s)
        if response.status_code >= 300:
            metrics.REQUESTS_FAILED.labels(operation, str(response.status_code)).inc()
            raise AriRefused(http_code=response.status_code, request=operation)
        return msg.decode_body(response.message_body)

    async def _exchange(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> msg.RestResponse:
        socket = self._socket
        if socket is None or self.replaced:
            raise AriUnavailable
        if len(self._waiting) >= MAX_UNDER_WAY:
            raise AriOverloaded
        request_id = str(next(self._ids))
        waiter: asyncio.Future[msg.RestResponse] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = waiter
        metrics.REQUESTS_UNDER_WAY.set(len(self._waiting))
        try:
            await socket.send(msg.encode(_request(request_id, method, path, query, body)))
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                return await waiter
        except TimeoutError as error:
            raise AriTimeout from error
        except ConnectionClosed as error:
            raise AriUnavailable from error
        finally:
            self._waiting.pop(request_id, None)


def _request(
    request_id: str,
    method: str,
    path: str,
    query: Mapping[str, str] | None,
    body: Mapping[str, Any] | None,
) -> msg.RestRequest:
    strings = [msg.QueryString(name, value) for name, value in (query or {}).items()]
    if body is None:
        return msg.RestRequest(request_id, method, path, strings)
    text = msg.encode_body(body)
    return msg.RestRequest(request_id, method, path, strings, "application/json", text)
