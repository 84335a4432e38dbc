"""A bare ARI client for the tests of the simulated Asterisk."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, Self

import httpx
import websockets

from dialer.simulator.ari.server import AriSimulator

PASSWORD = "secret"
Event = dict[str, Any]


class Client:
    """A bare ARI client: REST and events over one websocket."""

    def __init__(self, simulator: AriSimulator, app: str, password: str = PASSWORD) -> None:
        self._url = (
            f"ws://127.0.0.1:{simulator.port}/ari/events?app={app}&subscribeAll=false"
            f"&api_key=outdial:{password}"
        )
        self.events: list[Event] = []
        self.answers: dict[str, Event] = {}
        self._news = asyncio.Condition()
        self._last = 0

    async def __aenter__(self) -> Self:
        self.socket = await websockets.connect(self._url, compression=None, ping_interval=None)
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()
        await self._reader

    async def _read(self) -> None:
        try:
            async for raw in self.socket:
                message = json.loads(raw)
                async with self._news:
                    if message["type"] == "RESTResponse":
                        self.answers[message["request_id"]] = message
                    else:
                        self.events.append(message)
                    self._news.notify_all()
        except websockets.ConnectionClosedError:
            return

    async def ask(self, method: str, uri: str, body: object = None, **query: str) -> str:
        """Send a request; the key finds its answer."""
        self._last += 1
        key = str(self._last)
        request = {
            "type": "RESTRequest",
            "request_id": key,
            "transaction_id": f"t{key}",
            "method": method,
            "uri": uri,
            "query_strings": [{"name": k, "value": v} for k, v in query.items()],
        }
        if body is not None:
            request |= {"content_type": "application/json", "message_body": json.dumps(body)}
        await self.socket.send(json.dumps(request))
        return key

    async def answer(self, key: str) -> Event:
        """Wait for the answer to a request."""
        await self.until(lambda: key in self.answers)
        return self.answers[key]

    async def rest(
        self, method: str, uri: str, body: object = None, **query: str
    ) -> tuple[int, Any]:
        """Send a request and wait: its status and its body."""
        response = await self.answer(await self.ask(method, uri, body, **query))
        text = response.get("message_body")
        return response["status_code"], json.loads(text) if text else None

    async def until(self, is_so: Callable[[], object]) -> None:
        """Wait until something has come that makes it so."""
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(is_so)

    def of(self, channel_id: str) -> Iterator[Event]:
        """Return the events about one channel."""
        for event in self.events:
            about = event.get("channel") or event.get("peer") or {}
            if about.get("id") == channel_id:
                yield event

    async def event(self, kind: str, channel_id: str, **facts: object) -> Event:
        """Wait for an event about a channel; return the first that fits."""

        def found() -> list[Event]:
            return [
                event
                for event in self.of(channel_id)
                if event["type"] == kind and facts.items() <= event.items()
            ]

        await self.until(found)
        return found()[0]

    async def call(self, channel_id: str, number: str, timeout: str = "30") -> None:
        """Create a channel and dial it."""
        variables = {"variables": {"OD_ROLE": "customer", "OD_ID": channel_id}}
        status, _ = await self.rest(
            "POST",
            "channels/create",
            variables,
            endpoint=f"PJSIP/{number}@carrier",
            app="outdial-1",
            appArgs="customer",
            channelId=channel_id,
        )
        assert status == 200
        assert await self.rest("POST", f"channels/{channel_id}/dial", timeout=timeout) == (
            204,
            None,
        )

    async def up(self, channel_id: str, number: str = "t-answer-r10") -> None:
        """Make a call that is answered."""
        await self.call(channel_id, number)
        await self.event("Dial", channel_id, dialstatus="ANSWER")


def told(client: Client, channel_id: str) -> list[str]:
    return [
        f"{event['type']} {event['dialstatus']}".strip()
        if event["type"] == "Dial"
        else event["type"]
        for event in client.of(channel_id)
    ]


@asynccontextmanager
async def over_http(simulator: AriSimulator) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=simulator.base_url, auth=("outdial", PASSWORD), trust_env=False
    ) as http:
        yield http
