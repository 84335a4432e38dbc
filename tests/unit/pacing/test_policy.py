"""Contradictory pacing settings are refused with the reason."""

from typing import Any

import pytest

from dialer.pacing.policy import (
    BudgetWindow,
    ContradictorySettings,
    PacingMode,
    PredictivePolicy,
)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"target_rate": 0.05}, "target"),
        ({"ceiling": 0.0, "target_rate": 0.0}, "ceiling"),
        ({"mode": PacingMode.POWER, "dial_ratio": 3.0, "max_ratio": 2.0}, "below the dial ratio"),
        ({"max_ratio": 0.5}, "highest ratio"),
        ({"dial_ratio": 0.5}, "without calls"),
        ({"detection_s": 3.0}, "longer than people wait"),
        ({"least_ring_s": 30.0}, "before the least ringing time"),
        ({"burst_ceiling": 0.01}, "half hour"),
        ({"target_occupancy": 1.5}, "occupancy"),
        ({"audit_share": 0.0}, "audits"),
        ({"credit_s": -1.0}, "credit"),
        ({"least_agents": -1}, "agents"),
    ],
)
def test_what_cannot_be_meant_is_refused(settings: dict[str, Any], reason: str) -> None:
    with pytest.raises(ContradictorySettings, match=reason):
        PredictivePolicy(**settings)


@pytest.mark.parametrize("window", [{"length_s": 0.0}, {"since_s": 10.0, "ends_at_s": 5.0}])
def test_a_window_has_a_length(window: dict[str, float]) -> None:
    with pytest.raises(ContradictorySettings):
        BudgetWindow(**window)


def test_the_defaults_are_no_contradiction() -> None:
    assert PredictivePolicy().target_rate < PredictivePolicy().ceiling
