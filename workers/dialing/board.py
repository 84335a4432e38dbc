"""The live figures of a runner, and its answer to "why is it not dialling?"."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.states import CampaignState
from dialer.agent.states import AgentState
from workers.dialing.floor import Floor
from workers.dialing.originator import Originator
from workers.dialing.party_lines import lines_in_use

#: States of agents who decide themselves when the next call is placed.
_CHOOSES = (AgentState.PREVIEWING, AgentState.DIALING)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the runner knows besides its floor."""

    state: CampaignState
    asterisk_up: bool
    database_failing: bool
    draining: bool
    selection_due: bool
    has_open_leads: bool | None  #: some are not done; None = not read yet
    lists_rest: bool  #: all that are open are of lists with 0 percent
    next_due_at: datetime | None
    agents_dial: bool = False  #: preview: agents choose whom to dial
    agents_elsewhere: bool = False  #: shared ones work for other campaigns
    amd_off: str = ""  #: why the detection of machines switched itself off


def why_not_dialling(
    floor: Floor, originator: Originator, now: datetime, facts: Circumstances
) -> list[str]:
    """Return the reasons why no call is placed now, in words; empty when calls can be placed."""
    reasons = []
    if facts.state is not CampaignState.RUNNING:
        reasons.append(f"the campaign is {facts.state.value}")
    if facts.selection_due:
        reasons.append("the selection is being applied to the leads")
    if facts.draining:
        reasons.append("the worker is shutting down")
    if not facts.asterisk_up:
        reasons.append("Asterisk is away")
    if facts.database_failing:
        reasons.append("the database is away")
    trunk = originator.trunk
    if trunk.paused_reason is not None:
        reasons.append(f"the trunk is paused: {trunk.paused_reason}")
    elif trunk.is_resting():
        why = f": {trunk.rests_for}" if trunk.rests_for else ""
        reasons.append(f"the trunk is paused{why}")
    reasons += _why_no_agent(floor, facts)
    if facts.has_open_leads is False and not facts.selection_due:
        reasons.append("every lead has its result")
    elif not originator.ready and facts.has_open_leads:
        reasons += _why_no_lead(facts, now)
    return reasons


def _why_no_agent(floor: Floor, facts: Circumstances) -> list[str]:
    if not floor.desks:
        away = "the shared agents work for other campaigns"
        return [away if facts.agents_elsewhere else "no agents are signed in"]
    if facts.agents_dial and any(desk.agent.state in _CHOOSES for desk in floor.desks.values()):
        return ["preview: agents choose whom to dial"]
    if not any(True for _ in floor.ready_desks()) and floor.in_flight() == 0:
        return ["no agent is ready"]
    return []


def _why_no_lead(facts: Circumstances, now: datetime) -> list[str]:
    if facts.lists_rest:
        return ["the lists that are left rest"]
    if facts.next_due_at is None:
        return ["no lead is due; some wait for a person"]
    if facts.next_due_at > now:
        return [f"the next lead is due at {facts.next_due_at:%Y-%m-%d %H:%M:%S} UTC"]
    return []


def _notes(facts: Circumstances) -> list[str]:
    """Return what keeps no call from being placed, but should be known."""
    return [f"machine detection switched itself off: {facts.amd_off}"] if facts.amd_off else []


def figures(
    floor: Floor, originator: Originator, now: datetime, facts: Circumstances
) -> dict[str, Any]:
    """Return what the board shows."""
    trunk = originator.trunk
    return {
        "agents": dict(Counter(desk.agent.state.value for desk in floor.desks.values())),
        "in_flight": dict(Counter(call.state.value for call in floor.calls.values())),
        "trunk": {
            "name": trunk.name,
            "live": lines_in_use(floor, originator.settings),
            "max_channels": trunk.max_channels,
            "paused_reason": trunk.paused_reason,
        },
        "why": why_not_dialling(floor, originator, now, facts),
        "notes": _notes(facts),
        "placed": originator.placed,
        "state": facts.state.value,
    }
