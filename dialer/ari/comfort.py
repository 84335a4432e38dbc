"""Whether an agent is there, and what a customer hears meanwhile: a tone now and then, later music."""

from contextlib import suppress

from dialer.ari import names
from dialer.ari.connection import AriConnection
from dialer.ari.errors import AriRefused

#: Of indications.conf: short, and long silences between.
COMFORT_TONE = "tone:comfort"


class Comforting:
    """Requests about tone, music and who sends; a part of the gateway."""

    _connection: AriConnection

    async def packets_from(self, channel_id: str) -> int:
        """Return how many packets of sound have arrived from a telephone so far.

        Raises:
            AriRefused, AriUnavailable: it is not known.
        """
        path = f"channels/{channel_id}/rtp_statistics"
        found = await self._connection.request("GET", path, operation="count_packets")
        return int(found["rxcount"])

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
