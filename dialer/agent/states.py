"""What an agent is: readiness, the leg, and what comes next."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from dialer.agent.commands import AgentCommand


class AgentState(StrEnum):
    """Where in the shift an agent is."""

    OFFLINE = "offline"
    CONNECTING = "connecting"  #: signed in; the leg is being dialled
    READY = "ready"
    PREVIEWING = "previewing"  #: reads a contact and decides: dial or skip
    DIALING = "dialing"  #: dialled the contact; nobody has answered yet
    RESERVED = "reserved"  #: a call is being bridged to the leg
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"


#: The pause code of an agent whose leg could not be connected to a customer.
MISSED_OFFER = "missed_offer"
#: The pause code of an agent who let a wrap-up run out without a disposition.
NO_REACTION = "no_reaction"


@dataclass(frozen=True, slots=True)
class AgentPolicy:
    """What the campaign wants of its agents."""

    wrap_up_s: float = 30.0
    leg_retry_s: float = 2.0  #: between two attempts to bring a lost leg back
    leg_lost_limit_s: float = 30.0  #: how long a customer is kept for a lost agent
    music_after_s: float = 5.0  #: of which the first hears a tone only: a page that is loaded anew
    wrap_up_extensions: int = 0  #: how often an agent may have more time
    wrap_up_extension_s: float = 30.0
    pause_undisposed: bool = False  #: who lets a wrap-up run out is paused


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent's session as its machine knows it; ``id`` is the session's."""

    id: UUID
    policy: AgentPolicy
    state: AgentState = AgentState.OFFLINE
    since: datetime | None = None  #: when the state began
    leg_up: bool = False
    alone_at: datetime | None = None  #: since when the customer hears no agent
    wants: AgentState = AgentState.READY  #: what follows when free: READY, PAUSED or OFFLINE
    pause_code: str | None = None
    call_id: UUID | None = None  #: dialled, reserved, talking or wrapped up
    preview_id: UUID | None = None  #: what the agent is shown
    disposition: str | None = None  #: saved for ``call_id``
    extended: int = 0  #: how often the wrap-up of ``call_id`` was extended


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one event: the agent after it, and what must be done."""

    agent: Agent
    commands: tuple[AgentCommand, ...] = ()
    ignored: bool = False
