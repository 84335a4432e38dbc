"""A campaign's figures: four statements, every measure with its formula.

"Answered by a person" stands for what a call centre calls *offered*: an outbound call counts as
offered once a person has picked up.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.models import Campaign
from campaigns.reports import statements
from campaigns.states import LeadState
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome


@dataclass(frozen=True, slots=True)
class Waiting:
    """Leads that wait for one reason."""

    reason: str  #: new, a retried outcome, a refusal's code
    leads: int
    next_due_at: datetime | None  #: None: a person must act


@dataclass(frozen=True, slots=True)
class LeadFigures:
    """How far the leads are."""

    by_state: Mapping[LeadState, int]
    by_result: Mapping[str, int]  #: of leads that are done
    waiting: tuple[Waiting, ...]  #: the most leads first

    @property
    def total(self) -> int:
        """Return all leads."""
        return sum(self.by_state.values())

    @property
    def done(self) -> int:
        """Return leads with a result."""
        return self.by_state.get(LeadState.DONE, 0)


@dataclass(frozen=True, slots=True)
class CallFigures:
    """What became of the attempts."""

    attempts: int
    by_outcome: Mapping[CallOutcome, int]  #: of attempts that ended
    in_flight: Mapping[str, int]  #: dialing, ringing, waiting (for an agent), connected
    answered: int  #: picked up, by a person or a machine
    answered_by_person: int
    abandoned: int  #: answered by a person, no agent; calls lost by a crash while waiting too
    connected: int  #: person and agent spoke, or speak now
    wait_p50_ms: int | None  #: from answer to agent, of connected calls
    wait_p99_ms: int | None
    talk_total_s: float  #: of connected calls that ended
    talk_mean_s: float | None
    calls_per_s: float  #: attempts begun in the last ``statements.RATE_WINDOW_S`` seconds / that

    @property
    def abandoned_rate(self) -> float | None:
        """Return abandoned / answered by a person, 0..1; None before the first answer.

        Source: 47 CFR 64.1200(a)(7) counts calls answered live by a person.
        """
        return self.abandoned / self.answered_by_person if self.answered_by_person else None


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """What the agents do, and did."""

    now: Mapping[AgentState, int]  #: agents signed in, by state
    seconds: Mapping[AgentState, float]  #: spent in each state, up to now

    @property
    def signed_in(self) -> int:
        """Return agents whose shift is open."""
        return sum(self.now.values())

    @property
    def occupancy_rate(self) -> float | None:
        """Return (on call + wrap-up) / (logged in - paused), 0..1; None before anybody worked."""
        spent = self.seconds
        busy = spent.get(AgentState.ON_CALL, 0.0) + spent.get(AgentState.WRAP_UP, 0.0)
        away = (AgentState.OFFLINE, AgentState.PAUSED)
        available = sum(value for state, value in spent.items() if state not in away)
        return busy / available if available else None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything about one campaign at one instant."""

    at: datetime
    leads: LeadFigures
    calls: CallFigures
    agents: AgentFigures

    @property
    def handling_mean_s(self) -> float | None:
        """Return average handling time: (talk + wrap-up) / calls handled, in seconds."""
        if not self.calls.connected:
            return None
        wrap_up = self.agents.seconds.get(AgentState.WRAP_UP, 0.0)
        return (self.calls.talk_total_s + wrap_up) / self.calls.connected


async def campaign_figures(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID, now: datetime
) -> Figures:
    """Count everything about a client's campaign as of ``now``.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    return await figures_of(session, campaign, now=now)


async def figures_of(session: AsyncSession, campaign: Campaign, *, now: datetime) -> Figures:
    """Count everything about a campaign that the caller has already been allowed to see."""
    facts = {"campaign_id": campaign.id, "now": now, "window_s": statements.RATE_WINDOW_S}
    leads = await _rows(session, statements.LEADS, facts)
    outcomes = await _rows(session, statements.OUTCOMES, facts)
    totals = (await _rows(session, statements.TOTALS, facts))[0]
    agents = await _rows(session, statements.AGENTS, facts)
    return Figures(now, _leads(leads), _calls(outcomes, totals), _agents(agents))


async def _rows(
    session: AsyncSession, statement: str, facts: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    connection = await session.connection()
    found = await connection.execute(text(statement), facts)
    return [dict(row) for row in found.mappings()]


def _leads(rows: list[Mapping[str, Any]]) -> LeadFigures:
    by_state: Counter[LeadState] = Counter()
    by_result: Counter[str] = Counter()
    waiting = []
    for row in rows:
        by_state[LeadState(row["state"])] += row["leads"]
        if row["result"] is not None:
            by_result[row["result"]] += row["leads"]
        if row["waiting_reason"] is not None:
            waiting.append(Waiting(row["waiting_reason"], row["leads"], row["next_due_at"]))
    waiting.sort(key=lambda one: (-one.leads, one.reason))
    return LeadFigures(by_state, dict(by_result.most_common()), tuple(waiting))


def _calls(outcomes: list[Mapping[str, Any]], totals: Mapping[str, Any]) -> CallFigures:
    by_outcome = {CallOutcome(row["label"]): row["calls"] for row in outcomes if row["ended"]}
    in_flight = {row["label"]: row["calls"] for row in outcomes if not row["ended"]}
    talked = totals["talked"]
    talk_s = float(totals["talk_total_s"])
    return CallFigures(
        attempts=sum(row["calls"] for row in outcomes),
        by_outcome=dict(sorted(by_outcome.items(), key=lambda item: -item[1])),
        in_flight=in_flight,
        answered=totals["answered"],
        answered_by_person=totals["answered_by_person"],
        abandoned=totals["abandoned"],
        connected=totals["connected"],
        wait_p50_ms=totals["wait_p50_ms"],
        wait_p99_ms=totals["wait_p99_ms"],
        talk_total_s=talk_s,
        talk_mean_s=talk_s / talked if talked else None,
        calls_per_s=totals["begun_lately"] / statements.RATE_WINDOW_S,
    )


def _agents(rows: list[Mapping[str, Any]]) -> AgentFigures:
    now = {AgentState(row["state"]): row["present"] for row in rows if row["present"]}
    seconds = {AgentState(row["state"]): float(row["seconds"]) for row in rows}
    return AgentFigures(now, seconds)
