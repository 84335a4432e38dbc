"""What Asterisk has of a campaign: the truth after a gap."""

from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from dialer.ari import names
from dialer.ari.connection import AriConnection
from dialer.ari.messages import Bridge, Channel
from dialer.ari.names import Role


@dataclass(frozen=True, slots=True)
class Live:
    """What Asterisk has of this campaign right now."""

    channels: tuple[tuple[names.Leg, Channel], ...]
    bridges: dict[UUID, Bridge]  #: by agent session
    elsewhere: tuple[tuple[names.Leg, Channel], ...] = ()  #: agents' legs of other campaigns
    listeners: frozenset[UUID] = frozenset()
    """Attempts whose customers are listened to, of anybody."""
    monitors: dict[UUID, Bridge] = field(default_factory=dict)
    """Bridges in which supervisors of this campaign hear agents, by monitoring."""


async def read_live(connection: AriConnection, campaign_id: UUID) -> Live:
    """Read the channels and bridges of a campaign, and what concerns it.

    Raises:
        AriRefused, AriUnavailable: Asterisk did not tell.
    """
    raw_channels = await connection.request("GET", "channels", operation="list_channels")
    raw_bridges = await connection.request("GET", "bridges", operation="list_bridges")
    channels, elsewhere, listeners = [], [], set()
    for channel in msgspec.convert(raw_channels, list[Channel]):
        analysed = names.attempt_of_analysis(channel.id)
        if analysed is not None:
            listeners.add(analysed)
        leg = names.leg_of(channel)
        if leg is not None and channel.variable(names.CAMPAIGN) == campaign_id.hex:
            channels.append((leg, channel))
        elif leg is not None and leg.role is Role.AGENT:
            elsewhere.append((leg, channel))
    bridges: dict[UUID, Bridge] = {}
    monitors: dict[UUID, Bridge] = {}
    for bridge in msgspec.convert(raw_bridges, list[Bridge]):
        session_id = names.session_of_bridge(bridge)
        if session_id is not None:
            bridges[session_id] = bridge
        monitoring_id = names.monitoring_of_bridge(bridge, campaign_id)
        if monitoring_id is not None:
            monitors[monitoring_id] = bridge
    return Live(tuple(channels), bridges, tuple(elsewhere), frozenset(listeners), monitors)
