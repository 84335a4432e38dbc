"""What a campaign knows of an agent's other campaigns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from dialer.agent.states import AgentState

#: An agent who came from another campaign stays at least so long, or one call.
STAY_S = 5.0

_WITH_A_CALL = (AgentState.ON_CALL, AgentState.WRAP_UP)


@dataclass(slots=True)
class Share:
    """An agent's campaigns, and whether the agent is about to go to another one.

    An agent who is promised to another campaign is left out of the pacing of this one, and still takes a
    call that was on its way before, if nobody else is free.
    """

    weights: Mapping[UUID, float] = field(default_factory=dict)  #: empty: not shared
    came_s: float | None = None  #: monotonic; None: began here
    served: bool = False  #: has had a call since
    promised_to: UUID | None = None
    awaits: frozenset[UUID] | None = None  #: calls placed before the promise; None: not noted yet
    leaving: bool = False  #: is being given away: takes nothing
    unsure: bool = False  #: nobody knows whether that was committed

    def freed(self, before: AgentState) -> None:
        """Note that the agent is ready, after being in the state ``before``."""
        self.served = self.served or before in _WITH_A_CALL

    def may_go(self) -> bool:
        """Tell whether the agent has been here long enough."""
        return self.came_s is None or self.served or monotonic() - self.came_s >= STAY_S

    def promise(self, campaign_id: UUID | None) -> None:
        """Promise the agent to another campaign; None takes it back."""
        if self.promised_to is None or campaign_id is None:
            self.awaits = None
        self.promised_to = campaign_id
