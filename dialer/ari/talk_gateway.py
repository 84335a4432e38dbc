"""An agent's wishes for a talk as requests to Asterisk: music, keys, gaps in the recording, third parties."""

import asyncio
from http import HTTPStatus
from uuid import UUID

from dialer.ari import names
from dialer.ari.connection import AriConnection
from dialer.ari.errors import AriRefused
from dialer.ari.gateway import RECORDING_CONTEXT, Gateway, connected_line

#: The dialplan context that ends a recording and hands the channel back.
UNRECORDING_CONTEXT = "unmixmon"

#: Until a third party's telephone is picked up.
PARTY_RING_S = 30

#: How long a key sounds, and the silence after it, milliseconds.
#: Source: ITU-T Q.24: every exchange knows 50 ms of either; twice that also goes through codecs.
KEY_MS = 100

#: While the dialplan has a leg for a moment, it is in no bridge and in no application: asked again.
_BUSY = frozenset({HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})
_RETRIES_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4)


class TalkGateway:
    """Requests about talks. Every method may raise ``AriRefused`` or ``AriUnavailable``."""

    def __init__(self, connection: AriConnection, gateway: Gateway, campaign_id: UUID) -> None:
        """Send on ``connection``; what ``gateway`` can do already is left to it."""
        self._connection = connection
        self._gateway = gateway
        self._campaign_id = campaign_id

    async def dial_party(
        self, attempt_id: UUID, party_id: UUID, endpoint: str, caller_id: str | None
    ) -> None:
        """Dial a third party for a call."""
        variables = {
            names.ROLE: names.Role.PARTY.value,
            names.ID: attempt_id.hex,
            names.CAMPAIGN: self._campaign_id.hex,
        }
        if caller_id is not None:
            variables |= connected_line(caller_id)
        channel_id = names.party_channel(party_id)
        await self._gateway.dial_leg(channel_id, endpoint, variables, PARTY_RING_S)

    async def hold(self, bridge_id: str, attempt_id: UUID) -> None:
        """Take the customer out of the agent's bridge and play music; held already is fine."""
        channel_id = names.customer_channel(attempt_id)
        await self._take_out(bridge_id, channel_id)
        await self._patiently("POST", f"channels/{channel_id}/moh", {}, "start_music")

    async def bring_back(self, bridge_id: str, attempt_id: UUID) -> None:
        """End the music and put the customer into a bridge; one who is there stays."""
        channel_id = names.customer_channel(attempt_id)
        await self._patiently("DELETE", f"channels/{channel_id}/moh", {}, "stop_music")
        await self._put_in(bridge_id, channel_id)

    async def seat_party(self, bridge_id: str, party_id: UUID) -> None:
        """Put a third party into the agent's bridge."""
        await self._put_in(bridge_id, names.party_channel(party_id))

    async def hand_over(self, attempt_id: UUID, party_id: UUID) -> None:
        """Put third party and customer together in a bridge of their own."""
        bridge_id = names.party_bridge(party_id)
        query = {"type": "mixing,dtmf_events", "name": f"party-{party_id.hex}"}
        try:
            await self._connection.request(
                "POST", f"bridges/{bridge_id}", query, operation="make_bridge"
            )
        except AriRefused as error:
            if error.http_code != HTTPStatus.CONFLICT:
                raise
        await self._put_in(bridge_id, names.party_channel(party_id))
        await self.bring_back(bridge_id, attempt_id)

    async def end_party(self, party_id: UUID, bridge_id: str | None) -> None:
        """End a third party's leg; when this returns it is not in the agent's bridge any more."""
        channel_id = names.party_channel(party_id)
        if bridge_id is not None:
            await self._take_out(bridge_id, channel_id)
        await self._gateway.hang_up(channel_id)
        await self._gateway.drop_bridge(names.party_bridge(party_id))

    async def send_key(self, attempt_id: UUID, digit: str) -> None:
        """Send one key to the customer; it sounds for ``KEY_MS`` after the answer of the request."""
        query = {"dtmf": digit, "duration": str(KEY_MS), "between": str(KEY_MS)}
        path = f"channels/{names.customer_channel(attempt_id)}/dtmf"
        await self._connection.request("POST", path, query, operation="send_key")

    async def announce(
        self, attempt_id: UUID, bridge_id: str, media: str, language: str | None
    ) -> None:
        """Play to everybody in a bridge; the end comes as ``AnnouncementFinished``."""
        query = {"media": media, "playbackId": names.announcement(attempt_id)}
        if language is not None:
            query["lang"] = language
        path = f"bridges/{bridge_id}/play"
        await self._connection.request("POST", path, query, operation="announce")

    async def stop_announcement(self, attempt_id: UUID) -> None:
        """Stop what is played to a bridge about the recording; one that is over is fine."""
        path = f"playbacks/{names.announcement(attempt_id)}"
        try:
            await self._connection.request("DELETE", path, operation="stop_announcement")
        except AriRefused as error:
            if not error.is_gone:
                raise

    async def pause_recording(self, attempt_id: UUID) -> None:
        """End the recording; the channel comes back as ``RecordingPaused``, in no bridge."""
        await self._continue(attempt_id, UNRECORDING_CONTEXT, "pause_recording")

    async def resume_recording(self, attempt_id: UUID, file: str) -> None:
        """Record on in a new file; the channel comes back as ``RecordingStarted``, in no bridge.

        Not in the same one: what a raw file of two channels has is lost when it is opened again.
        """
        path = f"channels/{names.customer_channel(attempt_id)}/variable"
        query = {"variable": "OD_REC", "value": file}
        await self._patiently("POST", path, query, "set_variable")
        await self._continue(attempt_id, RECORDING_CONTEXT, "resume_recording")

    async def _continue(self, attempt_id: UUID, context: str, operation: str) -> None:
        query = {"context": context, "extension": "s", "priority": "1"}
        path = f"channels/{names.customer_channel(attempt_id)}/continue"
        await self._patiently("POST", path, query, operation)

    async def _put_in(self, bridge_id: str, channel_id: str) -> None:
        path, query = f"bridges/{bridge_id}/addChannel", {"channel": channel_id}
        await self._patiently("POST", path, query, "add_to_bridge")

    async def _take_out(self, bridge_id: str, channel_id: str) -> None:
        """Take a channel out of a bridge; gone, or not in it, is fine."""
        path, query = f"bridges/{bridge_id}/removeChannel", {"channel": channel_id}
        try:
            await self._connection.request("POST", path, query, operation="remove_from_bridge")
        except AriRefused as error:
            if error.http_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise

    async def _patiently(
        self, method: str, path: str, query: dict[str, str], operation: str
    ) -> None:
        for pause_s in _RETRIES_S:
            try:
                await self._connection.request(method, path, query, operation=operation)
            except AriRefused as error:
                if error.http_code not in _BUSY:
                    raise
                await asyncio.sleep(pause_s)
            else:
                return
        await self._connection.request(method, path, query, operation=operation)
