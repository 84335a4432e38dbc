"""The pacing bench's own sums: a swing is found, noise is not taken for one."""

import numpy as np
import pytest

from bench.pacing_dynamics import autocorrelation, strongest_period
from bench.pacing_grid import AGENTS, cells
from bench.pacing_judging import judged
from dialer.simulator.pacing_lab.scenario import read


def test_a_swing_is_found_in_noise() -> None:
    at_s = np.arange(7200)
    noise = np.random.default_rng(1).normal(size=7200)
    swinging = 300 + 20 * np.sin(2 * np.pi * at_s / 40) + 10 * noise
    period_s, share = strongest_period(swinging)
    assert period_s == pytest.approx(40, abs=1)
    assert share > 0.4
    found = autocorrelation(swinging, 60)
    assert found[0] == pytest.approx(1)
    assert found[20] < -0.5 < 0.5 < found[40]


def test_noise_has_no_period() -> None:
    noise = np.random.default_rng(1).normal(size=7200)
    assert strongest_period(noise)[1] < 0.05
    assert np.abs(autocorrelation(noise, 60)[1:]).max() < 0.1


def test_every_cell_can_be_simulated_and_the_goals_belong_to_cells() -> None:
    all_cells = list(cells(AGENTS, quick=False))
    assert len({cell.name for cell in all_cells}) == len(all_cells) == 5 * (6 + 7)
    assert all(read(cell.raw()).name == cell.name for cell in all_cells)
    plain = [cell for cell in all_cells if cell.variation == "stationary"]
    assert sum(cell.goal is not None for cell in plain) == 15


def test_a_demand_that_is_not_kept_is_named() -> None:
    row = {
        **{"scenario": "x", "controller": "predictive", "agents": 5, "answer_rate": 0.25},
        **{"talk_s": 60, "variation": "stationary", "goal": 0.71, "utilisation": 0.70},
        **{"worst_seed_abandoned_share": 0.031, "worst_window_share": 0.05},
        "first_hour_utilisation": 0.69,
    }
    found = {one["asked"]: one for one in judged([row], [])}
    assert found["utilisation reaches the goal"]["failed"] == ["x"]
    assert found["at most 3.0% abandoned in every seed"]["worst"] == "3.10 (x)"
    assert found["at most 6% abandoned in every 30 minutes"]["kept"] == 1
    assert found["the first hour is at most 6 points below the whole day"]["kept"] == 1
