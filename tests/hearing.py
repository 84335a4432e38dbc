"""What a customer hears of Asterisk while no agent is there, as it changes."""

import asyncio
from time import monotonic

from tests.exchange import Exchange

#: The comfort tone of indications.conf.
TONE_HZ, NEAR_HZ = 425, 4
#: Louder than any line without sound.
AUDIBLE_DBFS = -45
#: Of the agent's tone in what is heard, from which on the agent is there.
AGENT_SHARE = 0.5
#: What is left of somebody's voice in the window that is listened to is over after this.
LASTING_S = 1.0


async def listen(
    exchange: Exchange, number: str, for_s: float, agent_hz: int = 0
) -> list[tuple[float, str]]:
    """Return what the customer hears, as it changes: seconds from now, and ``tone`` or ``music``.

    The agent's own sound, a tone of ``agent_hz``, is neither.
    """
    began_s, heard = monotonic(), [(0.0, "")]
    loud_s: float | None = None
    while monotonic() - began_s < for_s:
        found = await exchange.heard_by_customer(number, agent_hz)
        at_s = monotonic() - began_s
        tone = abs((found.get("dominant_hz") or 0.0) - TONE_HZ) < NEAR_HZ
        loud = found.get("level_dbfs", -100) > AUDIBLE_DBFS and not tone
        loud = loud and found["tone_shares"][str(agent_hz)] < AGENT_SHARE
        loud_s = (at_s if loud_s is None else loud_s) if loud else None
        now = (
            "tone" if tone else "music" if loud_s is not None and at_s - loud_s > LASTING_S else ""
        )
        if now and now != heard[-1][1]:
            heard.append((round(at_s, 2), now))
        await asyncio.sleep(0.05)
    return heard[1:]
