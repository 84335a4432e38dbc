"""The adaptive dial level: how it moves, and what it does over its drop limit."""

from dataclasses import replace

import pytest

from dialer.pacing.facts import Abandoned, Answered, PacingFacts, RingingCall, WaitingPerson
from dialer.simulator.pacing_lab.vicidial import AdaptiveMode, VicidialAdaptive, VicidialPolicy


def facts(
    at_s: float = 0.0, ready: int = 0, ringing: int = 0, waiting: int = 0, talking: int = 0
) -> PacingFacts:
    return PacingFacts(
        at_s=at_s,
        ready=ready,
        talking_since_s=[at_s - 10.0] * talking,
        wrapping_since_s=[],
        ringing=[RingingCall(number, at_s) for number in range(ringing)],
        waiting=[WaitingPerson(number, at_s) for number in range(waiting)],
        free_channels=1000,
        calls_allowed=1000,
        leads_due=1000,
    )


def level_after(
    policy: VicidialPolicy, seconds: int, now: PacingFacts, answers: int = 0, drops: int = 0
) -> float:
    """Return the level after some seconds; people answer and are dropped in the first."""
    rival = VicidialAdaptive(policy)
    for at_s in range(seconds + 1):
        rival.decide(replace(now, at_s=float(at_s)))
        if at_s == 0:
            for _ in range(answers):
                rival.observe(Answered(0, 0.0, 5.0))
            for _ in range(drops):
                rival.observe(Abandoned(0, 0.0))
    return rival.level


HALF_FREE = facts(ready=5, talking=5)


def test_the_level_follows_the_share_of_ready_agents() -> None:
    policy = VicidialPolicy()
    assert level_after(policy, 14, HALF_FREE) == 1.0
    assert level_after(policy, 15, HALF_FREE) == 1.5
    assert level_after(policy, 30, HALF_FREE) == 2.25
    assert level_after(policy, 90, HALF_FREE) == 3.0
    assert level_after(policy, 90, facts(talking=5, waiting=5)) == 1.0


@pytest.mark.parametrize(
    ("policy", "level"),
    [
        (VicidialPolicy(intensity=0.4), 1.7),
        (VicidialPolicy(target_difference=-3.0), 1.2),
        (VicidialPolicy(max_level=1.25), 1.25),
    ],
)
def test_settings_change_the_step(policy: VicidialPolicy, level: float) -> None:
    assert level_after(policy, 15, HALF_FREE) == pytest.approx(level)


@pytest.mark.parametrize(
    ("mode", "level"),
    [
        (AdaptiveMode.HARD_LIMIT, 1.0),
        (AdaptiveMode.AVERAGE, 1.5),
        (AdaptiveMode.TAPERED, 3.0 * (8 - 1 / 60) / 10),
    ],
)
def test_over_the_drop_limit(mode: AdaptiveMode, level: float) -> None:
    policy = VicidialPolicy(mode=mode)
    reached = level_after(policy, 60, HALF_FREE, answers=100, drops=4)
    assert reached == pytest.approx(level, abs=1e-3)
    assert level_after(policy, 60, HALF_FREE, answers=100, drops=3) == 3.0
    assert level_after(policy, 60, HALF_FREE, answers=50, drops=4) == 3.0  # too few calls yet
    assert level_after(policy, 59, HALF_FREE, answers=100, drops=4) > 2.0  # not counted yet


def test_a_tapered_day_that_is_over_keeps_to_one_call_each() -> None:
    policy = VicidialPolicy(day_s=30.0)
    assert level_after(policy, 60, HALF_FREE, answers=100, drops=4) == 1.0


def test_a_minute_with_half_dropped_halves_the_level() -> None:
    policy = VicidialPolicy(drop_limit=1.0)
    assert level_after(policy, 60, HALF_FREE, answers=30, drops=16) == 1.5
    assert level_after(policy, 60, HALF_FREE, answers=30, drops=15) == 3.0
    assert level_after(policy, 105, HALF_FREE, answers=30, drops=16) == 1.0
    assert level_after(policy, 135, HALF_FREE, answers=30, drops=16) == 2.25


@pytest.mark.parametrize(("available_only", "place"), [(True, 7), (False, 12)])
def test_lines_are_the_level_times_agents_less_what_exists(
    available_only: bool, place: int
) -> None:
    rival = VicidialAdaptive(VicidialPolicy(available_only=available_only))
    rival.level = 2.0
    assert rival.decide(facts(ready=5, talking=5, ringing=2, waiting=1)).place == place
    assert rival.decide(facts(at_s=2.4, ready=5)).place == 0
    assert rival.decide(facts(at_s=2.5, ready=5)).place == 10


def test_only_a_day_over_its_limit_is_odd() -> None:
    rival = VicidialAdaptive()
    rival.decide(facts(ready=1))
    for _ in range(100):
        rival.observe(Answered(0, 0.0, 5.0))
    for number in range(4):
        rival.observe(Abandoned(number, 0.0, false_positive=number == 3))
    assert rival.decide(facts(at_s=60.0, ready=1)).why.note == ""
    rival.observe(Abandoned(4, 61.0))
    assert rival.decide(facts(at_s=120.0, ready=1)).why.note == "over_drop_limit"


@pytest.mark.parametrize("wrong", [{"max_level": 0.5}, {"drop_limit": 3.0}, {"day_s": 0.0}])
def test_contradictory_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="adaptive level"):
        VicidialPolicy(**wrong)  # type: ignore[arg-type]
