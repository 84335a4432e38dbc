"""A supervisor's listening as requests to Asterisk: a leg, a bridge, and a snoop of the agent's leg in it.

The agent's and the customer's legs stay where they are, and so does the recording: what a supervisor says
comes in through the snoop, as the agent's own voice or into the agent's ear.
"""

import asyncio
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from uuid import UUID

from dialer.ari import names
from dialer.ari.connection import AriConnection
from dialer.ari.errors import AriRefused
from dialer.ari.gateway import AGENT_RING_S, Gateway
from dialer.ari.messages import Bridge
from dialer.call.monitor_events import Mode

#: Whom a snoop of the agent's leg lets the supervisor speak to, measured on Asterisk 22 (docs/telephony.md).
_WHISPER: Mapping[Mode, str] = {Mode.LISTEN: "none", Mode.WHISPER: "out", Mode.BARGE: "both"}

_RETRIES_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
_NOT_YET = frozenset({HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY})


class MonitorGateway:
    """Requests about listening. Every method may raise ``AriRefused`` or ``AriUnavailable``."""

    def __init__(self, connection: AriConnection, gateway: Gateway, campaign_id: UUID) -> None:
        """Send on ``connection``; what ``gateway`` can do already is left to it."""
        self._connection = connection
        self._gateway = gateway
        self._campaign_id = campaign_id
        self._application = names.application(campaign_id)

    async def dial(self, monitoring_id: UUID, endpoint: str, leg_id: UUID) -> None:
        """Call the supervisor's telephone."""
        variables = {
            names.ROLE: names.Role.SUPERVISOR.value,
            names.ID: monitoring_id.hex,
            names.CAMPAIGN: self._campaign_id.hex,
            names.AGENT_LEG_HEADER: monitoring_id.hex,
        }
        channel_id = names.party_channel(leg_id)
        await self._gateway.dial_leg(channel_id, endpoint, variables, AGENT_RING_S)

    async def make_bridge(self, monitoring_id: UUID) -> str:
        """Make the bridge in which the supervisor hears the agent, and return its id."""
        bridge_id = names.new_bridge()
        name = names.monitor_name(self._campaign_id, monitoring_id)
        query = {"type": "mixing,dtmf_events", "name": name}
        await self._connection.request(
            "POST", f"bridges/{bridge_id}", query, operation="make_bridge"
        )
        return bridge_id

    async def seat(self, bridge_id: str, leg_id: UUID) -> None:
        """Put the supervisor's leg into the bridge."""
        await self._put_in(bridge_id, names.party_channel(leg_id))

    async def listen(self, bridge_id: str, agent_channel: str, mode: Mode) -> str:
        """Let the bridge hear an agent's leg, and be heard as ``mode`` says; return the new leg's id."""
        listener = names.new_listener()
        query = {
            "spy": "both",
            "whisper": _WHISPER[mode],
            "app": self._application,
            "snoopId": listener,
        }
        path = f"channels/{agent_channel}/snoop"
        await self._connection.request("POST", path, query, operation="listen")
        try:
            await self._put_in(bridge_id, listener)
        except AriRefused:
            await self._gateway.hang_up(listener)
            raise
        return listener

    async def end(self, channel_id: str) -> None:
        """End a leg; one that is gone is fine."""
        await self._gateway.hang_up(channel_id)

    async def drop(self, bridge: Bridge) -> None:
        """Remove a bridge with all that is in it."""
        await self.end_all(bridge.channels)
        await self._gateway.drop_bridge(bridge.id)

    async def end_all(self, channel_ids: Iterable[str]) -> None:
        """End legs."""
        for channel_id in channel_ids:
            await self._gateway.hang_up(channel_id)

    async def drop_bridge(self, bridge_id: str) -> None:
        """Remove a bridge; one that is gone is fine."""
        await self._gateway.drop_bridge(bridge_id)

    async def become_party(self, leg_id: UUID, call_id: UUID) -> None:
        """Make the supervisor's leg the other party of a call; it is where it was."""
        await self._name(leg_id, names.Role.PARTY, call_id)

    async def become_supervisor(self, leg_id: UUID, monitoring_id: UUID) -> None:
        """Undo ``become_party``."""
        await self._name(leg_id, names.Role.SUPERVISOR, monitoring_id)

    async def _name(self, leg_id: UUID, role: names.Role, its_id: UUID) -> None:
        path = f"channels/{names.party_channel(leg_id)}/variable"
        for name, value in ((names.ROLE, role.value), (names.ID, its_id.hex)):
            query = {"variable": name, "value": value}
            await self._connection.request("POST", path, query, operation="set_variable")

    async def _put_in(self, bridge_id: str, channel_id: str) -> None:
        """Put a leg into a bridge as soon as it is under our control."""
        path, query = f"bridges/{bridge_id}/addChannel", {"channel": channel_id}
        for pause_s in _RETRIES_S:
            try:
                await self._connection.request("POST", path, query, operation="add_to_bridge")
            except AriRefused as error:
                if error.http_code not in _NOT_YET:
                    raise
                await asyncio.sleep(pause_s)
            else:
                return
        await self._connection.request("POST", path, query, operation="add_to_bridge")
