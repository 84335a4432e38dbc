"""The baseline of the bridge bench: an agent's telephone is dialled when the customer has answered.

That is how a queue (or a dialer without waiting legs) connects. It is made as quick as it can be: one
application on the same connection, no database, no recording, telephones that answer at once.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from dialer.ari import names
from dialer.ari.connection import AriConnection, AriEndpoint
from dialer.ari.errors import AriRefused
from dialer.ari.gateway import CustomerDial, Gateway
from dialer.ari.messages import AriEvent
from dialer.ari.translate import AgentLegAnswered, CallHeard, Translator
from dialer.call import events as ev
from dialer.clock import SystemClock
from dialer.ids import new_id

RING_TIMEOUT_S = 15


class DialOnAnswer:
    """Calls numbers at a rate and finds an agent for each when it answers."""

    def __init__(self, endpoint: AriEndpoint, *, agents: int) -> None:
        campaign_id = new_id()
        self.bridged_at: dict[str, datetime] = {}  #: by number
        self._numbers: dict[UUID, str] = {}
        self._free = deque(range(1, agents + 1))
        self._agents: dict[UUID, int] = {}
        self._legs: dict[UUID, tuple[str, str]] = {}  #: the agent's channel and the bridge
        self._tasks: set[asyncio.Task[None]] = set()
        self._connected = asyncio.Event()
        self._translator = Translator(SystemClock().now)
        self._connection = AriConnection(
            endpoint,
            names.application(campaign_id),
            on_event=self._hear,
            on_connected=self._connected.set,
            on_lost=lambda: None,
        )
        self._gateway = Gateway(self._connection, campaign_id)

    async def run(self, numbers: list[str], *, calls_per_s: float) -> None:
        """Call every number once and wait for the end of the last call."""
        reading = asyncio.create_task(self._connection.run())
        await self._connected.wait()
        await self._gateway.prepare()
        for number in numbers:
            while not self._free:  # noqa: ASYNC110 - the pace is the bench's
                await asyncio.sleep(0.01)
            await self._call(number, self._free.popleft())
            await asyncio.sleep(1 / calls_per_s)
        while self._numbers:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading

    async def _call(self, number: str, agent: int) -> None:
        attempt_id = new_id()
        self._numbers[attempt_id], self._agents[attempt_id] = number, agent
        endpoint = f"PJSIP/{number}@carrier"
        dial = CustomerDial(attempt_id, endpoint, None, "", RING_TIMEOUT_S, None)
        await self._gateway.create_customer(dial)
        await self._gateway.dial_customer(dial)

    def _hear(self, event: AriEvent) -> None:
        match self._translator.translate(event):
            case CallHeard(attempt_id, ev.Answered()) if attempt_id not in self._legs:
                channel_id = names.new_agent_channel()
                self._legs[attempt_id] = (channel_id, "")
                self._start(attempt_id, channel_id)
            case AgentLegAnswered(attempt_id, channel_id):
                self._do(self._join(attempt_id, channel_id))
            case CallHeard(attempt_id, ev.Bridged(at)):
                self.bridged_at[self._numbers[attempt_id]] = at
            case CallHeard(attempt_id, ev.HungUp()):
                self._do(self._end(attempt_id))
            case _:
                pass

    def _start(self, attempt_id: UUID, channel_id: str) -> None:
        endpoint = f"PJSIP/agent-{self._agents[attempt_id]}"
        # The leg is named after the attempt: its answer tells which customer waits.
        self._do(self._gateway.dial_agent(attempt_id, endpoint, channel_id))

    async def _join(self, attempt_id: UUID, channel_id: str) -> None:
        bridge_id = await self._gateway.make_bridge(attempt_id)
        self._legs[attempt_id] = (channel_id, bridge_id)
        both = f"{channel_id},{names.customer_channel(attempt_id)}"  # the agent first
        await self._gateway.add_to_bridge(bridge_id, both)

    async def _end(self, attempt_id: UUID) -> None:
        channel_id, bridge_id = self._legs.pop(attempt_id, ("", ""))
        with suppress(AriRefused):
            if channel_id:
                await self._gateway.hang_up(channel_id)
            if bridge_id:
                await self._gateway.drop_bridge(bridge_id)
        self._numbers.pop(attempt_id)
        self._free.append(self._agents.pop(attempt_id))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
