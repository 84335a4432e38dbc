"""Silence, the trial after it, and the rate that may be back at any moment."""

import pytest

from dialer.pacing.silence import Silence


def quiet(silence: Silence, seconds: int, exposure: float) -> None:
    """Let seconds pass with this exposure in each."""
    for _ in range(seconds):
        silence.exposed(exposure)
        silence.step(1.0, 0.001)


def silenced() -> Silence:
    """After ten minutes in which nobody answered where a quarter of the people did."""
    silence = Silence(0.25, known=True)
    silence.answered(0.25)
    quiet(silence, 600, 1.0)
    return silence


def test_ten_answers_that_should_have_come_make_a_silence() -> None:
    silence = Silence(0.25, known=True)
    silence.answered(0.25)
    quiet(silence, 39, 1.0)
    assert silence.over
    quiet(silence, 2, 1.0)
    assert silence.silent


def test_many_calls_at_once_that_have_not_rung_long_are_none() -> None:
    silence = Silence(0.25, known=True)
    silence.answered(0.25)
    quiet(silence, 20, 50.0)
    assert silence.over


def test_the_usual_rate_outlasts_a_silence_and_falls_slowly_otherwise() -> None:
    assert silenced().usual > 0.2
    silence = Silence(0.25, known=True)
    for _ in range(1200):
        silence.answered(0.05)
        silence.step(1.0, 0.05)
    assert silence.usual == pytest.approx(0.05 + 0.2 / 2.718, abs=0.01)
    silence.step(1.0, 0.4)
    assert silence.usual == 0.4


def test_a_trial_tells_the_new_rate_by_answers_and_time() -> None:
    silence = silenced()
    assert silence.answered(0.002) is None
    assert silence.on_trial
    assert all(silence.answered(0.002) is None for _ in range(6))  # too soon
    quiet(silence, 24, 1.0)
    told = silence.answered(0.002)
    assert silence.over
    assert told is not None
    answers, exposure = told
    assert answers / exposure == pytest.approx(9 / (24 + 2 / silence.usual))
