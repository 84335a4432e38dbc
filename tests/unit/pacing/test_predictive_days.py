"""The controller through whole simulated hours: what it promises at the end of the window."""

from functools import cache

import pytest

from dialer.pacing.policy import BudgetWindow, PacingMode, PredictivePolicy
from dialer.pacing.predictive import Predictive
from dialer.simulator.pacing_lab.figures import Figures
from dialer.simulator.pacing_lab.running import run
from tests.pacing_lab import day

HOUR = BudgetWindow(ends_at_s=3600.0)


@cache
def hour(policy: PredictivePolicy, seed: int, agents: int, answer_rate: float = 0.25) -> Figures:
    """An hour with a controller that knows nothing; the same hour is simulated once."""
    scenario = day(agents=agents, answer_rate=answer_rate)
    return run(scenario, lambda: Predictive(policy), seed)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("window", [HOUR, BudgetWindow()])
def test_the_share_is_below_the_ceiling_when_the_window_ends(
    window: BudgetWindow, seed: int
) -> None:
    figures = hour(PredictivePolicy(window=window), seed, agents=10)
    assert figures.answered > 100
    assert figures.abandoned_share <= 0.03
    assert figures.refused_orders == 0


def test_it_keeps_agents_far_busier_than_progressive_dialling() -> None:
    predictive = hour(PredictivePolicy(window=HOUR), 4, agents=15)
    progressive = hour(PredictivePolicy(PacingMode.PROGRESSIVE), 4, agents=15)
    assert progressive.abandoned == 0
    assert predictive.utilisation > progressive.utilisation + 0.2


def test_a_target_occupancy_is_met_with_fewer_people_abandoned() -> None:
    eager = hour(PredictivePolicy(window=HOUR), 4, agents=15)
    content = hour(PredictivePolicy(window=HOUR, target_occupancy=0.7), 4, agents=15)
    assert content.utilisation == pytest.approx(0.7, abs=0.06)
    assert content.abandoned < eager.abandoned


def test_without_cancelling_it_cancels_nothing_and_still_keeps_the_ceiling() -> None:
    figures = hour(PredictivePolicy(window=HOUR, cancels=False), 6, agents=10)
    assert figures.cancelled == 0
    assert figures.abandoned_share <= 0.03
