"""What a look at the database brings to the floor, where the floor knows something newer."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from dialer.agent import events as ev
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome, CallPolicy, CallState
from tests.unit.test_machines_together import started
from workers.dialing.saved import SavedAttempt, SavedSession
from workers.dialing.staff import Staff


def test_an_agent_who_was_just_paused_stays_on_the_floor_whatever_the_row_says() -> None:
    model = started(agents=1)
    (key,) = model.floor.desks
    model.floor.feed_agent(key, ev.PauseRequested(model.clock.now(), "preview_limit"))
    parts: Any = SimpleNamespace(clock=model.clock, floor=model.floor)
    row = SavedSession(
        key, "PJSIP/agent-1", "Anna", AgentState.READY, None, AgentState.READY, None, None
    )
    Staff(parts)._bring([row], 1.0, {key})
    assert model.floor.desks[key].agent.state is AgentState.PAUSED
    Staff(parts)._bring([row], 1.0)
    assert model.floor.desks[key].agent.state is AgentState.READY


def test_a_machines_call_that_an_earlier_owner_left_is_a_machines_still() -> None:
    talked = datetime(2026, 11, 20, 12, tzinfo=UTC)  # the agent heard it for a moment
    row = SavedAttempt(UUID(int=1), talked, talked, None, None, machine=True)
    call = row.as_call(CallPolicy())
    assert call.connected_at is None
    assert (call.state, call.outcome) == (CallState.MACHINE, CallOutcome.MACHINE)
