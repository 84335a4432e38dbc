"""The rule that shares agents among campaigns: by weight, never to one without work, never to and fro."""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from dialer.pacing.blending import MANY, SharedAgent, moves, shares

SPRING, AUTUMN, WINTER, OTHER = (UUID(int=n) for n in range(1, 5))
TWO_TO_ONE = {SPRING: 2.0, AUTUMN: 1.0}


def _at(campaign: UUID, count: int, weights: Mapping[UUID, float]) -> list[SharedAgent]:
    return [SharedAgent(campaign, weights) for _ in range(count)]


def _settle(agents: list[SharedAgent], rooms: Mapping[UUID, int]) -> tuple[Counter[UUID], int]:
    """Let everybody be free again and again until nobody moves; return who is where, and the moves."""
    made = 0
    while found := moves(agents, rooms, range(len(agents))):
        for number, target in found:
            agents[number] = SharedAgent(target, agents[number].weights)
        made += len(found)
        assert made <= 10 * len(agents), "agents go to and fro"
    return Counter(agent.campaign for agent in agents), made


def test_two_to_one() -> None:
    where, made = _settle(_at(SPRING, 6, TWO_TO_ONE), {SPRING: MANY, AUTUMN: MANY})
    assert where == {SPRING: 4, AUTUMN: 2}
    assert made == 2


def test_an_imbalance_of_less_than_an_agent_moves_nobody() -> None:
    agents = [*_at(SPRING, 3, TWO_TO_ONE), *_at(AUTUMN, 2, TWO_TO_ONE)]
    assert moves(agents, {SPRING: MANY, AUTUMN: MANY}, range(5)) == []


def test_all_leave_a_campaign_without_work_and_return() -> None:
    agents = [*_at(SPRING, 4, TWO_TO_ONE), *_at(AUTUMN, 2, TWO_TO_ONE)]
    assert _settle(agents, {SPRING: 0, AUTUMN: MANY})[0] == {AUTUMN: 6}
    assert _settle(agents, {SPRING: MANY, AUTUMN: MANY})[0] == {SPRING: 4, AUTUMN: 2}


def test_where_nobody_has_work_everybody_stays() -> None:
    agents = [*_at(SPRING, 4, TWO_TO_ONE), *_at(AUTUMN, 2, TWO_TO_ONE)]
    assert moves(agents, {SPRING: 0, AUTUMN: 0}, range(6)) == []
    assert moves(agents, {}, range(6)) == []


def test_a_campaign_with_its_last_leads_gets_no_more_than_it_can_use() -> None:
    weights = {SPRING: 1.0, AUTUMN: 1.0}
    rooms = {SPRING: 2, AUTUMN: MANY}
    assert _settle(_at(SPRING, 10, weights), rooms)[0] == {SPRING: 2, AUTUMN: 8}
    assert _settle(_at(AUTUMN, 10, weights), rooms)[0] == {SPRING: 2, AUTUMN: 8}


def test_more_agents_than_anybody_can_use_stay() -> None:
    weights = {SPRING: 1.0, AUTUMN: 1.0}
    where, made = _settle(_at(SPRING, 10, weights), {SPRING: 2, AUTUMN: 3})
    assert (where, made) == ({SPRING: 7, AUTUMN: 3}, 3)


def test_whom_a_campaign_was_taken_from_leaves_it() -> None:
    """Even where no other has work: it is not theirs any more."""
    agents = [SharedAgent(SPRING, {AUTUMN: 1.0, WINTER: 3.0})]
    assert moves(agents, {SPRING: MANY, AUTUMN: MANY, WINTER: 0}, [0]) == [(0, AUTUMN)]
    assert moves(agents, {SPRING: MANY, AUTUMN: 0, WINTER: 0}, [0]) == [(0, WINTER)]
    assert moves(agents, {SPRING: MANY}, [0]) == []


def test_each_agents_own_weights_count() -> None:
    """Agents of several kinds: each is divided among its own campaigns."""
    agents = [*_at(SPRING, 3, TWO_TO_ONE), *_at(SPRING, 4, {SPRING: 1.0, WINTER: 1.0})]
    due = shares(agents, {SPRING: MANY, AUTUMN: MANY, WINTER: MANY})
    assert {one: round(part, 6) for one, part in due.items()} == {SPRING: 4, AUTUMN: 1, WINTER: 2}
    where, _ = _settle(agents, {SPRING: MANY, AUTUMN: MANY, WINTER: MANY})
    assert where == {SPRING: 4, AUTUMN: 1, WINTER: 2}


_WEIGHTS = st.dictionaries(
    st.sampled_from([SPRING, AUTUMN, WINTER, OTHER]), st.floats(0.1, 20), min_size=2
)
_CAMPAIGNS = [SPRING, AUTUMN, WINTER, OTHER]


@given(_WEIGHTS, st.integers(1, 40), st.data())
def test_in_the_long_run_each_has_its_share_within_one_agent(
    weights: dict[UUID, float], count: int, data: st.DataObject
) -> None:
    names = sorted(weights, key=str)
    agents = [SharedAgent(data.draw(st.sampled_from(names)), weights) for _ in range(count)]
    where, _ = _settle(agents, dict.fromkeys(names, MANY))
    total = sum(weights.values())
    for one in names:
        assert abs(where[one] - count * weights[one] / total) < 1 + 1e-6


@given(
    st.lists(st.tuples(st.sampled_from(_CAMPAIGNS), _WEIGHTS), min_size=1, max_size=15),
    st.dictionaries(st.sampled_from(_CAMPAIGNS), st.sampled_from([0, 1, 2, 5, MANY])),
)
def test_nobody_goes_where_there_is_no_work_or_to_and_fro(
    drawn: list[tuple[UUID, dict[UUID, float]]], rooms: dict[UUID, int]
) -> None:
    agents = [SharedAgent(campaign, weights) for campaign, weights in drawn]
    assigned = Counter(agent.campaign for agent in agents)
    for number, target in moves(agents, rooms, range(len(agents))):
        agent = agents[number]
        assert target in agent.weights
        assert target != agent.campaign
        if agent.campaign in agent.weights:
            assert assigned[target] < rooms[target]
        assigned[agent.campaign] -= 1
        assigned[target] += 1
    _settle(agents, rooms)


@given(
    st.lists(st.tuples(st.sampled_from(_CAMPAIGNS), _WEIGHTS), min_size=1, max_size=15),
    st.dictionaries(st.sampled_from(_CAMPAIGNS), st.sampled_from([0, 1, 2, 5, MANY]), min_size=1),
)
def test_nobody_idles_where_another_campaign_could_use_them(
    drawn: list[tuple[UUID, dict[UUID, float]]], rooms: dict[UUID, int]
) -> None:
    """Once all have moved, who sits without work has no campaign with room."""
    agents = [SharedAgent(campaign, weights) for campaign, weights in drawn]
    where, _ = _settle(agents, rooms)
    for agent in agents:
        if rooms.get(agent.campaign, 0) == 0:
            open_ones = [one for one in agent.weights if where[one] < rooms.get(one, 0)]
            assert open_ones == []
