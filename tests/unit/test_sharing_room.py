"""How many shared agents a campaign says it can use."""

from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from campaigns.states import CampaignState
from dialer.agent.states import Agent, AgentPolicy, AgentState
from dialer.call.states import Call, CallPolicy, CallState
from dialer.clock import FrozenClock
from dialer.ids import new_id
from dialer.pacing.blending import MANY
from workers.dialing.blending import Blender
from workers.dialing.dialling import Readiness
from workers.dialing.floor import Desk, Floor
from workers.dialing.share import Share

LINES = 30
OTHER = UUID(int=9)


def _blender(floor: Floor, **facts: Any) -> Blender:
    """Return a blender of a campaign in these circumstances."""
    found = {"state": CampaignState.RUNNING, "known": 0, "due": False, "soon": False, "dry": False}
    found |= {"paused": None, "selecting": False} | facts
    parts = SimpleNamespace(
        floor=floor,
        drawing=SimpleNamespace(selection_due=found["selecting"]),
        trunk=SimpleNamespace(paused_reason=found["paused"], max_channels=LINES),
        originator=SimpleNamespace(ready=[None] * cast(int, found["known"])),
    )
    watch = SimpleNamespace(is_due=lambda: found["due"], is_due_within=lambda _s: found["soon"])
    dialling = SimpleNamespace(is_dry=found["dry"])
    ready = Readiness(state=cast(CampaignState, found["state"]))
    return Blender(cast(Any, parts), ready, cast(Any, dialling), cast(Any, watch))


@pytest.mark.parametrize(
    ("facts", "leads"),
    [
        ({"due": True}, MANY),
        ({"due": True, "known": 3, "dry": True}, 3),
        ({"due": True, "dry": True}, 0),
        ({"soon": True, "dry": True}, 1),
        ({"soon": True}, 1),
        ({"known": 4}, 4),
        ({}, 0),
        ({"due": True, "paused": "refusals"}, 0),
        ({"due": True, "selecting": True}, 0),
        ({"due": True, "state": CampaignState.PAUSED}, 0),
        ({"due": True, "state": CampaignState.FINISHED}, 0),
    ],
)
def test_only_what_can_be_dialled_counts(
    clock: FrozenClock, facts: dict[str, Any], leads: int
) -> None:
    assert _blender(Floor(clock, lambda: None), **facts)._leads() == leads


@pytest.mark.parametrize(
    ("facts", "room"),
    [
        ({"due": True}, LINES - 1),
        ({"known": 4}, 1 + 1 + 4 - 1),
        ({}, 1 + 1 - 1),
        ({"due": True, "state": CampaignState.PAUSED}, 0),
    ],
)
def test_agents_of_its_own_and_lines_bound_the_room(
    clock: FrozenClock, facts: dict[str, Any], room: int
) -> None:
    """One shared agent talks, one of its own is ready, and one call rings."""
    floor = Floor(clock, lambda: None)
    for state, weights in ((AgentState.ON_CALL, {OTHER: 1.0}), (AgentState.READY, {})):
        agent = Agent(new_id(), AgentPolicy(), state=state, leg_up=True)
        floor.desks[agent.id] = Desk(agent, "PJSIP/agent-1", share=Share(weights))
    call = Call(new_id(), CallPolicy(), state=CallState.RINGING)
    floor.calls[call.id] = call
    assert _blender(floor, **facts)._room() == room
