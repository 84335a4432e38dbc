"""Whether an agent is there, and what a customer hears meanwhile: a tone now and then, later music."""

import asyncio
from contextlib import suppress
from http import HTTPStatus

from dialer.ari import names
from dialer.ari.connection import AriConnection
from dialer.ari.errors import AriRefused

#: Of indications.conf: short, and long silences between.
COMFORT_TONE = "tone:comfort"
#: The dialplan context that plays a short tone and hangs up.
BEEP_CONTEXT = "beep"

_RETRIES_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)


class Comforting:
    """Requests about tone, music and who sends; a part of the gateway."""

    _connection: AriConnection
    _application: str

    async def packets_from(self, channel_id: str) -> int:
        """Return how many packets of sound have arrived from a telephone so far.

        Raises:
            AriRefused, AriUnavailable: it is not known.
        """
        path = f"channels/{channel_id}/rtp_statistics"
        found = await self._connection.request("GET", path, operation="count_packets")
        return int(found["rxcount"])

    async def beep(self, channel_id: str) -> None:
        """Let an agent, and nobody else in the bridge, hear that a call comes; returns at once.

        Whispered by a leg of its own, which ends by itself: what is played to a leg that is in a bridge
        takes it out of the talk for as long as it lasts.

        Raises:
            AriRefused, AriUnavailable: it is not heard.
        """
        whisperer = names.new_whisperer()
        query = {"whisper": "out", "app": self._application, "snoopId": whisperer}
        path = f"channels/{channel_id}/snoop"
        await self._connection.request("POST", path, query, operation="whisper")
        query = {"context": BEEP_CONTEXT, "extension": "s", "priority": "1"}
        for pause_s in _RETRIES_S:
            try:
                path = f"channels/{whisperer}/continue"
                await self._connection.request("POST", path, query, operation="beep")
            except AriRefused as error:
                if error.http_code != HTTPStatus.CONFLICT:
                    raise
                await asyncio.sleep(pause_s)  # it is not under our control yet
            else:
                return
        await self._connection.request("DELETE", f"channels/{whisperer}", operation="hang_up")

    async def start_tone(self, bridge_id: str) -> None:
        """Play the tone to everybody in a bridge, until it is stopped.

        Raises:
            AriRefused, AriUnavailable: it does not play; or it plays already.
        """
        query = {"media": COMFORT_TONE, "playbackId": names.comfort(bridge_id)}
        path = f"bridges/{bridge_id}/play"
        await self._connection.request("POST", path, query, operation="start_tone")

    async def stop_tone(self, bridge_id: str) -> None:
        """Stop the tone; where none plays, that is fine.

        Raises:
            AriUnavailable: Asterisk is away.
        """
        with suppress(AriRefused):
            path = f"playbacks/{names.comfort(bridge_id)}"
            await self._connection.request("DELETE", path, operation="stop_tone")

    async def start_music(self, bridge_id: str) -> None:
        """Play music to everybody in a bridge.

        Raises:
            AriRefused, AriUnavailable: it does not play.
        """
        path = f"bridges/{bridge_id}/moh"
        await self._connection.request("POST", path, operation="start_music")

    async def stop_music(self, bridge_id: str) -> None:
        """Stop it; where none plays, as after most legs that came up, that is fine.

        Raises:
            AriUnavailable: Asterisk is away.
        """
        with suppress(AriRefused):
            path = f"bridges/{bridge_id}/moh"
            await self._connection.request("DELETE", path, operation="stop_music")
