"""Which campaign an agent works for who is signed in to several: by weight, among those with work.

Pure: who is there and how many each campaign can use in, who goes where out. Each agent works for one
campaign at a time, so that the pacing of each counts its own agents only.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

#: More agents than any campaign has: the room of one whose leads nobody has counted.
MANY = 1_000_000
#: An agent changes campaigns only where that mends an imbalance of more than so many agents: after such a
#: move the way back would need the same again, so nobody goes to and fro.
_HYSTERESIS = 1.0
_TINY = 1e-9
#: Rounds in which the shares of campaigns with little room are passed on to the others.
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class SharedAgent:
    """An agent of several campaigns, at work."""

    campaign: UUID  #: works for this one now; it may be none of ``weights`` any more
    weights: Mapping[UUID, float]  #: by campaign, above 0


def shares(agents: Iterable[SharedAgent], rooms: Mapping[UUID, int]) -> dict[UUID, float]:
    """Return how many of the agents each campaign should have, as fractions of agents.

    Each agent is divided by weight among its campaigns that can use somebody. What is more than a
    campaign's room goes to the others, by weight again; where nobody has room it stays with those that
    had some. An agent none of whose campaigns has room counts nowhere.

    Args:
        agents: Those who are shared.
        rooms: By campaign, how many shared agents it can use; 0 or not there: none.
    """
    kinds = Counter(tuple(agent.weights.items()) for agent in agents)
    scale = {campaign: 1.0 for campaign, room in rooms.items() if room > 0}
    due: dict[UUID, float] = {}
    for _ in range(_ROUNDS):
        due = dict.fromkeys(scale, 0.0)
        for weights, count in kinds.items():
            parts = {one: weight * scale[one] for one, weight in weights if one in scale}
            whole = sum(parts.values())
            for one, part in parts.items() if whole > 0 else ():
                due[one] += count * part / whole
        over = {one: rooms[one] / part for one, part in due.items() if part > rooms[one] + _TINY}
        if not over or len(over) == len(due):
            break
        for one, factor in over.items():
            scale[one] *= factor
    return due


def moves(
    agents: Sequence[SharedAgent], rooms: Mapping[UUID, int], free: Iterable[int]
) -> list[tuple[int, UUID]]:
    """Return which of the free agents change campaigns, and to which.

    Args:
        agents: All shared agents at work.
        rooms: By campaign, how many shared agents it can use; 0: it has nothing to dial. One that is not
            there cannot take anybody.
        free: Positions in ``agents`` of those who may change now, the first choice first.
    """
    due = shares(agents, rooms)
    assigned = Counter(agent.campaign for agent in agents)
    found = []
    for number in free:
        agent = agents[number]
        target = _destination(agent, due, assigned, rooms)
        if target is not None:
            found.append((number, target))
            assigned[agent.campaign] -= 1
            assigned[target] += 1
    return found


def _destination(
    agent: SharedAgent,
    due: Mapping[UUID, float],
    assigned: Mapping[UUID, int],
    rooms: Mapping[UUID, int],
) -> UUID | None:
    """Return the campaign that lacks agents most, if this one should go there."""
    here = agent.campaign
    belongs = here in agent.weights
    others = [one for one in agent.weights if one != here and one in rooms]
    candidates = [one for one in others if assigned[one] < rooms[one]]
    if not candidates:
        return None if belongs else max(others, key=lambda one: agent.weights[one], default=None)

    def lack(campaign: UUID) -> float:
        return due.get(campaign, 0.0) - assigned[campaign]

    best = max(candidates, key=lambda one: (lack(one), agent.weights[one], one.int))
    if not belongs or rooms.get(here, 0) == 0:
        return best
    mends = lack(best) > _TINY and lack(best) - lack(here) > _HYSTERESIS + _TINY
    return best if mends else None
