"""The queue with impatient people, against closed forms and against itself."""

from math import exp, factorial

import pytest

from dialer.simulator.pacing_lab.queueing import blind_utilisation, impatient_queue


def erlang_b(agents: int, offered: float) -> float:
    terms = [offered**k / factorial(k) for k in range(agents + 1)]
    return terms[-1] / sum(terms)


@pytest.mark.parametrize(("agents", "offered"), [(1, 0.5), (5, 4.0), (20, 25.0)])
def test_nobody_waits_without_patience_which_is_erlang_b(agents: int, offered: float) -> None:
    shares = impatient_queue(agents, offered / 60.0, 60.0, patience_s=1e-7)
    assert shares.abandoned_share == pytest.approx(erlang_b(agents, offered), rel=1e-5)


def test_one_agent_as_patient_as_served_is_a_poisson_count() -> None:
    # Everybody leaves at the same rate whether served or not: the people present are Poisson.
    shares = impatient_queue(1, 2.0 / 30.0, 30.0, patience_s=30.0)
    assert shares.utilisation == pytest.approx(1.0 - exp(-2.0))


@pytest.mark.parametrize("agents", [1, 7, 300])
def test_who_is_not_abandoned_is_served(agents: int) -> None:
    arrivals_per_s = 0.9 * agents / 75.0
    shares = impatient_queue(agents, arrivals_per_s, 75.0)
    served_per_s = arrivals_per_s * (1.0 - shares.abandoned_share)
    assert shares.utilisation == pytest.approx(served_per_s * 75.0 / agents, rel=1e-9)


@pytest.mark.parametrize("target_rate", [0.01, 0.03, 0.5])
def test_the_utilisation_is_the_one_at_the_target(target_rate: float) -> None:
    utilisation = blind_utilisation(10, 75.0, target_rate=target_rate)
    arrivals_per_s = utilisation * 10 / 75.0 / (1.0 - target_rate)
    shares = impatient_queue(10, arrivals_per_s, 75.0)
    assert shares.abandoned_share == pytest.approx(target_rate, rel=1e-6)


def test_more_agents_and_more_patience_help() -> None:
    by_agents = [blind_utilisation(agents, 75.0) for agents in (1, 5, 25, 100)]
    assert by_agents == sorted(by_agents)
    assert blind_utilisation(5, 75.0, patience_s=10.0) > blind_utilisation(5, 75.0, patience_s=2.0)


@pytest.mark.parametrize(
    "wrong", [(0, 0.1, 75.0, 2.0), (5, 0.0, 75.0, 2.0), (5, 0.1, 0.0, 2.0), (5, 0.1, 75.0, 0.0)]
)
def test_impossible_queues_are_refused(wrong: tuple[int, float, float, float]) -> None:
    with pytest.raises(ValueError, match="a queue needs"):
        impatient_queue(*wrong)


@pytest.mark.parametrize("target_rate", [0.0, 1.0])
def test_impossible_targets_are_refused(target_rate: float) -> None:
    with pytest.raises(ValueError, match="abandoned share"):
        blind_utilisation(5, 75.0, target_rate=target_rate)
