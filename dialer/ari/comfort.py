"""What a customer hears while the agent is away: music in their bridge."""

from contextlib import suppress

from dialer.ari.connection import AriConnection
from dialer.ari.errors import AriRefused


class Comforting:
    """Requests about music; a part of the gateway."""

    _connection: AriConnection

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
