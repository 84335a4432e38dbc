"""A recorded day through other settings, side by side: what was, and what would have been. Pure.

It takes seconds of processor time: not for an event loop.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaigns.pacing import beliefs
from campaigns.pacing.day_inputs import DayInputs
from campaigns.pacing.law import pacing_policy
from campaigns.pacing.recorded import (
    Record,
    RecordedPeople,
    shifts_of,
    worst_half_hour,
)
from campaigns.pacing.virtual import simulate
from dialer.pacing.policy import PredictivePolicy
from dialer.simulator.pacing_lab.scenario import Campaign as LabCampaign
from dialer.simulator.pacing_lab.scenario import Scenario

_SEED = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One of the three things that are compared. Shares are 0..1."""

    occupancy: float  #: talking and wrapping up, of the agents' time without pauses
    abandoned_share: float
    dials: int
    answered: int
    abandoned: int
    cancelled: int
    worst_half_hour_share: float
    agent_hours: float


@dataclass(frozen=True, slots=True)
class Replay:
    """A day, and what other settings would have made of it."""

    began_at: datetime
    ended_at: datetime
    recorded: Column
    same_settings: Column  #: what the laboratory makes of the day: how far it may be believed
    changed_settings: Column
    settings: Mapping[str, Any]  #: those that were changed, as they are
    changes: Mapping[str, Any]
    notes: tuple[str, ...]


def replay(inputs: DayInputs, changes: Mapping[str, Any]) -> Replay:
    """Run the recorded day with the campaign's settings and with the changed ones.

    Raises:
        ContradictorySettings: the changed settings exclude each other under the law's rows.
    """
    record = inputs.record
    policies = [pacing_policy(one, inputs.rules) for one in (inputs.settings, inputs.changed)]
    (same, _), (changed, beyond) = (_run(inputs, policy) for policy in policies)
    notes = list(inputs.notes)
    if beyond:
        notes.append(f"the changed settings dial {beyond} more: people drawn from the record")
    if policies[0] == policies[1]:
        notes.append("the changes make no difference to the pacing: the law or the mode overrules")
    now = inputs.settings.model_dump(mode="json")
    return Replay(
        began_at=inputs.began_at,
        ended_at=inputs.began_at + timedelta(seconds=record.seconds),
        recorded=_recorded(record),
        same_settings=same,
        changed_settings=changed,
        settings={name: now[name] for name in changes},
        changes=dict(changes),
        notes=tuple(notes),
    )


def _recorded(record: Record) -> Column:
    return Column(
        occupancy=round(record.occupancy, 4),
        abandoned_share=round(record.abandoned / max(1, record.answered), 4),
        dials=len(record.calls),
        answered=record.answered,
        abandoned=record.abandoned,
        cancelled=record.cancelled,
        worst_half_hour_share=round(worst_half_hour(record), 4),
        agent_hours=round(record.agent_hours, 2),
    )


def _run(inputs: DayInputs, policy: PredictivePolicy) -> tuple[Column, int]:
    """Return what a policy makes of the record, and the calls it placed beyond it."""
    record = inputs.record
    campaign = LabCampaign(
        answer_rate=min(0.98, record.answered / len(record.calls)),
        ring_limit_s=policy.ring_limit_s,
        least_ring_s=policy.least_ring_s,
        patience_s=policy.patience_s,
    )
    scenario = Scenario(
        agents=shifts_of(record.work),
        campaigns=(campaign,),
        hours=record.seconds / 3600,
        lines=inputs.lines,
        calls_per_second=inputs.calls_per_s,
    )
    usual = (beliefs.USUAL_TALK_S, beliefs.USUAL_WRAP_UP_S)
    people = RecordedPeople(record, campaign, _SEED, usual=usual)
    day = simulate(
        scenario, policy, _SEED, learned=inputs.learned, past=inputs.past, people=people
    ).figures
    column = Column(
        occupancy=round(day.utilisation, 4),
        abandoned_share=round(day.abandoned_share, 4),
        dials=day.dials,
        answered=day.answered,
        abandoned=day.abandoned,
        cancelled=day.cancelled,
        worst_half_hour_share=round(day.worst_half_hour_share, 4),
        agent_hours=round(day.agent_hours, 2),
    )
    return column, people.beyond
