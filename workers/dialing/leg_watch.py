"""Listens whether agents in browsers are still there while a customer is on the line.

A browser that is killed, a closed lid and a lost network say nothing, and Asterisk ends such a leg only after
its media time-out. Browsers' telephones send packets all the time, muted too: where none came
between two looks the customer hears nobody, and is comforted at once. Plain telephones may send nothing in
silence and are left alone.
"""

import asyncio
from typing import TYPE_CHECKING

import structlog

from campaigns.agents.phones import USER_PREFIX
from dialer.agent import events as ev
from dialer.agent.states import AgentState
from dialer.ari.errors import AriRefused, AriUnavailable
from workers.dialing.floor import Desk

if TYPE_CHECKING:
    from workers.dialing.assembly import Assembly

log = structlog.get_logger()

#: Between two looks. Shorter takes a hole in a bad network for a browser that is gone, longer is silence.
LOOK_EVERY_S = 1.0

_BROWSER = f"PJSIP/{USER_PREFIX}"
_WITH_CUSTOMER = (AgentState.RESERVED, AgentState.ON_CALL)


class LegWatch:
    """Watches the legs of one campaign's agents."""

    def __init__(self, parts: "Assembly") -> None:
        """Watch the desks of ``parts``."""
        self._floor, self._gateway, self._clock = parts.floor, parts.gateway, parts.clock
        self._counts: dict[str, int] = {}  #: packets so far, by channel

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self._look()

    async def _look(self) -> None:
        desks = [desk for desk in self._floor.desks.values() if _is_watched(desk)]
        legs = {desk.channel_id for desk in desks}
        self._counts = {leg: count for leg, count in self._counts.items() if leg in legs}
        await asyncio.gather(*(self._listen(desk) for desk in desks))

    async def _listen(self, desk: Desk) -> None:
        leg = desk.channel_id
        if leg is None:
            return
        try:
            count = await self._gateway.packets_from(leg)
        except (AriRefused, AriUnavailable) as error:  # its end, or the reconciliation, will tell
            log.info("agent.leg_not_listened_to", error=error.code)
            return
        before = self._counts.get(leg)
        self._counts[leg] = count
        if before is None or desk.channel_id != leg or not _is_watched(desk):
            return
        silent, alone = count == before, desk.agent.alone_at is not None
        if silent != alone:
            event = ev.LegSilent if silent else ev.LegHeard
            self._floor.feed_agent(desk.agent.id, event(self._clock.now()))


def _is_watched(desk: Desk) -> bool:
    agent = desk.agent
    return agent.state in _WITH_CUSTOMER and agent.leg_up and desk.endpoint.startswith(_BROWSER)
