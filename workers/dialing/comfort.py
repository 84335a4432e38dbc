"""What the customer hears who is alone in an agent's bridge: wishes, and Asterisk brought to them.

Tone and music are several requests, and an agent may come back between two of them: whatever Asterisk is
at, it is brought to what is wished last.
"""

from asyncio import Lock
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog

from dialer.ari.errors import AriRefused, AriUnavailable
from dialer.ari.gateway import Gateway
from workers.dialing.timers import TimerKind, Timers

if TYPE_CHECKING:
    from workers.dialing.floor import Desk

log = structlog.get_logger()


class Sound(StrEnum):
    """What plays in an agent's bridge."""

    NOTHING = "nothing"
    TONE = "tone"
    MUSIC = "music"


@dataclass(slots=True)
class Comfort:
    """One agent's bridge: what is to play there, and what does."""

    wanted: Sound = Sound.NOTHING
    plays: Sound | None = None  #: None: unknown, a former owner may have begun something
    bridge_id: str | None = None  #: where it plays
    turn: Lock = field(default_factory=Lock)


@dataclass(slots=True)
class Comforter:
    """Plays to customers who are alone."""

    gateway: Gateway
    timers: Timers
    spawn: Callable[[Coroutine[Any, Any, None]], object]

    def begin(self, desk: "Desk", music_after_s: float) -> None:
        """Play the tone, and music after ``music_after_s`` seconds; what plays already goes on."""
        if desk.comfort.wanted is not Sound.NOTHING:
            return
        if music_after_s <= 0:
            self._wish(desk, Sound.MUSIC)
            return
        self._wish(desk, Sound.TONE)
        self.timers.start(
            desk.agent.id,
            TimerKind.COMFORT,
            music_after_s,
            lambda: self._wish(desk, Sound.MUSIC),
        )

    def end(self, desk: "Desk") -> None:
        """Play nothing more, whoever began it."""
        self.timers.stop(desk.agent.id, TimerKind.COMFORT)
        self._wish(desk, Sound.NOTHING)

    def _wish(self, desk: "Desk", sound: Sound) -> None:
        desk.comfort.wanted = sound
        self.spawn(self._bring(desk))

    async def _bring(self, desk: "Desk") -> None:
        comfort = desk.comfort
        async with comfort.turn:
            bridge_id, wanted = desk.bridge_id, comfort.wanted
            if bridge_id is None or (comfort.plays, comfort.bridge_id) == (wanted, bridge_id):
                return
            comfort.plays, comfort.bridge_id = None, bridge_id
            try:
                await self._play(bridge_id, wanted)
            except (AriRefused, AriUnavailable) as error:
                log.info("agent.comfort_not_changed", sound=wanted.value, error=error.code)
            else:
                comfort.plays = wanted

    async def _play(self, bridge_id: str, sound: Sound) -> None:
        match sound:
            case Sound.TONE:
                await self.gateway.start_tone(bridge_id)
            case Sound.MUSIC:
                await self.gateway.start_music(bridge_id)
                await self.gateway.stop_tone(bridge_id)
            case Sound.NOTHING:
                await self.gateway.stop_tone(bridge_id)
                await self.gateway.stop_music(bridge_id)
