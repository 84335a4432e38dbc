import numpy as np
import pytest

from dialer.simulator.pacing_lab.agents import Doing
from dialer.simulator.pacing_lab.figures import measure, together, worst_window
from dialer.simulator.pacing_lab.ledger import Ledger


def test_time_is_booked_in_its_minutes_and_not_beyond_the_day() -> None:
    ledger = Ledger(180.0)
    ledger.spend(Doing.TALKING, 30.0, 150.0)
    ledger.spend(Doing.WRAPPING, 150.0, 500.0)
    ledger.spend(Doing.PAUSED, 0.0, 30.0)
    ledger.spend(Doing.READY, 0.0, 10.0)
    assert ledger.talking[:4].tolist() == [30, 60, 30, 0]
    assert ledger.wrapping[:4].tolist() == [0, 0, 30, 0]
    figures = measure([ledger])
    assert figures.utilisation == pytest.approx(150 / 160)
    assert figures.talk_share == pytest.approx(120 / 160)


def test_the_worst_window_may_begin_at_any_minute() -> None:
    answered, abandoned = np.full(90, 2.0), np.zeros(90)
    abandoned[20:40] = 1.0
    assert worst_window(answered, abandoned, 1) == pytest.approx(20 / 60)
    assert worst_window(answered, abandoned, 30) == pytest.approx(10 / 60)
    assert worst_window(answered[:20], abandoned[:20], 1) == 0.0


def test_seeds_are_added_and_the_worst_is_told() -> None:
    days = []
    for talked_s, lost in ((60.0, 1), (30.0, 3)):
        ledger = Ledger(60.0)
        ledger.spend(Doing.TALKING, 0.0, talked_s)
        ledger.spend(Doing.READY, talked_s, 60.0)
        for number in range(10):
            ledger.count(ledger.answered, 1.0)
            if number < lost:
                ledger.count(ledger.abandoned, 1.0)
        days.append(measure([ledger]))
    found = together(days)
    assert found["utilisation"] == pytest.approx(0.75)
    assert found["worst_seed_utilisation"] == pytest.approx(0.5)
    assert found["abandoned_share"] == pytest.approx(0.2)
    assert found["worst_seed_abandoned_share"] == pytest.approx(0.3)
    assert (found["answered"], found["abandoned"]) == (20, 4)
