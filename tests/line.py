"""One ARI application of a test, with what it hears and what its calls come to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

from dialer.ari import messages as msg
from dialer.ari import names
from dialer.ari.connection import AriConnection
from dialer.ari.gateway import CustomerDial, Gateway
from dialer.ari.translate import CallHeard, Translator
from dialer.call import events as ev
from dialer.call.machine import step
from dialer.call.states import Call, CallPolicy, CallState
from dialer.clock import SystemClock
from dialer.ids import new_id
from tests.exchange import Exchange
from tests.world import until

RING_S = 2.0


class Line:
    """One application: its connection, what it hears, and its calls as their machine sees them."""

    def __init__(self, exchange: Exchange, campaign_id: UUID) -> None:
        self.events: list[msg.AriEvent] = []
        self.calls: dict[UUID, Call] = {}
        self.connected = 0
        self.lost = 0
        self._translator = Translator(SystemClock().now)
        self.application = names.application(campaign_id)
        self.connection = AriConnection(
            exchange.ari,
            self.application,
            on_event=self._hear,
            on_connected=self._count_connected,
            on_lost=self._count_lost,
        )
        self.gateway = Gateway(self.connection, campaign_id)

    def _count_connected(self) -> None:
        self.connected += 1

    def _count_lost(self) -> None:
        self.lost += 1

    def _hear(self, event: msg.AriEvent) -> None:
        self.events.append(event)
        heard = self._translator.translate(event)
        if isinstance(heard, CallHeard) and heard.attempt_id in self.calls:
            self.feed(heard.attempt_id, heard.event)

    def feed(self, attempt_id: UUID, event: ev.CallEvent) -> None:
        """Apply an event to a call; its commands are left undone."""
        self.calls[attempt_id] = step(self.calls[attempt_id], event).call

    async def dial(
        self, user: str, *, caller_id: str | None = None, endpoint: str | None = None
    ) -> UUID:
        """Dial a user of the carrier."""
        attempt_id = new_id()
        self.calls[attempt_id] = Call(attempt_id, CallPolicy(record=False))
        dial = CustomerDial(
            attempt_id=attempt_id,
            endpoint=endpoint or f"PJSIP/{user}@carrier",
            caller_id=caller_id,
            caller_name="Acme" if caller_id else "",
            timeout_s=RING_S,
            recording_file=None,
        )
        await self.gateway.create_customer(dial)
        await self.gateway.dial_customer(dial)
        return attempt_id

    async def see(self, attempt_id: UUID, state: CallState) -> Call:
        """Wait until a call is in a state and return it."""

        async def reached() -> bool:
            return self.calls[attempt_id].state is state

        await until(reached, f"the call is {state}")
        return self.calls[attempt_id]

    async def see_connected(self, times: int) -> None:
        """Wait until the connection was made so often."""

        async def often_enough() -> bool:
            return self.connected >= times and self.connection.is_up

        await until(often_enough, f"connected for the {times}. time")


@asynccontextmanager
async def line(exchange: Exchange, campaign_id: UUID | None = None) -> AsyncIterator[Line]:
    """Connect an application of its own."""
    opened = Line(exchange, campaign_id or uuid4())
    running = asyncio.create_task(opened.connection.run())
    try:
        await opened.see_connected(1)
        yield opened
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
