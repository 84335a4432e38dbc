"""What a ceiling on every half hour costs: the bound agrees with what is known of its ends."""

import numpy as np
import pytest

from bench.pacing_half_hours import best_with, bound
from bench.pacing_judging import usual
from dialer.simulator.pacing_lab.exponential_chain import ExponentialWorld
from dialer.simulator.pacing_lab.optimum import exact_optimum

WORLD = ExponentialWorld(agents=3, answer_rate=0.25, service_s=75.0)
PACES = np.geomspace(0.0002, 0.1, 60)
BUSY = 0.8 + 0.03 * np.log(PACES / 0.03)
ANSWERS_PER_S = np.full(60, 0.05)


def test_more_people_borne_is_never_worse_and_many_are_no_bound() -> None:
    best = [best_with(BUSY, ANSWERS_PER_S, most, 0.03) for most in (0, 1, 2, 4, 8, 30)]
    assert best == sorted(best)
    assert best[0] == pytest.approx(
        BUSY[0]
    )  # nobody may be abandoned: as careful as the curve goes
    # 2.7 people in a half hour on average: eight are hardly a bound, thirty none at all.
    assert best[4] == pytest.approx(0.8, abs=0.002)
    assert best[5] == pytest.approx(0.8, abs=0.0005)  # concave: one pace all the time is best


def test_one_person_in_a_half_hour_is_the_erlang_loss_with_one_server() -> None:
    """Busy only depends on the pace with nobody abandoned yet, and the ceiling does not bind."""
    found = best_with(BUSY, ANSWERS_PER_S, 1, 0.03)
    load = ANSWERS_PER_S * PACES * 1800
    by_hand = (BUSY + load * BUSY[0]) / (1 + load)
    assert found == pytest.approx(by_hand.max(), abs=1e-6)


def test_the_bound_lies_below_the_optimum() -> None:
    found = bound(WORLD, 0.03, 0.06)
    assert found.most == int(0.06 * found.answers) > 0
    assert found.one_less <= found.utilisation <= exact_optimum(WORLD).utilisation + 1e-3


def test_a_floor_with_fewer_agents_is_compared_with_so_many() -> None:
    plain = {5: {"utilisation": 0.70}, 10: {"utilisation": 0.80}, 20: {"utilisation": 0.88}}
    assert usual(plain, 10) == pytest.approx(0.80)
    assert usual(plain, 5 * 2**0.5) == pytest.approx(0.75)
    assert usual(plain, 10 * 2**0.5) == pytest.approx(0.84)
    assert usual(plain, 4.4) < 0.70
    assert usual({5: {"utilisation": 0.7}}, 4.4) == 0.7
