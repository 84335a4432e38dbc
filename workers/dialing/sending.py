"""Sends dials to Asterisk; whatever becomes of one comes back as an event of its call."""

from dataclasses import dataclass, field
from uuid import UUID

import structlog

from dialer.ari.errors import AriRefused, AriTimeout, AriUnavailable
from dialer.ari.gateway import CustomerDial, Gateway
from dialer.call import events as ev
from dialer.clock import Clock
from workers.dialing.call_hands import Spawn
from workers.dialing.floor import Floor

log = structlog.get_logger()


@dataclass(slots=True)
class Sending:
    """The dials of one campaign that are on their way to Asterisk."""

    floor: Floor
    gateway: Gateway
    clock: Clock
    spawn: Spawn
    under_way: set[UUID] = field(default_factory=set)  #: calls whose dial is being sent

    def send(self, dial: CustomerDial) -> None:
        """Start to send one dial."""
        self.under_way.add(dial.attempt_id)
        self.spawn(self._dial(dial))

    async def _dial(self, dial: CustomerDial) -> None:
        try:
            await self._create_and_dial(dial)
        finally:
            self.under_way.discard(dial.attempt_id)

    async def _create_and_dial(self, dial: CustomerDial) -> None:
        try:
            await self.gateway.create_customer(dial)
        except (AriRefused, AriUnavailable) as error:
            self._refused(dial, error)
            return
        try:
            await self.gateway.dial_customer(dial)
        except AriRefused as error:
            self._refused(dial, error)
        except AriUnavailable as error:
            # Nobody knows whether the INVITE went out: the reconciliation will tell.
            log.warning("call.dial_unknown", call_id=str(dial.attempt_id), error=error.code)

    def _refused(self, dial: CustomerDial, error: AriRefused | AriUnavailable) -> None:
        log.warning("call.not_sent", call_id=str(dial.attempt_id), error=error.code)
        self.floor.feed_call(dial.attempt_id, ev.DialRefused(self.clock.now()))
        if isinstance(error, AriTimeout) or not isinstance(error, AriUnavailable):
            self.spawn(self._sweep(dial))

    async def _sweep(self, dial: CustomerDial) -> None:
        """Remove a leg that Asterisk may have made after all; it was never dialled."""
        try:
            await self.gateway.hang_up_customer(dial.attempt_id)
        except (AriRefused, AriUnavailable) as error:
            log.warning("call.not_swept", call_id=str(dial.attempt_id), error=error.code)
