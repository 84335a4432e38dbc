"""What the floor is like at an instant, for pacing: asked at every event, so in one pass each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from dialer.agent.states import Agent, AgentState
from dialer.call.states import Call, CallState
from dialer.pacing.facts import RingingCall, WaitingPerson
from workers.dialing.floor import Floor

#: Of a call that nobody has answered yet.
UNANSWERED = (CallState.DIALING, CallState.RINGING)
#: Of an agent who has a person already, is about to, or has just had one.
_AT_WORK = (AgentState.ON_CALL, AgentState.WRAP_UP, AgentState.RESERVED)


@dataclass(slots=True)
class Staff:
    """What the agents do now. Instants are seconds as pacing counts them."""

    ready: int = 0
    leaving: int = 0  #: talking or wrapping up, and taking no further call
    talking_since_s: list[float] = field(default_factory=list)
    wrapping_since_s: list[float] = field(default_factory=list)
    kept: set[UUID] = field(default_factory=set)  #: calls that an agent is kept for


def staff_of(floor: Floor, since_s: Callable[[Agent], float]) -> Staff:
    """Sum the agents up; ``since_s`` tells when an agent's state began."""
    staff = Staff()
    talking, wrapping = staff.talking_since_s, staff.wrapping_since_s
    for desk in floor.desks.values():
        if desk.held_for is not None:
            staff.kept.add(desk.held_for)
        agent = desk.agent
        state = agent.state
        if state is AgentState.READY:
            staff.ready += desk.takes_any_call()
        elif state in _AT_WORK:
            if agent.wants is not AgentState.READY:
                staff.leaving += 1
                continue
            (wrapping if state is AgentState.WRAP_UP else talking).append(since_s(agent))
    return staff


def underway(
    floor: Floor,
    sent: Mapping[UUID, RingingCall],
    kept: set[UUID],
    adopt: Callable[[UUID, int], None],
    at_s: Callable[[datetime], float],
) -> tuple[list[RingingCall], list[WaitingPerson]]:
    """Return the calls that nobody has answered yet, as they were placed, and the people waiting.

    Args:
        floor: whose calls.
        sent: what is known of the calls on their way.
        kept: calls that an agent is kept for: they are not paced.
        adopt: puts a call that an earlier owner left, by id and segment, into ``sent``.
        at_s: an instant on the scale of the calls' placing.
    """
    ringing: list[RingingCall] = []
    waiting: list[WaitingPerson] = []
    # Both are in the order of placing, and a UUID is slow to hash: look-ups only where they differ.
    names, known_calls = list(sent), list(sent.values())
    at, count = 0, len(names)
    for call_id, call in floor.calls.items():
        if call.state in UNANSWERED:
            if at < count and names[at] is call_id:
                known = known_calls[at]
                at += 1
            else:
                if call_id not in sent:  # nobody knows when it began
                    adopt(call_id, 0)
                known = sent[call_id]
            if call.cancel_reason is None and not (kept and call_id in kept):
                ringing.append(known)
        elif call.state is CallState.WAITING and _waits_for_anybody(call) and call.answered_at:
            waiting.append(WaitingPerson(call_id.hex, at_s(call.answered_at)))
    return ringing, waiting


def _waits_for_anybody(call: Call) -> bool:
    return call.agent_id is None and call.cancel_reason is None
