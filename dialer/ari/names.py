"""How our ids become Asterisk's, and back.

Asterisk compares channel ids as case-insensitive prefixes when it creates a channel, so every id is a
letter and 32 lower-case hexadecimal digits.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from dialer.ari.messages import Bridge, Channel
from dialer.ids import new_id

#: Channel variables that ari.conf (``channelvars``) puts into every event and listing.
ROLE, ID, CAMPAIGN = "OD_ROLE", "OD_ID", "OD_CAMPAIGN"

#: Puts a header into the INVITE of an agent's leg: a browser answers nothing else by itself.
AGENT_LEG_HEADER = "PJSIP_HEADER(add,X-Outdial-Leg)"

#: What the application is told of a leg that comes from another one.
MOVED = "moved"


class Role(StrEnum):
    """Whose leg a channel is."""

    CUSTOMER = "customer"
    AGENT = "agent"
    PARTY = "party"  #: somebody an agent asks, or hands a customer over to
    SUPERVISOR = "supervisor"  #: somebody who listens to an agent


@dataclass(frozen=True, slots=True)
class Leg:
    """Whose leg: the attempt's id for a customer or a third party, the session's for an agent.

    For a supervisor the id of the monitoring.
    """

    role: Role
    id: UUID


def application(campaign_id: UUID) -> str:
    """Return the application name of a campaign: it is the lock of its calls."""
    return f"outdial-{campaign_id.hex}"


def customer_channel(attempt_id: UUID) -> str:
    """Return the channel id of an attempt's customer leg."""
    return f"c{attempt_id.hex}"


def new_agent_channel() -> str:
    """Return an id for an agent's leg; a leg that comes back needs a new one."""
    return f"a{new_id().hex}"


def new_bridge() -> str:
    """Return an id for a bridge; Asterisk does not let an id be used twice."""
    return f"b{new_id().hex}"


def bridge_name(session_id: UUID) -> str:
    """Return the name by which a session's bridge is found after a change of owner."""
    return f"agent-{session_id.hex}"


def playback(attempt_id: UUID) -> str:
    """Return the id of the message played to an attempt's customer."""
    return f"p{attempt_id.hex}"


def attempt_of_playback(playback_id: str) -> UUID | None:
    """Return the attempt whose message a playback is; None when it is no message of ours."""
    return _uuid(playback_id[1:]) if playback_id.startswith("p") else None


def confirmation(attempt_id: UUID) -> str:
    """Return the id of the confirmation played to a person who opted out."""
    return f"k{attempt_id.hex}"


def attempt_of_confirmation(playback_id: str) -> UUID | None:
    """Return the attempt whose confirmation a playback is; None when it is none of ours."""
    return _uuid(playback_id[1:]) if playback_id.startswith("k") else None


def comfort(bridge_id: str) -> str:
    """Return the id of the tone played to a customer who is alone in an agent's bridge."""
    return f"s{bridge_id[1:]}"


def announcement(attempt_id: UUID) -> str:
    """Return the id of what is played to agent and customer about the recording."""
    return f"n{attempt_id.hex}"


def attempt_of_announcement(playback_id: str) -> UUID | None:
    """Return the attempt whose talk an announcement is played in; None when it is none of ours."""
    return _uuid(playback_id[1:]) if playback_id.startswith("n") else None


def analysis_channel(attempt_id: UUID) -> str:
    """Return the id of the leg that listens to an attempt's customer."""
    return f"d{attempt_id.hex}"


def attempt_of_analysis(channel_id: str) -> UUID | None:
    """Return the attempt whose customer a leg listens to; None when it is none of ours."""
    return _uuid(channel_id[1:]) if channel_id.startswith("d") else None


def new_whisperer() -> str:
    """Return an id for a leg that whispers to an agent's."""
    return f"w{new_id().hex}"


def new_listener() -> str:
    """Return an id for a leg that lets a supervisor hear an agent's, and perhaps speak."""
    return f"l{new_id().hex}"


def is_listener(channel_id: str) -> bool:
    """Tell whether a leg is one by which a supervisor listens."""
    return channel_id.startswith("l")


def monitor_name(campaign_id: UUID, monitoring_id: UUID) -> str:
    """Return the name of the bridge in which a supervisor hears an agent."""
    return f"monitor-{campaign_id.hex}-{monitoring_id.hex}"


def monitoring_of_bridge(bridge: Bridge, campaign_id: UUID) -> UUID | None:
    """Return which monitoring of a campaign a bridge belongs to; None: to none of it."""
    prefix = f"monitor-{campaign_id.hex}-"
    return _uuid(bridge.name.removeprefix(prefix)) if bridge.name.startswith(prefix) else None


def party_channel(party_id: UUID) -> str:
    """Return the channel id of a third party's leg."""
    return f"t{party_id.hex}"


def party_of(channel_id: str) -> UUID | None:
    """Return which third party a leg is; None when it is none of ours."""
    return _uuid(channel_id[1:]) if channel_id.startswith("t") else None


def party_bridge(party_id: UUID) -> str:
    """Return the id of the bridge in which a customer is handed over to a third party."""
    return f"b{party_id.hex}"


def leg_of(channel: Channel) -> Leg | None:
    """Return whose leg a channel is; None when it is not one of ours."""
    role, leg_id = channel.variable(ROLE), _uuid(channel.variable(ID))
    if leg_id is None or role not in tuple(Role):
        return None
    return Leg(Role(role), leg_id)


def session_of_bridge(bridge: Bridge) -> UUID | None:
    """Return the agent session a bridge belongs to; None when it is not one of ours."""
    return _uuid(bridge.name.removeprefix("agent-")) if bridge.name.startswith("agent-") else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(hex=text)
    except ValueError:
        return None
