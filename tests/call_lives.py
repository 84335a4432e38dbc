"""Lives of calls for the tests of the call machine: begun in some way, told by their commands."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from dialer.call import commands as do
from dialer.call import events as ev
from dialer.call.machine import MESSAGE_LEAD_S, step
from dialer.call.states import Call, CallPolicy, Step
from tests.machine_events import AGENT_IDS, CALL_IDS, START, call_events

AGENT, OTHER_AGENT = AGENT_IDS[:2]


def at(seconds: float) -> datetime:
    """Return an instant of the life."""
    return START + timedelta(seconds=seconds)


END = ev.HungUp(at(4000), 16)
#: The message begins within the two seconds, not after them.
LONGEST_WAIT = do.StartWaitTimer(2.0 - MESSAGE_LEAD_S)
KEY = "9"


def live(events: list[ev.CallEvent], policy: CallPolicy) -> list[Step]:
    """Return every step of a call to which ``events`` happen."""
    call, steps = Call(CALL_IDS[0], policy), []
    for event in events:
        steps.append(step(call, event))
        call = steps[-1].call
    return steps


def told(events: list[ev.CallEvent], **policy: Any) -> list[tuple[do.CallCommand, ...]]:
    """Return the commands of each step."""
    return [taken.commands for taken in live(events, CallPolicy(**policy))]


def commands(steps: list[Step]) -> list[do.CallCommand]:
    """Return the commands of all steps."""
    return [command for taken in steps for command in taken.commands]


def given_agents(events: list[ev.CallEvent], steps: list[Step]) -> list[UUID]:
    """Return the agents who were given to a call; told again of the one who has it, it does nothing."""
    given, holder = [], None
    for event, taken in zip(events, steps, strict=False):
        if isinstance(event, ev.AgentReserved) and event.agent_id != holder:
            given.append(event.agent_id)
        holder = taken.call.agent_id if taken.call.ended_at is None else None
    return given


TO_AGENT: list[ev.CallEvent] = [
    ev.Rang(at(1)),
    ev.Answered(at(5)),
    ev.RecordingStarted(at(5)),
    ev.AgentReserved(at(5.1), AGENT),
]
TO_TALK: list[ev.CallEvent] = [*TO_AGENT, ev.Bridged(at(5.2))]
ABANDONED: list[ev.CallEvent] = [ev.Answered(at(5)), ev.WaitExpired(at(7))]
WAITING: list[ev.CallEvent] = [ev.Answered(at(5)), ev.AgentReserved(at(5), AGENT)]

#: Any events, often after a beginning that leads somewhere.
lives = st.builds(
    list.__add__,
    st.sampled_from([[], TO_AGENT, TO_TALK, WAITING, ABANDONED]),
    st.lists(call_events, max_size=25),
)
