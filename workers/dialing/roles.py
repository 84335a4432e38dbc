"""Who does what the machines of a floor ask for, and who is told."""

from typing import TYPE_CHECKING, Protocol

from dialer.agent.commands import AgentCommand
from dialer.agent.states import Agent
from dialer.call.commands import CallCommand
from dialer.call.states import Call

if TYPE_CHECKING:
    from workers.dialing.floor import Desk


class ForCalls(Protocol):
    """Does what a call's machine asks for. Long work is started; its end comes as an event."""

    def execute(self, call: Call, command: CallCommand) -> None:
        """Execute one command of a call."""
        ...


class ForAgents(Protocol):
    """Does what an agent's machine asks for."""

    def execute(self, desk: "Desk", command: AgentCommand) -> None:
        """Execute one command of an agent."""
        ...

    def seat(self, desk: "Desk", channel_id: str) -> None:
        """Put an agent's answered leg into its bridge; then ``LegUp`` or ``LegLost``."""
        ...

    def welcome(self, desk: "Desk") -> None:
        """Go on with an agent whose leg came from another campaign, in its bridge."""
        ...


class Witness(Protocol):
    """Is told what changed, in the order in which it happened."""

    def call_moved(self, before: Call, after: Call) -> None:
        """Note a change of a call."""
        ...

    def agent_moved(self, before: Agent, after: Agent) -> None:
        """Note a change of an agent."""
        ...
