"""The exact optimum, against every policy of tiny floors and against known values."""

from itertools import pairwise, product

import numpy as np
import pytest

from dialer.simulator.pacing_lab.exponential_chain import Chain, ExponentialWorld
from dialer.simulator.pacing_lab.optimum import exact_optimum
from dialer.simulator.pacing_lab.queueing import blind_utilisation

TARGET = 0.03


def long_run(
    world: ExponentialWorld, waiting: int, policy: tuple[tuple[int, ...], ...]
) -> tuple[float, float]:
    """Return busy agents and abandoned people a second, by simple means: one dense matrix."""
    lines = len(policy[0])
    rate = np.zeros((len(policy) * lines, len(policy) * lines))
    busy, lost = np.zeros(len(rate)), np.zeros(len(rate))

    def move(start: int, row: int, calls: int, per_s: float) -> None:
        rate[start, row * lines + policy[row][calls]] += per_s

    move((len(policy) - 1) * lines, len(policy) - 1, 0, 1.0)  # else it would stand still
    for row, calls in product(range(len(policy)), range(lines)):
        state, free = row * lines + calls, row - waiting
        queue = max(0, -free)
        busy[state] = world.agents - max(0, free)
        lost[state] = queue / world.patience_s
        if row + 1 < len(policy):
            leave_per_s = busy[state] / world.service_s + queue / world.patience_s
            move(state, row + 1, calls, leave_per_s)
        answer_per_s = calls * world.answer_rate / world.ring_s
        if row == 0:
            lost[state] += answer_per_s
        if calls:
            move(state, max(0, row - 1), calls - 1, answer_per_s)
            move(state, row, calls - 1, calls / world.ring_s - answer_per_s)
    generator = rate - np.diag(rate.sum(axis=1))
    generator = np.vstack([generator.T, np.ones(len(rate))])
    ones = np.zeros(len(rate) + 1)
    ones[-1] = 1.0
    share = np.linalg.lstsq(generator, ones, rcond=None)[0]
    return float(share @ busy), float(share @ lost)


def every_policy(rows: int, lines: int) -> list[tuple[tuple[int, ...], ...]]:
    """Return every way to add calls or not in each state, but for a floor that stands still."""
    row = [
        held
        for held in product(range(lines + 1), repeat=lines + 1)
        if all(after >= calls and held[after] == after for calls, after in enumerate(held))
    ]
    return [policy for policy in product(row, repeat=rows) if policy[-1][0] > 0]


def best_mixture(world: ExponentialWorld, waiting: int, lines: int) -> float:
    """Return the highest utilisation of any policy, or of two that take turns, at the target."""
    found = [
        long_run(world, waiting, policy)
        for policy in every_policy(world.agents + waiting + 1, lines)
    ]
    excess = [(1 - TARGET) * lost - TARGET * busy / world.service_s for busy, lost in found]
    careful = [(f, u) for f, (u, _) in zip(excess, found, strict=True) if f <= 0]
    bold = [(f, u) for f, (u, _) in zip(excess, found, strict=True) if f > 0]
    turns = [u + (v - u) * -f / (g - f) for (f, u), (g, v) in product(careful, bold)]
    return max([*turns, *(u for _, u in careful)]) / world.agents


@pytest.mark.parametrize(
    ("world", "waiting", "lines"),
    [
        (ExponentialWorld(1, 0.5, 20.0), 1, 3),
        (ExponentialWorld(2, 0.8, 60.0), 0, 3),
        (ExponentialWorld(2, 0.3, 30.0, patience_s=20.0), 1, 2),
    ],
)
def test_no_policy_at_all_is_better(world: ExponentialWorld, waiting: int, lines: int) -> None:
    best = exact_optimum(world, TARGET, most_waiting=waiting, most_ringing=lines)
    assert best.utilisation == pytest.approx(best_mixture(world, waiting, lines), abs=1e-7)


@pytest.mark.parametrize(
    ("agents", "answer_rate", "service_s", "known"),
    [
        (5, 0.1, 75.0, 69.8),
        (5, 0.5, 75.0, 80.1),
        (10, 0.25, 75.0, 81.4),
        (10, 0.5, 195.0, 91.1),
        (25, 0.25, 75.0, 89.4),
        (25, 0.5, 195.0, 93.4),
    ],
)
def test_known_optima(agents: int, answer_rate: float, service_s: float, known: float) -> None:
    best = exact_optimum(ExponentialWorld(agents, answer_rate, service_s))
    assert 100 * best.utilisation == pytest.approx(known, abs=0.1)
    assert best.abandoned_share == pytest.approx(TARGET, abs=1e-9)


def test_the_two_policies_reach_what_is_promised() -> None:
    world = ExponentialWorld(4, 0.3, 75.0)
    best = exact_optimum(world, most_waiting=3, most_ringing=20)
    busy = lost = 0.0
    for levels, share in ((best.careful, 1 - best.bold_share), (best.bold, best.bold_share)):
        policy = tuple(tuple(max(level, calls) for calls in range(21)) for level in levels)
        part = long_run(world, best.most_waiting, policy)
        busy, lost = busy + share * part[0], lost + share * part[1]
    assert busy / world.agents == pytest.approx(best.utilisation, abs=1e-7)
    assert lost / (lost + busy / world.service_s) == pytest.approx(TARGET, abs=1e-6)


def test_calls_rise_faster_than_free_agents() -> None:
    best = exact_optimum(ExponentialWorld(5, 0.25, 75.0))
    steps = [after - before for before, after in pairwise(best.careful[best.most_waiting :])]
    assert min(steps) >= 1
    assert max(steps) >= 3


def test_seeing_beats_not_seeing_and_a_higher_ceiling_helps() -> None:
    world = ExponentialWorld(5, 0.25, 75.0)
    by_target = [exact_optimum(world, target).utilisation for target in (0.01, 0.03, 0.06)]
    assert by_target == sorted(set(by_target))
    assert by_target[1] > blind_utilisation(5, 75.0) + 0.3


def test_the_queue_and_the_lines_are_long_enough() -> None:
    world = ExponentialWorld(10, 0.25, 75.0)
    usual = exact_optimum(world).utilisation
    larger = exact_optimum(world, most_waiting=9, most_ringing=70).utilisation
    assert usual == pytest.approx(larger, abs=1e-5)


def test_a_ceiling_that_does_not_bind_costs_nothing() -> None:
    best = exact_optimum(ExponentialWorld(2, 0.05, 20.0), 0.5, most_ringing=2)
    assert best.price == 0.0
    assert best.abandoned_share < 0.5
    # With the queue full a call makes no difference: answered now it is lost, and placed again.
    assert best.careful[1:] == best.bold[1:] == (2,) * (2 + best.most_waiting)


def test_progressive_abandons_nobody() -> None:
    chain = Chain(ExponentialWorld(5, 0.25, 75.0), TARGET, 3, 10)
    assert chain.evaluate(chain.progressive()).lost_per_s == pytest.approx(0.0, abs=1e-12)


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="answer rate"):
        ExponentialWorld(5, 0.0, 75.0)
    with pytest.raises(ValueError, match="durations"):
        ExponentialWorld(5, 0.5, 75.0, ring_s=0.0)
    with pytest.raises(ValueError, match="abandoned share"):
        exact_optimum(ExponentialWorld(5, 0.5, 75.0), 0.0)
    with pytest.raises(ValueError, match="a line for each agent"):
        exact_optimum(ExponentialWorld(5, 0.5, 75.0), most_ringing=4)
