"""The controller through trouble: silence, lost trunks and false positives, and the way back."""

from functools import cache
from typing import Any

import pytest

from dialer.simulator.pacing_lab.controllers import maker
from dialer.simulator.pacing_lab.figures import WINDOW_MINUTES, Day
from dialer.simulator.pacing_lab.running import run_day
from tests.pacing_lab import day

CEILING, HALF_HOUR_CEILING = 0.03, 0.06
HOURS, FROM_H, TO_H = 1.6, 0.8, 1.2


def trouble(seed: int, **keys: Any) -> Day:
    """Twelve agents; a quarter of the people answer unless told."""
    return run_day(day(**{"agents": 12, "hours": HOURS, **keys}), maker("predictive"), seed)


def worst_half_hour(of: Day) -> float:
    """The highest share of any half hour since the trouble came: what was lost before is left out."""
    (course,) = of.series.values()
    shares = []
    for first in range(int(FROM_H * 60) + 1, len(course.answered) - WINDOW_MINUTES + 1):
        within = slice(first, first + WINDOW_MINUTES)
        shares.append(sum(course.abandoned[within]) / max(1, sum(course.answered[within])))
    return max(shares)


def lost_on_the_way_back(of: Day) -> int:
    """People abandoned in the five minutes after the trouble."""
    (course,) = of.series.values()
    back = int(TO_H * 60)
    return sum(course.abandoned[back : back + 5])


TROUBLES: dict[str, dict[str, Any]] = {
    "nobody answers": {
        "answer_rate": {
            "rate": 0.25,
            "turns": [{"at_h": FROM_H, "rate": 0.0}, {"at_h": TO_H, "rate": 0.25}],
        }
    },
    "calls fail": {"outages": [{"from_h": FROM_H, "to_h": TO_H, "kind": "fails"}]},
    "calls ring in vain": {"outages": [{"from_h": FROM_H, "to_h": TO_H, "kind": "silent"}]},
}


@cache
def troubled(name: str) -> Day:
    """The day with one of the troubles: the same one for every test."""
    return trouble(1, **TROUBLES[name])


@pytest.mark.parametrize("name", TROUBLES)
def test_when_answers_come_back_nobody_is_swamped(name: str) -> None:
    found = troubled(name)
    assert found.total.abandoned_share <= CEILING
    assert worst_half_hour(found) <= HALF_HOUR_CEILING
    assert lost_on_the_way_back(found) <= 3
    assert found.total.utilisation > 0.35


def test_a_trunk_that_fails_at_once_is_only_probed() -> None:
    found = troubled("calls fail")
    (course,) = found.series.values()
    down = course.dials[int(FROM_H * 60) + 2 : int(TO_H * 60) - 1]
    assert 0 < max(down) <= 40


def test_false_positives_that_few_audits_show_fit_into_the_budget() -> None:
    amd = {"false_positive": 0.02, "false_negative": 0.1, "audited": 0.3, "delay_s": 1.0}
    found = trouble(2, hours=3, machines=0.3, amd=amd)
    assert found.total.abandoned_share <= CEILING
    assert found.total.utilisation > 0.4
