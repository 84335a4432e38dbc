"""Lines of a trunk for third parties: asked for before the dial, and given back after the leg's end."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import structlog

from campaigns.leads import party_room
from campaigns.settings import CampaignSettings
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from workers.dialing.away import DATABASE_AWAY
from workers.dialing.floor import Floor
from workers.dialing.trunk import TrunkLine

log = structlog.get_logger()

#: An agent and a customer wait: so often a full trunk is asked again, and so long after.
LOOKS, LOOK_AGAIN_S = 6, 0.5


@dataclass(frozen=True, slots=True)
class PartyLeft:
    """A third party's leg is gone, or was never there."""

    attempt_id: UUID
    party_id: UUID


@dataclass(slots=True)
class PartyLines:
    """Lines of the campaign's trunk."""

    floor: Floor
    sessions: SessionFactory
    clock: Clock

    async def take(self, trunk: TrunkLine, attempt_id: UUID, party_id: UUID) -> bool:
        """Take a line for a third party; False: there is none, or nobody wants it any more."""
        for look in range(LOOKS):
            if look:
                await asyncio.sleep(LOOK_AGAIN_S)
            call = self.floor.calls.get(attempt_id)
            if call is None or call.talk.party_id != party_id:
                return False
            try:
                async with transaction(self.sessions) as session:
                    now = self.clock.now()
                    room = await party_room.take_line(session, trunk.id, attempt_id, party_id, now)
            except DATABASE_AWAY as error:
                log.warning("party.line_not_taken", error=type(error).__name__)
                continue
            if room.calls > 0:
                trunk.placed(1)
                return True
        log.info("party.no_line", call_id=str(attempt_id), trunk=trunk.name)
        return False


def lines_in_use(floor: Floor, settings: CampaignSettings) -> int:
    """Return how many lines of the trunk a campaign's calls and their third parties take."""
    parties = 0
    for call in floor.calls.values():
        part = call.talk.part
        if call.talk.party_id is not None and part is not None:
            target = settings.transfer_target(part.target)
            parties += target is not None and target.number is not None
    return len(floor.calls) + parties
