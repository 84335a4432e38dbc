"""The log of an agent's states: entries follow one another, whatever the instants a runner tells."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from campaigns.agents.models import AgentStateEntry
from campaigns.models import Campaign
from dialer.agent.states import AgentState
from dialer.db import SessionFactory, transaction
from tests.factories import make_agent, make_campaign
from workers.dialing.stored import StateChange, store_states

S = AgentState
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([[0], [60], [90]], id="one by one"),
        pytest.param([[0, 60, 90]], id="together"),
        pytest.param([[0, 60], [30, 90]], id="a successor knows when the talk began"),
        pytest.param([[60], [0, 30]], id="all of it before what is stored"),
        pytest.param([[0, 60, 30, 90]], id="the clock went back"),
    ],
)
async def test_entries_leave_no_gap_and_do_not_overlap(
    sessions: SessionFactory, told: list[list[int]]
) -> None:
    async with transaction(sessions) as session:
        made = await make_campaign(session, NOON)
        campaign = await session.get_one(Campaign, made.id)
        shift = await make_agent(session, NOON, campaign, "PJSIP/agent-1")
    for instants in told:
        async with transaction(sessions) as session:
            await store_states(session, made.id, _changes(shift, instants))
    async with sessions() as session:
        rows = await session.exec(
            select(AgentStateEntry)
            .where(col(AgentStateEntry.session_id) == shift)
            .order_by(col(AgentStateEntry.started_at), col(AgentStateEntry.id))
        )
        entries = rows.all()
    assert len(entries) == sum(len(instants) for instants in told)
    ends = [entry.ended_at for entry in entries]
    assert ends[:-1] == [entry.started_at for entry in entries[1:]]
    assert ends[-1] is None


def _changes(shift: UUID, instants: list[int]) -> list[StateChange]:
    states = (S.READY, S.RESERVED, S.ON_CALL, S.WRAP_UP)
    return [
        StateChange(shift, state, None, None, NOON + timedelta(seconds=at_s))
        for state, at_s in zip(states, instants, strict=False)
    ]
