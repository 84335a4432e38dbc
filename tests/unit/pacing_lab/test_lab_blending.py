from typing import Any

import pytest

from dialer.simulator.pacing_lab.agents import Agent, lacking
from dialer.simulator.pacing_lab.figures import Day
from dialer.simulator.pacing_lab.loans import Loans
from dialer.simulator.pacing_lab.people import Dial
from dialer.simulator.pacing_lab.running import run_day
from dialer.simulator.pacing_lab.scenario import Scenario
from dialer.simulator.pacing_lab.side import Side
from tests.pacing_lab import PerAgent, day


def shared(ratio: float = 1.0, seed: int = 1, **keys: Any) -> Day:
    """A day of campaigns that share twelve agents."""
    scenario: Scenario = day(**{"agents": 12, **keys})
    return run_day(scenario, lambda _scenario, _campaign, _former: PerAgent(ratio), seed)


def test_agents_are_shared_by_weight() -> None:
    found = shared(campaigns=[{"name": "a", "weight": 3}, {"name": "b", "weight": 1}])
    hours = {name: one.agent_hours for name, one in found.campaigns.items()}
    assert sum(hours.values()) == pytest.approx(12)
    assert hours["a"] == pytest.approx(9, abs=0.3)


def test_the_sum_of_the_campaigns_is_the_total() -> None:
    found = shared(2.0, campaigns=[{"name": "a"}, {"name": "b", "answer_rate": 0.5}])
    for name in ("dials", "answered", "abandoned", "agent_hours", "decisions"):
        parts = [getattr(one, name) for one in found.campaigns.values()]
        assert sum(parts) == pytest.approx(getattr(found.total, name)), name


def test_agents_of_a_campaign_without_leads_go_to_the_other_one() -> None:
    found = shared(campaigns=[{"name": "a", "list_size": 20}, {"name": "b"}])
    assert found.campaigns["a"].agent_hours < 2
    assert found.campaigns["b"].agent_hours > 10


def test_a_campaign_that_begins_later_gets_its_agents_then() -> None:
    found = shared(campaigns=[{"name": "a"}, {"name": "b", "from_h": 0.5}])
    assert found.campaigns["b"].dials > 0
    assert found.campaigns["b"].agent_hours == pytest.approx(3, abs=0.5)
    assert sum(found.series["b"].dials[:29]) == 0


def test_lending_spares_people() -> None:
    two = [{"name": "a"}, {"name": "b"}]
    lost = {
        lending: sum(
            shared(3.0, seed, campaigns=two, lending=lending, agents=6).total.abandoned
            for seed in range(4)
        )
        for lending in (True, False)
    }
    assert lost[True] < 0.8 * lost[False]


def test_favours_are_lent_and_must_be_returned() -> None:
    campaigns = day(campaigns=[{"name": "a"}, {"name": "b"}]).campaigns
    a, b = (Side(number, one, PerAgent(), 60.0, 1) for number, one in enumerate(campaigns))
    loans = Loans()
    assert loans.lender(b, (a, b)) is None, "nobody is ready"
    a.ready.append(Agent(0, day(), 1))
    for _ in range(3):
        assert loans.lender(b, (a, b)) is a
        loans.lent(a, b)
    assert loans.lender(b, (a, b)) is None, "enough is owed"
    b.let_wait(Dial(0, 0, 0.0), 0.0)
    assert loans.longest_waiting(a, (a, b)) is None
    loans.lent(b, a)
    assert loans.lender(b, (a, b)) is a
    assert loans.longest_waiting(a, (a, b)) is b
    a.reserved = 1
    assert loans.lender(b, (a, b)) is None, "kept for a callback"


def test_who_lacks_most_gets_the_next_agent() -> None:
    assert lacking([1, 1], [3, 2], [0, 1]) == 1
    assert lacking([3, 1], [3, 1], [0, 1]) == 0
    assert lacking([3, 1], [5, 1], [0, 1]) == 1
    assert lacking([1, 9], [7, 0], [0]) == 0
    assert lacking([1, 9], [0, 0], []) == 1
