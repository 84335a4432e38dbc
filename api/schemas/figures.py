"""JSON shapes of a campaign's figures. Rates are 0..1; null where nothing has happened yet."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from campaigns.reports.figures import Figures
from campaigns.states import LeadState
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome


class WaitingOut(BaseModel):
    """Leads that wait for one reason; without ``next_due_at`` a person must act."""

    model_config = ConfigDict(from_attributes=True)

    reason: str
    leads: int
    next_due_at: datetime | None


class LeadFiguresOut(BaseModel):
    """How far the leads are."""

    model_config = ConfigDict(from_attributes=True)

    total: int
    done: int
    by_state: dict[LeadState, int]
    by_result: dict[str, int]
    waiting: list[WaitingOut]


class CallFiguresOut(BaseModel):
    """What became of the attempts."""

    model_config = ConfigDict(from_attributes=True)

    attempts: int
    by_outcome: dict[CallOutcome, int]
    in_flight: dict[str, int]
    answered: int
    answered_by_person: int
    abandoned: int
    abandoned_rate: float | None
    connected: int
    wait_p50_ms: int | None
    wait_p99_ms: int | None
    talk_total_s: float
    talk_mean_s: float | None
    calls_per_s: float


class AgentFiguresOut(BaseModel):
    """What the agents do, and did."""

    model_config = ConfigDict(from_attributes=True)

    signed_in: int
    now: dict[AgentState, int]
    seconds: dict[AgentState, float]
    occupancy_rate: float | None


class FiguresOut(BaseModel):
    """Everything about one campaign at one instant."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    leads: LeadFiguresOut
    calls: CallFiguresOut
    agents: AgentFiguresOut
    handling_mean_s: float | None


def figures_out(figures: Figures) -> FiguresOut:
    """Return the figures as JSON shows them."""
    return FiguresOut.model_validate(figures)
